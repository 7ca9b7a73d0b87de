"""The custom resource: a sync within a deployment, answered in one sentence."""

import logging
from collections.abc import Callable, Mapping
from typing import Any

from sso_sync.aws.emptying import empty_bucket
from sso_sync.aws.stacks import decode_deployment
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import SsoSyncError
from sso_sync.entrypoints.function.answer import is_rolling_back, put_answer, stack_status
from sso_sync.entrypoints.function.sync import DEPLOYMENT, DESTRUCTION, Ended, sync
from sso_sync.http.boto import Aws
from sso_sync.settings.deployed import DEPLOYMENT_VARIABLE

log = logging.getLogger(__name__)
TO_ANSWER = 15.0  # seconds that are kept for the answer


def handle(event: Mapping[str, Any], environment: Mapping[str, str], seconds_left: Callable[[], float]) -> None:
    """Do what CloudFormation asks for and answer, whatever happens; raises OSError if it takes no answer."""
    try:
        if event["RequestType"] == "Delete":
            ended = _delete(event, environment, seconds_left)
        else:
            seconds = seconds_left() - TO_ANSWER
            ended = sync(DEPLOYMENT, environment, seconds, patience=seconds / 2)
    except SsoSyncError as exc:
        ended = Ended(str(exc), failed=True)
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
    """Delete what the config said, and only if the stack itself is being deleted: not after a failed creation."""
    properties = event.get("ResourceProperties", {})
    doomed = [what for what in ("Identities", "Bucket") if properties.get(f"{what}OnDestroy") == "delete"]
    if not doomed:
        return Ended("Users, groups and the content of the bucket stay as they are.")
    if stack_status(event["StackId"]) != "DELETE_IN_PROGRESS":
        return Ended("The stack is not being deleted, so everything stays as it is.")
    if "Identities" in doomed:
        seconds = seconds_left() - TO_ANSWER
        ended = sync(DESTRUCTION, environment, seconds, patience=seconds / 2, build=Builder.removal)
        if ended.failed:
            return ended
    if "Bucket" in doomed:
        empty_bucket(Aws(), decode_deployment(environment[DEPLOYMENT_VARIABLE]).bucket)
    return Ended("Deleted what the config says.")
