"""What becomes of an object that belongs to a record: values of the directory, values kept, and names to step aside."""

import msgspec

from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.model import Group, Record, User
from sso_sync.core.rules import Rules


def merged_record(before: Record, after: Record, entry: Entry | None, ledger: Ledger, rules: Rules) -> Record:
    """Return a matched object as it should become: managed attributes from the directory, all else kept.

    Nobody is switched on again whom somebody else switched off: that may be an incident at work. Without
    a ledger, nothing is known of who belongs to whom, and no name is changed.
    """
    kept = {name: getattr(before, name) for name in rules.unwritable if name in before.__struct_fields__}
    if ledger.is_new:
        kept |= {name: getattr(before, name) for name in name_attributes(before)}
    if isinstance(after, User) and isinstance(before, User):
        writable = {name: value for name, value in after.attributes.items() if name not in rules.unwritable}
        kept["attributes"] = {name: value for name, value in {**before.attributes, **writable}.items() if value}
        may_switch_on = entry is not None and entry.off
        if (before.active and rules.additive) or (not before.active and after.active and not may_switch_on):
            kept["active"] = before.active
    return msgspec.structs.replace(after, id=before.id, **kept)


def name_attributes(record: User | Group) -> tuple[str, ...]:
    """Name the attributes of which no two objects may have the same value."""
    return ("user_name", "email") if isinstance(record, User) else ("display_name",)


def aside_names(record: User | Group, taken: frozenset[str]) -> dict[str, str]:
    """Make up names that nobody else can have: the object's own id, and a domain that cannot exist (RFC 2606)."""
    stand_in = f"aside-{record.id}"
    made_up = {"user_name": stand_in, "email": f"{stand_in}@renamed.invalid", "display_name": stand_in}
    return {name: made_up[name] for name in taken}
