"""Who is assigned to the AWS enterprise application."""

from collections import Counter
from collections.abc import Mapping, Sequence

from msgspec import Struct

from sso_sync.core.errors import SourceError
from sso_sync.core.selection import Filter, Pattern
from sso_sync.sources.entra_id.answers import AGAIN
from sso_sync.sources.entra_id.graph import Row
from sso_sync.sources.entra_id.records import ASSIGNED, required_id
from sso_sync.sources.mapping import text_of


class Assigned(Struct, frozen=True):
    """People and groups by id, with the application's name; `others` counts what can neither sign in nor be a group."""

    application: str
    people: frozenset[str]
    groups: frozenset[str]
    others: Mapping[str, int]

    @property
    def filter(self) -> Filter:
        """Return what chooses assigned groups, in the form of a filter."""
        text = f"assigned to the application '{self.application}'"
        return Filter(text, (Pattern(ASSIGNED, exact=True, value="yes"),))


def assigned_of(rows: Sequence[Row], application: str) -> Assigned:
    """Sort assignments by kind; several of one principal, with several roles, are one.

    Raises SourceError for a kind that is not known.
    """
    of_kind: dict[str, set[str]] = {"User": set(), "Group": set(), "ServicePrincipal": set()}
    name = ""
    for row in rows:
        kind = row.get("principalType")
        if not isinstance(kind, str) or kind not in of_kind:
            raise SourceError(
                f"Microsoft Graph sent an assignment of an unknown kind ({str(kind)[:40]}), so it is not known who is "
                f"meant; {AGAIN}."
            )
        of_kind[kind].add(required_id(row, "assignment", "principalId"))
        name = name or text_of(row.get("resourceDisplayName"))
    others = Counter({"service principal": len(of_kind["ServicePrincipal"])})
    return Assigned(name or application, frozenset(of_kind["User"]), frozenset(of_kind["Group"]), +others)
