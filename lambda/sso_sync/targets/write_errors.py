"""What AWS says to a write that it does not make, as errors of the tree."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from sso_sync.core.errors import ChangeRefused, ChangeUnknown, SsoSyncError, TargetError, ValueRefused
from sso_sync.http.boto_errors import error_code, error_reason, is_absent, is_key_problem, translate

REFUSALS = {
    "ConflictException",
    "ResourceNotFoundException",
    "ServiceQuotaExceededException",
}
THROTTLED = 429  # the status with which REST services throttle


def is_collision(outcome: Mapping[str, Any] | ClientError) -> bool:
    """Tell whether a write was refused because somebody else is changing the object."""
    return isinstance(outcome, ClientError) and error_reason(outcome) == "CONCURRENT_MODIFICATION"


def translate_write(exc: ClientError, doing: str, *, answer_lost: bool) -> SsoSyncError:
    """Say whether a write was refused, may have happened, or no write can succeed.

    `answer_lost` is set if an attempt before went without an answer, and may have happened.
    """
    code, status = error_code(exc), exc.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if is_key_problem(exc) or is_absent(exc, "IDENTITY_STORE"):
        return translate(exc, doing, TargetError)  # no other change can do better
    if code == "ConflictException" and (answer_lost or is_collision(exc)):
        return translate(exc, doing, ChangeUnknown)  # an earlier attempt made it, or somebody does not let go
    if code == "ValidationException":
        return translate(exc, doing, ValueRefused)
    if code in REFUSALS:
        return translate(exc, doing, ChangeRefused)
    if code in {"ThrottlingException", "InternalServerException"} or status >= 500 or status == THROTTLED:
        return translate(exc, doing, ChangeUnknown)
    return translate(exc, doing, TargetError)
