"""Signature version 4, checked as AWS checks it, with botocore's own signer."""

import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from aiohttp import web
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.refusal import Refusal

ACCESS_KEY, SECRET_KEY = "000000000000", "sandbox"
SKEW = 15 * 60  # seconds that a caller's clock may be wrong
AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([\w-]+)/([\w-]+)/aws4_request, ?"
    r"SignedHeaders=([\w;-]+), ?Signature=([0-9a-f]{64})"
)


def signed_region(request: web.Request, body: bytes, service: str) -> str:
    """Return the Region that a call was signed for; raises a refusal unless it was signed with the sandbox's keys."""
    url = f"{request.scheme}://{request.headers.get('Host', '')}{request.raw_path}"
    return region_of(request.method, url, request.headers, body, service)


def region_of(method: str, url: str, headers: Mapping[str, str], body: bytes, service: str) -> str:
    """Do so for a request that somebody describes; names of `headers` must be found in any case."""
    header = headers.get("Authorization", "")
    if not header:
        raise Refusal("forbidden", "Missing Authentication Token", code="MissingAuthenticationTokenException")
    found = AUTHORIZATION.fullmatch(header)
    if not found:
        raise Refusal("unauthorized", "Authorization header is malformed", code="IncompleteSignatureException")
    key, day, region, scope, signed, signature = found.groups()
    if key != ACCESS_KEY:
        raise Refusal("unauthorized", "The security token included in the request is invalid.")
    if scope != service:
        raise _wrong(f"Credential should be scoped to correct service: '{service}'.")
    stamp = headers.get("X-Amz-Date", "")
    _check_age(stamp)
    if not stamp.startswith(day):
        raise _wrong("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.")
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, region)
    wanted = {name: headers.get(name, "") for name in signed.split(";")}
    again = AWSRequest(method, url, headers=wanted, data=body)
    again.context["timestamp"] = stamp
    expected = signer.signature(signer.string_to_sign(again, signer.canonical_request(again)), again)
    if not hmac.compare_digest(expected, signature):
        raise _wrong("The request signature we calculated does not match the signature you provided.")
    return region


def _check_age(stamp: str) -> None:
    try:
        age = (datetime.now(UTC) - datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)).total_seconds()
    except ValueError as exc:
        raise _wrong("Date must be in ISO-8601 'basic format'.") from exc
    if abs(age) > SKEW:
        raise _wrong(f"Signature expired: {stamp} is too far from the time of this server.")


def _wrong(message: str) -> Refusal:
    return Refusal("unauthorized", message, code="InvalidSignatureException")
