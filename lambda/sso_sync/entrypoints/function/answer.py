"""Answers to CloudFormation. Standard library and boto3 alone, so that it works when nothing else does.

Rules: "Custom resource response objects" of the CloudFormation user guide: a PUT to a presigned URL
of S3 without a Content-Type, at most 4,096 bytes, with the same physical id for the whole life.
"""

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config

log = logging.getLogger(__name__)
PHYSICAL_ID = "sso-sync"
LONGEST_SENTENCE = 1200  # bytes; it may stand in an answer twice
PAUSES = (1.0, 3.0, 10.0)  # seconds between attempts


def put_answer(event: Mapping[str, Any], sentence: str, *, failed: bool, pauses: Sequence[float] = PAUSES) -> None:
    """Tell CloudFormation how a request of its ended; raises OSError if that cannot be done."""
    short = _cut(sentence, LONGEST_SENTENCE)
    answer = {
        "Status": "FAILED" if failed else "SUCCESS",
        "Reason": short,
        "PhysicalResourceId": event.get("PhysicalResourceId") or PHYSICAL_ID,
        **{name: event[name] for name in ("StackId", "RequestId", "LogicalResourceId")},
        "Data": {} if failed else {"Summary": short},
    }
    body = json.dumps(answer, ensure_ascii=False).encode()
    request = urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    for pause in (*pauses, None):
        try:
            with urllib.request.urlopen(request, timeout=10):  # noqa: S310 # CloudFormation's own address
                return
        except OSError as exc:
            if pause is None:
                raise
            log.warning("the answer did not get through yet", extra={"error": type(exc).__name__})
            time.sleep(pause)


def _cut(text: str, size: int) -> str:
    """Cut text to so many bytes in UTF-8, between characters."""
    whole = text.encode()
    return text if len(whole) <= size else f"{whole[: size - len('…'.encode())].decode(errors='ignore')}…"


def to_delete(event: Mapping[str, Any]) -> list[str]:
    """Name what a deletion of the resource is to take with it, as the config was last deployed."""
    properties = event.get("ResourceProperties") or {}
    return [what for what in ("Identities", "Bucket") if properties.get(f"{what}OnDestroy") == "delete"]


def stack_status(stack_id: str) -> str:
    """Return what is happening to a stack, such as UPDATE_ROLLBACK_IN_PROGRESS; empty if nobody can tell."""
    config = Config(connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 8})
    try:
        stacks = boto3.client("cloudformation", config=config).describe_stacks(StackName=stack_id)["Stacks"]
        return stacks[0]["StackStatus"]
    except Exception as exc:  # noqa: BLE001 # whatever it is, an answer has to be given
        log.warning("the state of the stack is not known", extra={"error": f"{type(exc).__name__}: {exc}"})
        return ""


def is_rolling_back(event: Mapping[str, Any]) -> bool:
    """Tell whether CloudFormation is on its way back, where a FAILED would leave the stack stuck."""
    return event["RequestType"] == "Update" and "ROLLBACK" in stack_status(event["StackId"])
