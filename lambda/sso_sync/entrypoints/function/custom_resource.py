"""The custom resource: a sync within a deployment, answered in one sentence."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sso_sync.bootstrap import Builder
from sso_sync.entrypoints.function.answer import is_rolling_back, put_answer, stack_status
from sso_sync.entrypoints.function.sync import Ended, sync

log = logging.getLogger(__name__)
TO_ANSWER = 15.0  # seconds that are kept for the answer


def handle(event: Mapping[str, Any], environment: Mapping[str, str], seconds_left: Callable[[], float]) -> None:
    """Do what CloudFormation asks for and answer, whatever happens; raises OSError if it takes no answer."""
    try:
        if event["RequestType"] == "Delete":
            ended = _delete(event, environment, seconds_left)
        else:
            seconds = seconds_left() - TO_ANSWER
            ended = sync("deployment", environment, seconds, patience=seconds / 2)
    except Exception as exc:
        log.exception("bug")
        ended = Ended(
            f"This is a bug in sso-sync ({type(exc).__name__}: {exc}); the function's log has more.", failed=True
        )
    if ended.failed and is_rolling_back(event):
        # A failure now would leave the stack stuck half-way; the old filters are back, and the schedule goes on.
        ended = Ended(f"Rolled back, and the sync failed again, so the next run has to heal it. {ended.sentence}")
        log.error(ended.sentence)
    put_answer(event, ended.sentence, failed=ended.failed)


def _delete(event: Mapping[str, Any], environment: Mapping[str, str], seconds_left: Callable[[], float]) -> Ended:
    """Delete identities only if the config said so and the stack itself is being deleted, not a failed creation."""
    if event.get("ResourceProperties", {}).get("IdentitiesOnDestroy") != "delete":
        return Ended("Users and groups stay as they are.")
    if stack_status(event["StackId"]) != "DELETE_IN_PROGRESS":
        return Ended("The stack is not being deleted, so users and groups stay as they are.")
    seconds = seconds_left() - TO_ANSWER
    return sync("destruction", environment, seconds, patience=seconds / 2, build=Builder.removal)
