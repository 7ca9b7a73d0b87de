"""Safety limits: what one run may take away, give or rename before a person has to look."""

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Annotated

from msgspec import Meta, Struct, field

from sso_sync.core.change_keys import in_short, key_of
from sso_sync.core.changes import Change
from sso_sync.core.errors import LimitExceeded
from sso_sync.core.ledger import Entry, Ledger
from sso_sync.core.model import Directory, Kind

MOST_LOST = 5  # objects that may be gone from Identity Center, whoever took them, before its answer is doubted
AtLeastNothing = Annotated[int, Meta(ge=0)]
Percentage = Annotated[int, Meta(ge=0, le=100_000)]


class Limit(Struct, frozen=True, kw_only=True):
    """The most of one kind: `percent` of what is there, which counts only above `above`, and `count` at all times."""

    percent: Annotated[Percentage | None, Meta(description="The most in percent of what is there; null for any")] = None
    above: Annotated[AtLeastNothing, Meta(description="So many are an ordinary day, whatever the percentage")] = 5
    count: Annotated[AtLeastNothing | None, Meta(description="The most at all; null for any")] = None

    def why_exceeded(self, number: int, base: int) -> str:
        """Say what is the most, if `number` of `base` is more than that."""
        if self.count is not None and number > self.count:
            return str(self.count)
        if self.percent is not None and number > self.above and number * 100 > base * self.percent:
            return f"{self.percent} % of {base}"
        return ""


def _percent(percent: int, above: int = 5) -> Callable[[], Limit]:
    return lambda: Limit(percent=percent, above=above)


class Limits(Struct, frozen=True, kw_only=True):
    """What one run may do without approval. Gains do not count in the first load."""

    users_leaving: Annotated[Limit, Meta(description="Users deleted or switched off, of the managed ones")] = field(
        default_factory=_percent(20)
    )
    groups_deleted: Annotated[Limit, Meta(description="Groups deleted, of the managed ones")] = field(
        default_factory=_percent(20)
    )
    memberships_removed: Annotated[
        Limit, Meta(description="Memberships removed, with those of deleted groups, of the managed groups' ones")
    ] = field(default_factory=_percent(30))
    members_removed_of_a_group: Annotated[Limit, Meta(description="Members that one group loses")] = field(
        default_factory=_percent(50)
    )
    members_added_to_a_group: Annotated[
        Limit, Meta(description="Members that a group gains, of those it had; one that was never complete may gain any")
    ] = field(default_factory=_percent(100, 20))
    users_created: Annotated[Limit, Meta(description="Users created or switched on, of the managed ones")] = field(
        default_factory=_percent(50, 20)
    )
    users_renamed: Annotated[Limit, Meta(description="User names or addresses changed, of the managed users")] = field(
        default_factory=_percent(20)
    )
    groups_renamed: Annotated[Limit, Meta(description="Group names changed, of the managed groups")] = field(
        default_factory=_percent(20)
    )
    attributes_cleared: Annotated[
        Limit, Meta(description="Users that lose the value of one attribute, of the managed ones")
    ] = field(default_factory=_percent(20))
    emptied_group: Annotated[
        int, Meta(ge=1, description="A group of so many members or more that comes back empty is refused")
    ] = 5


class Breach(Struct, frozen=True):
    """One limit that a plan breaks: a sentence, and the changes that do so, each by its key in a line."""

    sentence: str
    lines: Mapping[str, str]

    @classmethod
    def of(cls, sentence: str, changes: Iterable[Change]) -> "Breach":
        """Make a breach of changes."""
        return cls(sentence, {key_of(change): in_short(change) for change in changes})

    @property
    def changes(self) -> frozenset[str]:
        """Return the keys of the changes."""
        return frozenset(self.lines)


def check_sides(desired: Directory, actual: Directory, ledger: Ledger) -> None:
    """Raise LimitExceeded if a side cannot be believed; nobody can approve that."""
    empty = [
        what
        for what, wanted, managed in (
            ("user", desired.users or _kept("user", desired), _present(ledger.users, actual.users)),
            ("group", desired.groups or _kept("group", desired), _present(ledger.groups, actual.groups)),
        )
        if not wanted and (managed or not (desired.users or desired.groups or desired.kept))
    ]
    if empty:
        raise LimitExceeded(
            f"The directory or its filters gave no {' and no '.join(empty)} at all, so nothing was written; "
            "check the filters in the config and the source, then run again. What is meant to be empty has to be "
            "deleted in Identity Center by hand."
        )
    for what, known, found in (
        ("users", ledger.expected("user"), actual.users.keys()),
        ("groups", ledger.expected("group"), actual.groups.keys()),
    ):
        present = len(known & found)
        lost = len(known) - present
        if lost > MOST_LOST and lost > present:
            raise LimitExceeded(
                f"Identity Center lists {present} of the {len(known)} {what} that the ledger knows, so its "
                "answer is not trusted and nothing was written; if they were removed on purpose, move the ledger away "
                "and run again."
            )


def _kept(kind: Kind, desired: Directory) -> bool:
    return any(record.kind == kind for record in desired.kept)


def _present(entries: Mapping[str, Entry], existing: Collection[str]) -> bool:
    return any(entry.aws_id in existing for entry in entries.values())
