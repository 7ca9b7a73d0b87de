"""Plans and run records as JSON: what machines, and later pages and cards, read."""

from typing import Any

import msgspec

from sso_sync.core.approval import Refusal
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
    is_drift,
    name_of,
    subject,
)
from sso_sync.core.outcomes import Result
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport

RECORD_VERSION = 2
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
    return shown | {"reason": change.reason} | ({"drift": True} if is_drift(change) else {})


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


def waiting_as_json(waiting: Refusal) -> Json:
    """Show what waits for approval, by the id that it is approved by."""
    return {
        "id": waiting.id,
        "reasons": list(waiting.reasons),
        "changes": list(waiting.changes),
        "shown": list(waiting.shown),
    }


def encode_record(report: RunReport) -> bytes:
    """Encode the record of a run, finished or not, as JSON."""
    error = report.error
    record: Json = {
        "version": RECORD_VERSION,
        "run_id": report.run_id,
        "trigger": report.trigger,
        "started": report.started.isoformat(),
        "ended": report.ended.isoformat(),
        "source": report.source,
        "verdict": report.verdict,
        "error": f"{type(error).__name__}: {error}" if error else None,
        "results": dict(report.results),
        "unread": msgspec.to_builtins(report.unread),
        "waiting": waiting_as_json(report.waiting) if report.waiting else None,
        "approved": msgspec.to_builtins(report.approved),
        "account_assignments": msgspec.to_builtins(report.assignments),
        "calls": dict(report.calls),
        "plan": plan_as_json(report.plan) if report.plan else None,
        "outcomes": [
            change_as_json(outcome.change)
            | {"result": outcome.result, "error": str(outcome.error) if outcome.error else None}
            | ({"lost": list(outcome.lost)} if outcome.lost else {})
            for outcome in report.outcomes
            if outcome.result is not Result.DONE or outcome.lost
        ],
    }
    return msgspec.json.format(msgspec.json.encode(record, enc_hook=str), indent=1)
