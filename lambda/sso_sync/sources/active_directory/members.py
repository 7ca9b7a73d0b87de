"""Who is directly in which group: by `member`, by primary group, and held against what members say themselves."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from msgspec import Struct, field

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.sources.active_directory.controller import Controller
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.names import ObjectName
from sso_sync.sources.active_directory.records import Account

MOST_DOUBTS = 20  # groups that are read again because their members say otherwise; more are no coincidence


class Found(Struct, frozen=True):
    """Direct members of every group that was walked: people and groups that are listed, and `strangers` by group."""

    people: dict[str, set[str]] = field(default_factory=dict)
    below: dict[str, set[str]] = field(default_factory=dict)
    strangers: dict[str, list[ObjectName]] = field(default_factory=dict)


class Membership:
    """The memberships of one read. Everything is told by objectGUID, which no rename changes meanwhile."""

    def __init__(
        self,
        controller: Controller,
        accounts: Mapping[str, Account],
        groups: Mapping[str, Entry],
        sids: Mapping[str, str],
    ) -> None:
        self._controller, self._accounts, self._groups, self._sids = controller, accounts, groups, sids

    def walk(self, start: Iterable[str]) -> Found:
        """Visit groups and every group below them; raises SourceError or CredentialsError."""
        found, waiting = Found(), list(start)
        seen, doubts = set(waiting), 0
        while waiting:
            group_id = waiting.pop()
            names = {name.guid: name for name in self._members(self._groups[group_id])}
            if doubtful := self._claims.get(group_id, set()) - names.keys():
                doubts += 1
                names = self._read_again(group_id, doubtful, doubts)
            self._take(found, group_id, names)
            following = found.below[group_id] - seen
            seen |= following
            waiting.extend(following)
        return found

    def _take(self, found: Found, group_id: str, names: Mapping[str, ObjectName]) -> None:
        found.people[group_id] = (names.keys() & self._accounts.keys()) | self._by_primary_group.get(group_id, set())
        found.below[group_id] = names.keys() & self._groups.keys()
        known = found.people[group_id] | found.below[group_id]
        if strangers := [name for guid, name in names.items() if guid not in known]:
            found.strangers[group_id] = strangers

    def _members(self, group: Entry) -> Iterator[ObjectName]:
        for name in (*group.names("member"), *self._controller.rest_of(group, "member", "list more members")):
            if not name.guid:
                raise SourceError(
                    f"{self._controller.host} names members without their objectGUID (control "
                    "1.2.840.113556.1.4.529), so nobody can tell for certain who they are; nothing was changed."
                )
            yield name

    def _read_again(self, group_id: str, doubtful: set[str], doubts: int) -> dict[str, ObjectName]:
        """Read a group anew of which others say that they are in it, and them if they are still not listed."""
        name = self._groups[group_id].name
        again = self._controller.entry("read a group again", f"<GUID={group_id}>", ["objectGUID", "member"])
        if doubts > MOST_DOUBTS or again is None:
            raise self._hidden(name.dn)
        names = {member.guid: member for member in self._members(again)}
        for guid in doubtful - names.keys():
            entry = self._controller.entry("read a member again", f"<GUID={guid}>", ["memberOf"])
            if entry and group_id in {parent.guid for parent in entry.names("memberOf")}:
                raise self._hidden(name.dn)
        return names

    def _hidden(self, group: str) -> CredentialsError:
        return CredentialsError(
            f"The group '{group}' does not list members who say that they are in it, so the account may not see all "
            "of its 'member'; grant it 'Read Members' (or 'Read all properties') on groups there. Nothing was changed."
        )

    @cached_property
    def _claims(self) -> dict[str, set[str]]:
        """Return who says to be in which group, by `memberOf`: a group whose members are hidden looks empty."""
        claims: defaultdict[str, set[str]] = defaultdict(set)
        for guid, account in self._accounts.items():
            for group in account.groups:
                claims[group.guid].add(guid)
        for guid, entry in self._groups.items():
            for group in entry.names("memberOf"):
                claims[group.guid].add(guid)
        return claims

    @cached_property
    def _by_primary_group(self) -> dict[str, set[str]]:
        """Return people by their primary group, whose `member` does not have them."""
        members: defaultdict[str, set[str]] = defaultdict(set)
        for guid, account in self._accounts.items():
            if account.primary_group in self._sids:
                members[self._sids[account.primary_group]].add(guid)
        return members
