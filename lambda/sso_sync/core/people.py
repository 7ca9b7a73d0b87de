"""People of several directories: who is the same person, and who is refused because nobody has said so."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec
from msgspec import Struct, field

from sso_sync.core.changes import unique_names
from sso_sync.core.ledger import Ledger
from sso_sync.core.model import Belonging, Directory, SetAside, User, fold
from sso_sync.core.records import set_aside
from sso_sync.core.wording import listed


class Joint(Struct, kw_only=True):
    """What the directories come to together.

    `canonical` maps every id of a person to the one that they go by: the one under which the ledger has
    them, so that whoever leaves one of two directories stays who they are.
    """

    users: dict[str, User] = field(default_factory=dict)
    members: dict[str, set[str]] = field(default_factory=dict)
    set_aside: list[SetAside] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)
    belonging: dict[str, Belonging] = field(default_factory=dict)
    canonical: dict[str, str] = field(default_factory=dict)


class Record(Struct, frozen=True):
    """A person as one source has them."""

    source: str
    user: User


def join_people(read: Mapping[str, Directory], actual: Directory, ledger: Ledger, merge_by: str | None) -> Joint:
    """Join the people of all sources; the order of `read` says whose attributes count."""
    return _Joining(read, actual, ledger, merge_by).joint()


class _Joining:
    def __init__(self, read: Mapping[str, Directory], actual: Directory, ledger: Ledger, merge_by: str | None) -> None:
        self._read, self._ledger, self._merge_by = read, ledger, merge_by
        self._external_ids = {user.external_id for user in actual.users.values()}
        self._records = [Record(source, user) for source, part in read.items() for user in part.users.values()]

    def joint(self) -> Joint:
        people, refused = self._people()
        joint = Joint(canonical=self._canonical(people))
        for records in people:
            self._add(joint, records)
        refused = {joint.canonical[record_id]: why for record_id, why in refused.items()} | self._contested(joint)
        for person_id in refused:
            joint.users.pop(person_id, None)
        self._add_members(joint)
        self._set_aside(joint, refused)
        for part in self._read.values():
            for record_id, why in part.left_out.items():
                self._leave_out(record_id, why, joint)
        return joint

    def _leave_out(self, record_id: str, why: str, joint: Joint) -> None:
        owner = self._owners.get(record_id, record_id)
        if owner not in joint.users:
            joint.left_out.setdefault(owner, why)
        elif owner != record_id:  # another directory has them: whose record this is, is not forgotten
            of = joint.belonging[owner]
            joint.belonging[owner] = Belonging(of.sources, (*of.also, record_id))

    def _people(self) -> tuple[list[list[Record]], dict[str, str]]:
        """Part records into people; whoever shares the key with another of the same directory is refused."""
        by_key: defaultdict[str, list[Record]] = defaultdict(list)
        people: list[list[Record]] = []
        refused: dict[str, str] = {}
        for record in self._records:
            key = self._key(record.user)
            if key:
                by_key[key].append(record)
            else:
                people.append([record])
        for key, records in by_key.items():
            sources = [record.source for record in records]
            if len(set(sources)) == len(sources) or len(set(sources)) == 1:
                people += [records] if len(set(sources)) == len(sources) else [[record] for record in records]
                continue
            why = f"{_who(records)} have the same {_words(self._merge_by or '')} '{key}', so nobody can tell who is who"
            refused |= {record.user.id: why for record in records}
            people += [[record] for record in records]
        return people, refused

    def _key(self, user: User) -> str:
        if not self._merge_by:
            return ""
        plain = getattr(user, self._merge_by, "") or user.attributes.get(self._merge_by, "")
        return fold(str(plain))

    def _canonical(self, people: Iterable[list[Record]]) -> dict[str, str]:
        """Choose the id that each person goes by: the ledger's, else the one that Identity Center has, else the first.

        An id that the ledger knows is nobody else's; one under which it has a person of whom only another
        record is left goes on to that record.
        """
        chosen: dict[str, str] = {}
        waiting = []
        for records in people:
            ids = [record.user.id for record in records]
            known = next((one for one in ids if one in self._ledger.users), "")
            if known:
                chosen |= dict.fromkeys(ids, known)
            else:
                waiting.append(ids)
        for ids in waiting:
            taken = set(chosen.values())
            owner = next((self._owners[one] for one in ids if self._owners.get(one, one) not in {one, *taken}), "")
            there = next((one for one in ids if one in self._external_ids), ids[0])
            chosen |= dict.fromkeys(ids, owner or there)
        return chosen

    @cached_property
    def _owners(self) -> dict[str, str]:
        """Map other ids of people to the one under which the ledger has them."""
        return {also: person_id for person_id, entry in self._ledger.users.items() for also in entry.also}

    def _free_owner(self, record_id: str, joint: Joint) -> str:
        """Return under which id the ledger has the person of a record that is no user, unless somebody else has it."""
        owner = self._owners.get(record_id, record_id)
        return owner if owner not in joint.users else record_id

    def _add(self, joint: Joint, records: list[Record]) -> None:
        first = records[0].user
        person_id = joint.canonical[first.id]
        joint.users[person_id] = msgspec.structs.replace(
            first, id=person_id, external_id=person_id, active=any(record.user.active for record in records)
        )
        others = tuple(record.user.id for record in records if record.user.id != person_id)
        joint.belonging[person_id] = Belonging(tuple(record.source for record in records), others)

    def _contested(self, joint: Joint) -> dict[str, str]:
        """Refuse people of different directories who have the same name and were not merged."""
        having: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for person_id, user in joint.users.items():
            for unique in unique_names(user):
                having[unique].append(person_id)
        refused: dict[str, str] = {}
        for (attribute, name), ids in having.items():
            records = [Record(joint.belonging[one].sources[0], joint.users[one]) for one in ids]
            if len({record.source for record in records}) > 1:
                why = (
                    f"{_who(records)} have the same {_words(attribute)} '{name}'; say with merge_people_by that they "
                    "are one person, or leave them out of one directory"
                )
                refused |= dict.fromkeys(ids, why)
        return refused

    def _add_members(self, joint: Joint) -> None:
        for part in self._read.values():
            for group_id, ids in part.members.items():
                joint.members[group_id] = {joint.canonical[one] for one in ids if joint.canonical[one] in joint.users}

    def _set_aside(self, joint: Joint, refused: Mapping[str, str]) -> None:
        for source, part in self._read.items():
            for aside in part.set_aside:
                if aside.kind == "group":
                    joint.set_aside.append(aside)
                    continue
                owner = self._owners.get(aside.source_id, aside.source_id)
                if owner in joint.users:  # another directory has them, and this one's groups are theirs, too
                    self._also_in(owner, aside, source, joint)
                person_id = self._free_owner(aside.source_id, joint)
                joint.set_aside.append(msgspec.structs.replace(aside, source_id=person_id))
                joint.belonging.setdefault(person_id, Belonging((source,)))
        for source_id, why in refused.items():
            joint.set_aside += self._refused(source_id, why, joint)

    @staticmethod
    def _also_in(owner: str, aside: SetAside, source: str, joint: Joint) -> None:
        """Give somebody the groups of a record of theirs that is set aside, and remember whose it is."""
        for group_id in aside.groups & joint.members.keys():
            joint.members[group_id].add(owner)
        of = joint.belonging[owner]
        joint.belonging[owner] = Belonging((*of.sources, source), (*of.also, aside.source_id))

    def _refused(self, person_id: str, why: str, joint: Joint) -> Iterator[SetAside]:
        own = [record for record in self._records if joint.canonical[record.user.id] == person_id]
        ids = {record.user.id for record in own}
        groups = [g for part in self._read.values() for g, members in part.members.items() if ids & members]
        for record in own[:1]:
            yield set_aside(msgspec.structs.replace(record.user, id=person_id, external_id=person_id), why, groups)


def _who(records: Iterable[Record]) -> str:
    return listed([f"{record.user.display_name} ({record.source})" for record in records])


def _words(attribute: str) -> str:
    return {"user_name": "user name", "email": "e-mail address"}.get(attribute, attribute.replace("_", " "))
