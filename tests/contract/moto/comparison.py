"""Asks both sides the same and insists on the same answer, but where the table knows better."""

from collections import Counter

from tests.contract.moto.book import Book
from tests.contract.moto.calls import ENTERPRISE, Call, Json, Ref, call
from tests.contract.moto.differences_of_attributes import ATTRIBUTES, with_what_moto_does_not_keep
from tests.contract.moto.differences_of_input import INPUT
from tests.contract.moto.differences_of_rows import ROWS
from tests.contract.moto.pair import Side

DIFFERENCES = INPUT | ATTRIBUTES | ROWS


class Comparison:
    """One sequence of calls, both sides being empty when it begins."""

    def __init__(self, moto: Side, ours: Side, *, folds: bool) -> None:
        self._moto, self._ours, self._book = moto, ours, Book(folds)
        self.met: Counter[str] = Counter()  # rows of the table that applied
        self.agreed: Counter[str] = Counter()  # operations that both sides accepted

    def compare(self, wanted: Call) -> None:
        """Compare the outcomes of one call."""
        asked = self._book.settle(wanted)
        known = next((name for name, row in DIFFERENCES.items() if row.ours and row.applies(asked, self._book)), "")
        expected = self._as_the_table_has_it(known, asked) if known else self._as_moto_has_it(asked)
        found = self._ours.ask(asked)
        assert found == expected, f"{asked}\nexpected {expected}\nfound {found}"
        if known and "NextToken" in found.get("Answer", {}):
            self._moto.skip_token()
        self._book.record(asked, found, both=not known)
        self.agreed[asked.operation] += not known and "Answer" in found

    def compare_all_that_is_there(self) -> None:
        """Compare every page of every listing."""
        self._walk(call("ListUsers", MaxResults=2, Extensions=[ENTERPRISE]))
        self._walk(call("ListGroups", MaxResults=2))
        groups = [Ref("Group", number) for number in self._book.living["Group"]]
        for group in groups:
            self._walk(call("ListGroupMemberships", GroupId=group, MaxResults=1))
        for number in self._book.living["User"]:
            member = {"UserId": Ref("User", number)}
            self._walk(call("ListGroupMembershipsForMember", MemberId=member, MaxResults=1))
            if groups:
                self.compare(call("IsMemberInGroups", MemberId=member, GroupIds=groups))

    def _walk(self, wanted: Call) -> None:
        pages = len(self._book.pages)
        self.compare(wanted)
        while len(self._book.pages) > pages:
            pages = len(self._book.pages)
            self.compare(wanted.with_(NextToken=Ref("Token", pages - 1)))

    def _as_the_table_has_it(self, known: str, asked: Call) -> Json:
        self.met[known] += 1
        row = DIFFERENCES[known]
        assert row.ours
        return row.ours(asked, self._book)

    def _as_moto_has_it(self, asked: Call) -> Json:
        """Ask moto, in the way that its bugs want it; several rows may apply, such as an ARN to delete a user by."""
        before: list[Call] = []
        last = asked
        for name, row in DIFFERENCES.items():
            if row.instead and row.applies(last, self._book):
                *more, last = row.instead(last, self._book)
                before += more
                self.met[name] += 1
        for prelude in before:
            assert "Answer" in self._moto.ask(prelude)
        completed: Json = with_what_moto_does_not_keep(self._moto.ask(last), asked, self._book)
        return completed
