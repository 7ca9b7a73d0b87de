"""Plans and run records as JSON: what machines, and later pages and cards, read."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec

from sso_sync.core.changes import (
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    UpdateGroup,
    UpdateUser,
    edits,
    name_of,
    subject,
)
from sso_sync.core.plan import Plan
from sso_sync.engine.units import Outcome, Result

RECORD_VERSION = 1
Json = dict[str, Any]


def change_as_json(change: Change) -> Json:
    """Show a change as flat JSON: what, whom, why, and the values before and after."""
    kind, ref = subject(change)
    shown: Json = {"change": name_of(change), kind: ref.name, "source_id": ref.source_id, "aws_id": ref.id}
    match change:
        case CreateMembership(user=user) | DeleteMembership(user=user):
            shown |= {"user": user.name, "user_source_id": user.source_id, "user_aws_id": user.id}
        case UpdateUser() | UpdateGroup():
            shown["edits"] = {edit.attribute: [edit.before, edit.after] for edit in edits(change)}
        case CreateUser(user=new_user):
            shown["values"] = msgspec.to_builtins(new_user)
        case CreateGroup(group=new_group):
            shown["values"] = msgspec.to_builtins(new_group)
        case DeleteGroup(members=members):
            shown["members"] = members
        case _:
            pass
    return shown | {"reason": change.reason}


def plan_as_json(plan: Plan) -> Json:
    """Show a plan as JSON."""
    return {
        "identity_store_id": plan.store_id,
        "checksum": plan.checksum,
        "counts": dict(sorted(plan.counts.items())),
        "changes": [change_as_json(change) for change in plan.changes],
        "set_aside": msgspec.to_builtins(plan.set_aside),
        "warnings": list(plan.warnings),
    }


def encode_record(
    *,
    run_id: str,
    trigger: str,
    started: datetime,
    source: str,
    plan: Plan | None,
    outcomes: Sequence[Outcome],
    error: BaseException | None,
) -> bytes:
    """Encode the record of a run, finished or not, as JSON."""
    record: Json = {
        "version": RECORD_VERSION,
        "run_id": run_id,
        "trigger": trigger,
        "started": started.isoformat(),
        "ended": datetime.now(UTC).isoformat(),
        "source": source,
        "error": f"{type(error).__name__}: {error}" if error else None,
        "results": dict(Counter(outcome.result for outcome in outcomes)),
        "plan": plan_as_json(plan) if plan else None,
        "outcomes": [
            change_as_json(outcome.change)
            | {"result": outcome.result, "error": str(outcome.error) if outcome.error else None}
            for outcome in outcomes
            if outcome.result is not Result.DONE
        ],
    }
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=str), indent=1)
