"""The custom resource: a sync within a deployment, answered in one sentence."""

import logging
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from sso_sync.aws.deployed_config import load_deployed_config
from sso_sync.aws.emptying import empty_bucket
from sso_sync.bootstrap import Builder
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.report import DEPLOYMENT, DESTRUCTION
from sso_sync.entrypoints.function.answer import is_rolling_back, put_answer, stack_status, to_delete
from sso_sync.entrypoints.function.sync import Ended, patiently, sync
from sso_sync.http.boto import Aws

log = logging.getLogger(__name__)
TO_ANSWER = 15.0  # seconds that are kept for the answer


def handle(event: Mapping[str, Any], environment: Mapping[str, str], seconds_left: Callable[[], float]) -> None:
    """Do what CloudFormation asks for and answer, whatever happens; raises OSError if it takes no answer."""
    try:
        ended = _do(event, environment, seconds_left() - TO_ANSWER)
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


def _do(event: Mapping[str, Any], environment: Mapping[str, str], seconds: float) -> Ended:
    if event["RequestType"] == "Delete":
        return _delete(event, environment, seconds)
    if event["RequestType"] == "Update" and not _synced_part_differs(event):
        return Ended("Nothing that is synced has changed.")
    ended = sync(DEPLOYMENT, environment, seconds, patience=seconds / 2)
    if event["RequestType"] == "Create" and ended.refused:
        # A failure would delete what somebody has to approve; there is no earlier config to go back to.
        return Ended(f"Deployed, and nothing is synced yet. {ended.sentence}")
    return ended


def _synced_part_differs(event: Mapping[str, Any]) -> bool:
    """Tell whether filters, config or code are others: what becomes of things some day needs no sync now."""
    new, old = event.get("ResourceProperties", {}), event.get("OldResourceProperties", {})
    return any(new.get(name) != old.get(name) for name in ("Filters", "Config", "Code")) or new == old


def _delete(event: Mapping[str, Any], environment: Mapping[str, str], seconds: float) -> Ended:
    """Delete what the config said, and only if the stack itself is being deleted: not after a failed creation."""
    doomed = to_delete(event)
    if not doomed:
        return Ended("Users, groups and the content of the bucket stay as they are.")
    if stack_status(event["StackId"]) != "DELETE_IN_PROGRESS":
        return Ended("The stack is not being deleted, so everything stays as it is.")
    end = time.monotonic() + seconds
    if "Identities" in doomed:
        ended = sync(DESTRUCTION, environment, seconds, patience=seconds / 2)
        if ended.failed:
            return ended
    if "Bucket" in doomed:
        config = load_deployed_config(Aws(), environment)
        state = Builder(config.settings_without_filters(), Path(), config.deployment).state()

        def empty() -> None:
            with state.hold_lease("destruction"):  # a run that is under way would fill it again
                empty_bucket(Aws(), config.deployment.bucket, lambda: time.monotonic() > end)

        patiently(empty, end)
    return Ended("Deleted what the config says.")
