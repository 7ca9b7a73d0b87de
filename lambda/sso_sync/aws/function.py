"""The deployed function, started from elsewhere."""

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import StateError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import translate


class Answer(msgspec.Struct, frozen=True):
    """What the function says when a run has ended."""

    sentence: str
    failed: bool


def invoke_sync(aws: Aws, function: str, trigger: str) -> Answer:
    """Start a run, by whom `trigger` says, and wait for its end; raises StateError or CredentialsError."""
    try:
        answer = aws.functions().invoke(FunctionName=function, Payload=msgspec.json.encode({"trigger": trigger}))
        payload = answer["Payload"].read()
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, f"start the function {function}", StateError) from exc
    if answer.get("FunctionError"):
        raise StateError(f"The function {function} died: {_message(payload)}; its log has more.")
    try:
        return msgspec.json.decode(payload, type=Answer)
    except msgspec.MsgspecError as exc:
        raise StateError(f"The function {function} gave an answer of another version; run cdk deploy.") from exc


def _message(payload: bytes) -> str:
    try:
        return str(msgspec.json.decode(payload)["errorMessage"])
    except (msgspec.MsgspecError, KeyError, TypeError):
        return "it does not say of what"
