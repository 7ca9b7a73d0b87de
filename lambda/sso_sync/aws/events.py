"""Events on a bus of Amazon EventBridge."""

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import ReportError
from sso_sync.core.wording import one_line
from sso_sync.http.boto_errors import LONGEST_WORDS, MISSHAPEN, translate


class EventBridgeBus:
    """Puts events on the bus of this name; see `reporters.events.EventBus`."""

    def __init__(self, client: Any, name: str) -> None:
        self._client, self._name = client, name

    def put(self, source: str, kind: str, detail: bytes) -> None:
        doing = f"put an event on the bus {self._name}"
        entry = {"EventBusName": self._name, "Source": source, "DetailType": kind, "Detail": detail.decode()}
        try:
            answer = self._client.put_events(Entries=[entry])
            why = _refusal(answer["Entries"][0]) if answer["FailedEntryCount"] else ""
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, doing, ReportError) from exc
        except MISSHAPEN as exc:
            raise ReportError(f"Cannot {doing}: AWS's answer is broken.") from exc
        if why:
            raise ReportError(f"Cannot {doing}: EventBridge answered {one_line(why, LONGEST_WORDS)}.")


def _refusal(entry: Mapping[str, Any]) -> str:
    """Say why EventBridge, which answers 200 all the same, did not take an entry."""
    return f"{entry['ErrorCode']}: {entry['ErrorMessage']}"
