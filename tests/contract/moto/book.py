"""What both sides accepted: enough to say where they are known to differ."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from tests.contract.moto.calls import KINDS, Call, Json, Ref, call, replaced


@dataclass(frozen=True)
class Page:
    """What a NextToken goes on with."""

    call: Call  # as it was asked, without its page
    last: int  # number of the last row shown
    next_row: int  # number of the row after it when the page was cut; -1 if only ours was asked


@dataclass
class Book:
    """The rows that are there, by their numbers, and the pages that were cut."""

    folds: bool  # names that differ only in case are the same
    living: dict[str, dict[int, Json]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    created: Counter[str] = field(default_factory=Counter)
    pages: list[Page] = field(default_factory=list)

    def settle(self, wanted: Call) -> Call:
        """Turn references to what is not there yet into references to what is, and GoOn into the listing it goes on."""
        asked = replace(wanted, parameters=replaced(wanted.parameters, self._settled))
        if asked.operation != "GoOn":
            return asked
        token = asked.parameters["NextToken"]
        page = self.pages[token.number].call if token.number >= 0 else call("ListUsers")
        return page.with_(**asked.parameters)

    def _settled(self, leaf: Any) -> Any:
        if not isinstance(leaf, Ref) or leaf.kind == "Store" or leaf.number < 0:
            return leaf
        count = len(self.pages) if leaf.kind == "Token" else self.created[leaf.kind]
        return replace(leaf, number=leaf.number % count if count else -1)

    def record(self, asked: Call, outcome: Json, *, both: bool) -> None:
        """Keep what a call changed, whether both sides were asked or only ours."""
        if "Answer" not in outcome:
            return
        told = asked.without_arns().without("IdentityStoreId").parameters
        if asked.operation.startswith("Create"):
            kind = next(kind for kind in KINDS if f"{kind}Id" in outcome["Answer"])
            number = self.created[kind]
            row = replaced(told, lambda leaf: str(leaf) if isinstance(leaf, Ref) else leaf)
            self.living[kind][number] = row | {f"{kind}Id": f"{kind} {number}", "IdentityStoreId": "store"}
            self.created[kind] += 1
        elif asked.operation.startswith("Delete"):
            gone = next(leaf for leaf in told.values() if isinstance(leaf, Ref))
            for number in self.memberships_of(gone):
                del self.living["Membership"][number]
            del self.living[gone.kind][gone.number]
        elif "NextToken" in outcome["Answer"]:
            shown = next(value for value in outcome["Answer"].values() if isinstance(value, list))
            last = number_of(shown[-1])
            next_row = min(number_of(row) for row in self.rows(asked) if number_of(row) > last) if both else -1
            self.pages.append(Page(listing(asked), last, next_row))

    def lives(self, ref: Ref) -> bool:
        """Tell whether a user, group or membership is there."""
        return ref.number in self.living[ref.kind]

    def memberships_of(self, ref: Ref) -> list[int]:
        """List the memberships of a user or a group."""
        rows = self.living["Membership"].items()
        return [number for number, row in rows if str(ref) in {row["GroupId"], row["MemberId"]["UserId"]}]

    def holders(self, kind: str, path: str, value: Any) -> list[tuple[int, Any]]:
        """Find who has a unique attribute, with how it is spelled."""
        return [
            (number, held)
            for number, row in self.living[kind].items()
            for held in (emails_of(row) if path == "Emails" else [row.get(path)])
            if self._same(held, value)
        ]

    def _same(self, one: Any, other: Any) -> bool:
        if self.folds and isinstance(one, str) and isinstance(other, str):
            return one.casefold() == other.casefold()
        return bool(one == other)

    def rows(self, asked: Call) -> list[Json]:
        """Return the rows of a listing that is not filtered, complete."""
        if asked.operation in {"ListUsers", "ListGroups"}:
            return list(self.living[asked.operation.removeprefix("List").removesuffix("s")].values())
        of = asked.get("GroupId") or asked.get("MemberId", "UserId")
        return [self.living["Membership"][number] for number in self.memberships_of(of)]


def listing(asked: Call) -> Call:
    """Cut a listing down to what its tokens belong to; extensions are only shown or not, and no filter is a filter."""
    bare = asked.without_arns().without("MaxResults", "NextToken", "Extensions")
    return bare if bare.get("Filters") else bare.without("Filters")


def number_of(row: Json) -> int:
    """Return the place of a row in the order of creation."""
    label = row.get("MembershipId") or row.get("UserId") or row["GroupId"]
    return int(label.split()[1])


def emails_of(row: Json) -> list[str]:
    """List the addresses of a user; an e-mail without one is allowed."""
    return [email["Value"] for email in row.get("Emails", []) if "Value" in email]
