"""The sync function: CloudFormation, the schedule and people start the same run."""

import logging
import os
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from sso_sync.core.wording import one_line
from sso_sync.entrypoints.function import custom_resource
from sso_sync.entrypoints.function.sync import sync
from sso_sync.entrypoints.logs import Format, Level, set_up_logging

LONGEST_TRIGGER = 100  # characters
log = logging.getLogger(__name__)


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Sync once. An event of CloudFormation is answered there; any other is `{"trigger": "schedule"}` or the like."""
    set_up_logging(Level.INFO, Format.JSON, request_id=context.aws_request_id)

    def seconds_left() -> float:
        return context.get_remaining_time_in_millis() / 1000

    if "ResponseURL" in event:
        custom_resource.handle(event, os.environ, seconds_left)
        return {}
    trigger = one_line(str(event.get("trigger", "unknown")), LONGEST_TRIGGER)
    ended = sync(trigger, os.environ, seconds_left())
    return {"sentence": ended.sentence, "failed": ended.failed}
