"""What is called when the sync function has died: the deployment gets its answer, and people are told.

Nothing but the standard library and boto3 is imported before the answer is given, because what the
function died of may be anything else.
"""

import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sso_sync.entrypoints.function.answer import is_rolling_back, put_answer, to_delete

log = logging.getLogger(__name__)


def handler(event: dict[str, Any], _context: object) -> None:
    """Take an event of Lambda's failure destination ("Destinations" in the Lambda developer guide)."""
    logging.basicConfig(level=logging.INFO)
    request, response = event.get("requestPayload") or {}, event.get("responsePayload") or {}
    why = str(response.get("errorMessage") or event.get("requestContext", {}).get("condition") or "no reason is known")
    sentence = f"The sync function died ({why[:300]}); what it did before is on record, and the next run goes on."
    log.error(sentence)
    if "ResponseURL" in request:
        nothing_to_do = request["RequestType"] == "Delete" and not to_delete(request)
        put_answer(request, sentence, failed=not (nothing_to_do or is_rolling_back(request)))
    _tell_people(sentence, "deployment" if "ResponseURL" in request else str(request.get("trigger", "unknown")))


def _tell_people(sentence: str, trigger: str) -> None:
    # ruff: noqa: PLC0415 # see the module's docstring
    from sso_sync.entrypoints.logs import Format, Level, set_up_logging

    set_up_logging(Level.INFO, Format.JSON)  # which keeps urllib3 from printing the webhook's address
    from sso_sync.aws.deployed_config import load_deployed_config
    from sso_sync.bootstrap import Builder
    from sso_sync.core.errors import SsoSyncError
    from sso_sync.engine.run import early_end, tell
    from sso_sync.http.boto import Aws

    try:
        config = load_deployed_config(Aws(), os.environ)
        reporters = Builder(config.settings_without_filters(), Path(), config.deployment).reporters()
    except SsoSyncError as exc:
        log.error("nobody can be told: %s", exc)
        return
    tell(early_end(trigger, datetime.now(UTC), SsoSyncError(sentence)), reporters)
