"""A plan in a file: for review, and to be handed in. It is never executed: what it allows is what counts."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from sso_sync.core.approval import VALID
from sso_sync.core.errors import SettingsError
from sso_sync.core.record import plan_as_json
from sso_sync.core.scope import Scope
from sso_sync.engine.drafting import Draft

VERSION = 1


def given(text: str | None, name: str) -> str:
    """Return an option's text, empty if it was not given; raises SettingsError for an empty one.

    An unset variable of a script must not mean "everything".
    """
    if text is not None and not text.strip():
        raise SettingsError("The command line", [f"{name} is empty"])
    return text or ""


class PlanFile(Struct, frozen=True, kw_only=True):
    """What a file holds: for which store and config, how much of a plan, and the changes that may break a limit.

    `plan` is for the reader.
    """

    version: int
    identity_store_id: str
    config: str
    at: datetime
    scope: Scope
    allowed: tuple[str, ...]
    plan: dict[str, Any]


def write_plan(file: str, draft: Draft, scope: Scope, config: str) -> None:
    """Write a draft's plan; raises SettingsError if the file cannot be written."""
    content = PlanFile(
        version=VERSION,
        identity_store_id=draft.ledger.store_id,
        config=config,
        at=datetime.now(UTC),
        scope=scope,
        allowed=draft.waiting.changes if draft.waiting else (),
        plan=plan_as_json(draft.plan),
    )
    encoded = msgspec.json.format(msgspec.json.encode(content, enc_hook=str), indent=1) + b"\n"
    try:
        Path(file).expanduser().write_bytes(encoded)
    except (OSError, RuntimeError, ValueError) as exc:
        raise _wrong(f"{file} cannot be written ({_why(exc)})") from exc


def read_plan(file: str, config: str) -> PlanFile:
    """Read a plan that was made with this config; raises SettingsError."""
    try:
        content = msgspec.json.decode(Path(file).expanduser().read_bytes(), type=PlanFile)
    except (OSError, RuntimeError) as exc:
        raise _wrong(f"{file} cannot be read ({_why(exc)})") from exc
    except (msgspec.MsgspecError, ValueError, RecursionError) as exc:
        raise _wrong(f"{file} is not a plan of 'sso-sync plan --out'") from exc
    if content.version != VERSION:
        raise _wrong(f"{file} was made by another version; plan again")
    if content.config != config:
        raise _wrong(f"{file} was made with another config; plan again")
    if datetime.now(UTC) - content.at > VALID:
        raise _wrong(f"{file} is older than {VALID.total_seconds() / 3600:.0f} hours; plan again")
    return content


def check_store(file: str, content: PlanFile, store_id: str) -> None:
    """Raise SettingsError if a plan is for another store."""
    if content.identity_store_id != store_id:
        raise _wrong(f"{file} is for the store {content.identity_store_id}, and this is {store_id}; plan again")


def _wrong(what: str) -> SettingsError:
    return SettingsError("The plan file", [what])


def _why(exc: Exception) -> str:
    return (exc.strerror if isinstance(exc, OSError) else None) or "it is not a path"
