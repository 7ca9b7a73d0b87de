"""The API behind "configurable AD sync" of IAM Identity Center, for which boto3 has no client.

AWS documents its actions and ARNs (service authorization reference, `identity-sync`), and not how to call
them. Paths and shapes are those of public code that does (globaldatanet/sso-setup-automation), except that of
GetSyncTarget, which follows from the others. Errors are raised as boto3's clients raise them, so that they
are translated like all of AWS's.
"""

import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal
from urllib.parse import quote, urlencode

import requests
from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.http.boto import Aws
from sso_sync.http.boto_watch import note_impatience
from sso_sync.http.causes import cause_of
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.http.session import TRANSIENT, Session
from sso_sync.http.sigv4 import SigV4

Json = dict[str, Any]
FilterType = Literal["GROUP", "USER"]
SERVICE = "identity-sync"
ENDPOINT_VARIABLE = "AWS_ENDPOINT_URL_IDENTITY_SYNC"  # named as AWS's SDKs name theirs
PROFILE = "SynchronizationToActiveDirectoryAwsSso"  # the one profile that IAM Identity Center looks at
TARGET = "IdentityStoreForSSO"
ABSENT, CONFLICT = "ResourceNotFoundException", "ConflictException"
PAGE = 100
REQUESTS_PER_SECOND = 5.0  # open: nobody tells a quota
OPERATIONS = {
    ("GET", "filters"): "ListSyncFilters",
    ("POST", "filters"): "CreateSyncFilter",
    ("DELETE", "filters"): "DeleteSyncFilter",
    ("GET", "targets"): "GetSyncTarget",
    ("POST", "targets"): "CreateSyncTarget",
    ("POST", "startSync"): "StartSync",
    ("GET", ""): "GetSyncProfile",
    ("POST", ""): "CreateSyncProfile",
}


class NoAnswer(BotoCoreError):
    """The API cannot be reached, or broke off its answer."""

    fmt = "identity-sync does not answer ({cause})"


class IdentitySync:
    """Calls the API in one Region, with one identity.

    Every method raises botocore's ClientError for a refusal, a BotoCoreError for no answer, and one of
    `boto_errors.MISSHAPEN` for a success of another shape.
    """

    def __init__(self, aws: Aws, patience: Patience | None = None, per_second: float = REQUESTS_PER_SECOND) -> None:
        self._endpoint = endpoint(aws.region)
        self._governor = RateGovernor(per_second)
        self._session = Session(
            system=SERVICE, operation_of=operation_of, calls=aws.calls, governor=self._governor, patience=patience
        )
        self._session.auth = SigV4(aws.credentials, SERVICE, aws.region)

    def filters(self, kind: FilterType) -> Iterator[Json]:
        """Yield every filter of a type, to the last page."""
        query = {"Augmentation": "true", "FilterType": kind, "MaxResults": str(PAGE)}
        token, seen = "", {""}
        while True:
            page = self._call("GET", f"/{PROFILE}/filters", query=query | ({"NextToken": token} if token else {}))
            yield from _objects(page["SyncFilters"])
            following = page.get("NextToken") or ""
            if not following:
                return
            if not isinstance(following, str) or following in seen:
                raise ValueError("its NextToken does not go on")
            seen.add(following)
            token = following

    def create_filter(self, kind: FilterType, attributes: str) -> Json:
        """Create a filter that includes what `attributes` (JSON) name; return the answer."""
        body = {"FilterType": kind, "Effect": "INCLUDE", "Attributes": attributes}
        return self._call("POST", f"/{PROFILE}/filters", body, {"Augmentation": "true"})

    def delete_filter(self, filter_id: str) -> None:
        """Delete a filter."""
        self._call("DELETE", f"/{PROFILE}/filters/{quote(filter_id, safe='')}")

    def profile(self) -> Json:
        """Return the profile."""
        return self._call("GET", f"/{PROFILE}")

    def create_profile(self, directory_arn: str) -> None:
        """Create the profile, which syncs from a directory of AWS Directory Service."""
        self._call("POST", "", {"SyncProfileName": PROFILE, "SourceResourceArn": directory_arn})

    def target(self) -> Json:
        """Return the target of the profile."""
        return self._call("GET", f"/{PROFILE}/targets/{TARGET}")

    def create_target(self, store_id: str) -> None:
        """Create the target of the profile: the identity store."""
        body = {"SyncTargetName": TARGET, "TargetResourceArn": f"identitystore/{store_id}"}
        self._call("POST", f"/{PROFILE}/targets", body)

    def start_sync(self) -> None:
        """Start a sync, without waiting for its end."""
        self._call("POST", f"/{PROFILE}/startSync", {})

    def _call(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> Json:
        # Written by ourselves: a signature minds how it is written, and requests makes a plus of a space.
        asked = f"?{urlencode(query, quote_via=quote, safe='-_.~')}" if query else ""
        url = f"{self._endpoint}/v0/profiles{path}{asked}"
        operation = operation_of(method, url)
        self._governor.wait(operation)
        try:
            answer = self._session.call(method, url, body)
        except requests.RequestException as exc:
            raise NoAnswer(cause=cause_of(exc)) from exc
        if answer.status_code >= 300:
            raise self._refusal(answer, operation)
        return _object(answer.json() if answer.content else {})

    def _refusal(self, answer: requests.Response, operation: str) -> ClientError:
        """Make of an error what botocore makes of one; its `RetryAttempts` are those that went before."""
        status, retries = answer.status_code, getattr(answer.raw, "retries", None)
        metadata = {"HTTPStatusCode": status, "RetryAttempts": len(retries.history) if retries else 0}
        error = {"Code": _code(answer), "Message": _message(answer)}
        response = {"Error": error, "ResponseMetadata": metadata}
        if status in TRANSIENT and self._session.patience.used_up:
            note_impatience(response, self._session.patience)
        return ClientError(response, operation)  # type: ignore[arg-type] # the stubs know all members of metadata


def endpoint(region: str) -> str:
    """Return where the API is in a Region, or where the environment says."""
    partition = ".cn" if region.startswith("cn-") else ""
    named = os.environ.get(ENDPOINT_VARIABLE) or f"https://{SERVICE}.{region}.amazonaws.com{partition}"
    return named.rstrip("/")


def operation_of(method: str, path: str) -> str:
    """Name an operation as IAM does."""
    found = re.search(r"/v0/profiles(?:/[^/?]+(?:/([A-Za-z]+))?)?", path)
    return OPERATIONS.get((method, (found[1] or "") if found else ""), method)


def _code(answer: requests.Response) -> str:
    """Return the name of the error: REST services have it in a header, some in the body; else the status."""
    code = answer.headers.get("x-amzn-errortype") or _body(answer).get("__type") or _body(answer).get("code")
    return str(code).split(":")[0].rpartition("#")[2] if code else str(answer.status_code)


def _message(answer: requests.Response) -> str:
    return str(_body(answer).get("message") or _body(answer).get("Message") or "")


def _body(answer: requests.Response) -> Json:
    try:
        return _object(answer.json())
    except (RecursionError, TypeError, ValueError):
        return {}


def _object(value: object) -> Json:
    if not isinstance(value, dict):
        raise TypeError("it is no JSON object")
    return value


def _objects(value: object) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError("it has no list of filters")
    return [_object(one) for one in value]
