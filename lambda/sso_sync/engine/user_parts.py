"""Users whose attributes are refused: written in parts, so that a bad value costs only itself."""

from collections.abc import Iterable, Sequence

import msgspec

from sso_sync.core.changes import CreateUser, Ref, UpdateUser, edits
from sso_sync.core.errors import ChangeError, ChangeRefused, ChangeUnknown, ValueRefused
from sso_sync.core.model import ADDRESS_ATTRIBUTES, OPTIONAL_ATTRIBUTES, User
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.ports import Target

Parts = Sequence[tuple[str, ...]]


def create_user(target: Target, change: CreateUser) -> Outcome:
    """Create a user; if a value is refused, with the mandatory attributes alone, and then each optional one."""
    user = change.user
    parts = _parts(name for name, value in user.attributes.items() if value)
    try:
        return Outcome(change, Result.DONE, aws_id=target.create_user(user))
    except ValueRefused as exc:
        if not parts:
            return Outcome(change, Result.FAILED, exc)
    except ChangeError as exc:
        return Outcome(change, Result.FAILED, exc)
    bare = msgspec.structs.replace(user, attributes={})
    try:
        aws_id = target.create_user(bare)
    except ChangeError as exc:
        return Outcome(change, Result.FAILED, exc)
    before, after = (msgspec.structs.replace(record, id=aws_id) for record in (bare, user))
    ref = Ref(aws_id, user.external_id, user.user_name)
    lost, error = _write_parts(target, UpdateUser(ref, before, after, change.reason), parts)
    return Outcome(change, Result.DONE, error, aws_id, lost)


def update_user(target: Target, change: UpdateUser) -> Outcome:
    """Update a user; if a value is refused, the mandatory attributes first, and then each optional one."""
    changed = [edit.attribute for edit in edits(change)]
    optional = [name for name in changed if name in OPTIONAL_ATTRIBUTES]
    parts, mandatory = _parts(optional), len(optional) < len(changed)
    try:
        target.update_user(change)
        return Outcome(change, Result.DONE)
    except ValueRefused as exc:
        if len(parts) + mandatory < 2:
            return Outcome(change, Result.FAILED, exc)
    except ChangeError as exc:
        return Outcome(change, Result.FAILED, exc)
    before = change.before
    if mandatory:
        before = msgspec.structs.replace(change.after, attributes=change.before.attributes)
        try:
            target.update_user(msgspec.structs.replace(change, after=before))
        except ChangeError as exc:
            return Outcome(change, Result.FAILED, exc)
    lost, error = _write_parts(target, msgspec.structs.replace(change, before=before), parts)
    if len(lost) == len(changed):
        return Outcome(change, Result.FAILED, error)
    return Outcome(change, Result.DONE, error, lost=lost)


def _parts(names: Iterable[str]) -> Parts:
    """Cut optional attributes into what is written by itself: each of them, but an address as a whole."""
    ordered = sorted(names)
    address = tuple(name for name in ordered if name in ADDRESS_ATTRIBUTES)
    return [(name,) for name in ordered if name not in address] + ([address] if address else [])


def _write_parts(target: Target, change: UpdateUser, parts: Parts) -> tuple[tuple[str, ...], ChangeError | None]:
    """Write one part after the other; return the attributes that were not written, and why.

    After an answer that tells nothing the rest is left to the next run: each try may take minutes.
    """
    now, lost, refusals = change.before, list[str](), list[str]()
    for number, part in enumerate(parts):
        wanted = _with_part(now, change.after, part)
        try:
            target.update_user(msgspec.structs.replace(change, before=now, after=wanted))
            now = wanted
        except ChangeRefused as exc:
            lost += part
            refusals.append(str(exc))
        except ChangeError as exc:
            rest = (name for later in parts[number:] for name in later)
            return (*lost, *rest), ChangeUnknown(" ".join([*refusals, str(exc)]))
    return tuple(lost), ValueRefused(" ".join(refusals)) if refusals else None


def _with_part(now: User, after: User, part: Sequence[str]) -> User:
    others = {name: value for name, value in now.attributes.items() if name not in part}
    written = {name: value for name, value in after.attributes.items() if name in part}
    return msgspec.structs.replace(now, attributes=others | written)
