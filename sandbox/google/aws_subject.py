"""A subject token of AWS: a signed GetCallerIdentity request, which Google would send to AWS.

What it must have is said in the discovery document of the Security Token Service (`subjectToken`). The texts of
refusals are Google's where they have been seen; their code for a request that AWS refuses is our choice.
"""

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

from multidict import CIMultiDict

from sandbox.google.project import AWS_CALLER
from sandbox.identity_center.signature import region_of
from sandbox.refusal import Refusal

Json = dict[str, Any]
HOST = re.compile(r"sts(?:\.([a-z0-9-]+))?\.amazonaws\.com")
QUERY = "Action=GetCallerIdentity&Version=2011-06-15"
NEEDED = ("Authorization", "x-amz-date", "host", "x-goog-cloud-target-resource")


def check_subject(token: str, audience: str, account: str) -> None:
    """Raise a refusal unless AWS would say that a role of the account is calling, and it means this audience."""
    method, url, headers = _read(token)
    parts = urlsplit(url)
    host = HOST.fullmatch(parts.hostname or "")
    if parts.scheme != "https" or not host or parts.path not in {"", "/"} or parts.query != QUERY or method != "POST":
        raise _refused("The AWS request is not a POST of GetCallerIdentity to AWS STS")
    missing = [name for name in NEEDED if name not in headers]
    if missing:
        raise _refused(f"The AWS request has no header {', '.join(missing)}")
    if headers["host"] != parts.hostname:
        raise _refused("The host header of the AWS request is not that of its URL")
    if headers["x-goog-cloud-target-resource"].removeprefix("https:") != audience.removeprefix("https:"):
        raise _refused("The x-goog-cloud-target-resource header does not match the audience")
    _check_with_aws(method, url, headers, host[1] or "us-east-1")
    if AWS_CALLER.split(":")[4] != account:
        raise _refused("The AWS account of the caller does not match the account of the provider")


def _read(token: str) -> tuple[str, str, CIMultiDict[str]]:
    """Return method, URL and headers of the request that a token describes."""
    try:
        described: Any = json.loads(unquote(token))
        method, url = described["method"], described["url"]
        headers = CIMultiDict([(row["key"], row["value"]) for row in described["headers"]])
        urlsplit(url).hostname  # noqa: B018 # raises for what is no address
        if not all(isinstance(text, str) for text in (method, url, *headers, *headers.values())):
            raise TypeError
    except (AttributeError, LookupError, RecursionError, TypeError, ValueError) as exc:
        raise _refused("Invalid format of AWS credentials") from exc
    return method, url, headers


def _check_with_aws(method: str, url: str, headers: CIMultiDict[str], region: str) -> None:
    try:
        signed_for = region_of(method, url, headers, b"", "sts")
    except Refusal as exc:
        raise _refused_by_aws(exc.message) from exc
    signed = headers["Authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    if "host" not in signed or ("x-amz-security-token" in headers and "x-amz-security-token" not in signed):
        raise _refused_by_aws("'Host' or 'X-Amz-Security-Token' must be a 'SignedHeader' in the AWS Authorization.")
    if signed_for != region:
        raise _refused_by_aws(f"Credential should be scoped to a valid region: '{region}'.")


def _refused_by_aws(message: str) -> Refusal:
    return _refused(f"Received invalid AWS response of type ErrorResponse with error message: {message}")


def _refused(message: str) -> Refusal:
    return Refusal("bad_request", message, error="invalid_grant")
