"""People of several directories: who is the same person, and who is refused because nobody has said so."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
        self._read, self._actual, self._ledger, self._merge_by = read, actual, ledger, merge_by
        self._external_ids = {user.external_id for user in actual.users.values()}
        self._records = [Record(source, user) for source, part in read.items() for user in part.users.values()]
        self._read_ids = {record.user.id for record in self._records}

    def joint(self) -> Joint:
        people, refused = self._people()
        joint = Joint(canonical=self._canonical(people))
        for records in people:
            self._add(joint, records)
        refused = {joint.canonical[record_id]: why for record_id, why in refused.items()}
        _drop(refused, joint)
        contested = self._contested(joint)
        _drop(contested, joint)
        self._add_members(joint)
        self._set_aside(joint, refused | contested)
        for part in self._read.values():
            for record_id, why in part.left_out.items():
                self._leave_out(record_id, why, joint)
        return joint

    def _leave_out(self, record_id: str, why: str, joint: Joint) -> None:
        owner = self._owners.get(record_id, record_id)
        if owner not in joint.users:
            joint.left_out.setdefault(owner, why)
        if owner in joint.belonging:  # another directory has them: whose record this is, is not forgotten
            _belongs(owner, (), record_id, joint)

    def _people(self) -> tuple[list[list[Record]], dict[str, str]]:
        """Part records into people; whoever shares the key with another of the same directory is refused."""
        by_key: defaultdict[str, list[Record]] = defaultdict(list)
        people: list[list[Record]] = []
        refused: dict[str, str] = {}
        for record in self._records:
            key = self._key(record.user)
            if key or (self._merge_by and record.user.id in self._owners):
                by_key[key or record.user.id].append(record)
            else:
                people.append([record])
        for key, records in by_key.items():
            why = self._why_in_doubt(key, records)
            others = [record for record in records if self._is_anothers(record, records)]
            if why:
                refused |= {record.user.id: why for record in records}
            refused |= {record.user.id: self._why_anothers(record, key, records) for record in others}
            sources = {record.source for record in records}
            if why or others or len(sources) < len(records):
                people += [[record] for record in records]
            else:
                people.append(records)
        return people, refused

    def _why_in_doubt(self, key: str, records: Sequence[Record]) -> str:
        sources = [record.source for record in records]
        if len(set(sources)) in {1, len(sources)}:
            return ""
        return f"{_who(records)} have the same {_words(self._merge_by or '')} '{key}', so nobody can tell who is who"

    def _is_anothers(self, record: Record, records: Sequence[Record]) -> bool:
        """Tell whether the ledger has a record as that of a person who is there, and has another key now."""
        owner = self._owners.get(record.user.id)
        return owner in self._read_ids and owner not in {one.user.id for one in records}

    def _why_anothers(self, record: Record, key: str, records: Sequence[Record]) -> str:
        owner = next(one for one in self._records if one.user.id == self._owners[record.user.id])
        others, attribute = [one for one in records if one is not record], _words(self._merge_by or "")
        now = f"{_who(others)} has that {attribute} '{key}'" if others else f"they differ in the {attribute}"
        return f"{_who([record])} has been one person with {_who([owner])}, and now {now}; correct it in one directory"

    def _key(self, user: User) -> str:
        if not self._merge_by:
            return ""
        plain = getattr(user, self._merge_by, "") or user.attributes.get(self._merge_by, "")
        return fold(str(plain))

    def _canonical(self, people: Iterable[list[Record]]) -> dict[str, str]:
        """Choose the id that each person goes by: the ledger's, else the one that Identity Center has, else the first.

        An id that the ledger knows is nobody else's; one under which it has a person of whom only another
        record is left goes on to that record, rather than one that was left when two people became one.
        """
        chosen: dict[str, str] = {}
        waiting = []
        for records in people:
            ids = [record.user.id for record in records]
            known = [one for one in ids if one in self._ledger.users]
            standing = next((one for one in known if not self._ledger.users[one].left), "")
            if standing:
                chosen |= dict.fromkeys(ids, standing)
            else:
                waiting.append((ids, known))
        for ids, known in waiting:
            taken = {*chosen.values(), *self._read_ids}
            owners = [owner for one in ids if (owner := self._owners.get(one)) and owner not in taken]
            there = [one for one in ids if one in self._external_ids]
            chosen |= dict.fromkeys(ids, next(iter([*owners, *known, *there, *ids])))
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
                else:
                    self._put_aside(aside, (source,), joint)
        for person_id, why in refused.items():
            own = [record.user for record in self._records if joint.canonical[record.user.id] == person_id]
            ids = {user.id for user in own}
            groups = [g for part in self._read.values() for g, members in part.members.items() if ids & members]
            person = msgspec.structs.replace(own[0], id=person_id, external_id=person_id)
            self._put_aside(set_aside(person, why, groups), joint.belonging[person_id].sources, joint)

    def _put_aside(self, aside: SetAside, sources: Sequence[str], joint: Joint) -> None:
        """Set a person aside as the one who the ledger says they are, so that they keep what they have."""
        owner = self._owners.get(aside.source_id, aside.source_id)
        if owner in joint.users:  # by another record, and the groups of this one are theirs, too
            for group_id in aside.groups & joint.members.keys():
                joint.members[group_id].add(owner)
            self._keep_attributes(owner, sources, joint)
            _belongs(owner, sources, aside.source_id, joint)
        person_id = self._free_owner(aside.source_id, joint)
        joint.set_aside.append(msgspec.structs.replace(aside, source_id=person_id))
        _belongs(person_id, sources, aside.source_id, joint)

    def _keep_attributes(self, person_id: str, sources: Sequence[str], joint: Joint) -> None:
        """Let somebody stay as they are in AWS, if the source that gives their attributes has a bad record of them."""
        order, entry = list(self._read), self._ledger.users.get(person_id)
        present = self._actual.users.get(entry.aws_id) if entry else None
        leading = min(map(order.index, joint.belonging[person_id].sources))
        if present and min(map(order.index, sources)) < leading:
            joint.users[person_id] = msgspec.structs.replace(present, id=person_id)


def _drop(people: Iterable[str], joint: Joint) -> None:
    for person_id in people:
        joint.users.pop(person_id, None)


def _belongs(person_id: str, sources: Iterable[str], record_id: str, joint: Joint) -> None:
    """Remember that sources have somebody, and the record under which they do."""
    of = joint.belonging.get(person_id, Belonging(()))
    also = [one for one in (*of.also, record_id) if one != person_id]
    joint.belonging[person_id] = Belonging(tuple(dict.fromkeys((*of.sources, *sources))), tuple(dict.fromkeys(also)))


def _who(records: Iterable[Record]) -> str:
    return listed([f"{record.user.display_name} ({record.source})" for record in records])


def _words(attribute: str) -> str:
    return {"user_name": "user name", "email": "e-mail address"}.get(attribute, attribute.replace("_", " "))
