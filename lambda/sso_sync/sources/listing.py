"""What a source has read, in one form; and the directory that it comes to under the filters of the config."""

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct

from sso_sync.core.model import Directory, Group, SetAside, User
from sso_sync.core.nesting import flatten
from sso_sync.core.provenance import OUTSIDE, ChosenBy, Named, Provenance
from sso_sync.core.records import (
    keep_valid_attributes,
    keep_valid_description,
    set_aside,
    why_not_group,
    why_not_user,
)
from sso_sync.core.selection import Fields, Selection, Verdict
from sso_sync.settings import PeopleSettings
from sso_sync.settings.selection import EVERYTHING, NOTHING, build_selection

log = logging.getLogger(__name__)


class Person(Struct, frozen=True):
    """A person as listed: the user that they would be, and what filters look at.

    `left_out` says why they are not wanted, whatever the filters say; `unreadable` why nothing can be
    concluded from the record at all.
    """

    user: User
    fields: Fields
    left_out: str = ""
    unreadable: str = ""


class ListedGroup(Struct, frozen=True):
    """A group as listed, what filters look at, and what they say of it."""

    group: Group
    fields: Fields
    verdict: Verdict


class Listing(Struct, frozen=True, kw_only=True):
    """One complete read of a directory, by source id.

    `direct` and `below` are the people and the groups directly in every group that was walked; `everybody`
    are groups with the whole company directly in them. `outside` are members from other companies.
    `unlisted` are groups that were met although no listing has them, `foreign` those of other companies.
    `assigned` are people who are wanted without being in a group, with what says so.
    """

    people: Mapping[str, Person]
    groups: Mapping[str, ListedGroup]
    direct: Mapping[str, Collection[str]]
    below: Mapping[str, Collection[str]] = {}
    everybody: Collection[str] = ()
    outside: Mapping[str, Named] = {}
    unlisted: Mapping[str, Named] = {}
    foreign: Mapping[str, Named] = {}
    assigned: Mapping[str, ChosenBy] = {}


class Filters(Struct, frozen=True):
    """The filters of one source, for groups and for people."""

    groups: Selection
    people: Selection

    @classmethod
    def of(
        cls, settings: PeopleSettings, group_fields: Sequence[str], user_fields: Sequence[str], *, custom: bool = False
    ) -> "Filters":
        """Build them from settings that were checked; fields and `custom` are what filters may look at.

        Without filters for groups none is wanted, without those for people everybody is.
        """
        groups, people = settings.groups, settings.users
        return cls(
            build_selection(groups, group_fields, custom=False, path="groups", mistakes=[]) if groups else NOTHING,
            build_selection(people, user_fields, custom=custom, path="users", mistakes=[]) if people else EVERYTHING,
        )


def assemble(listing: Listing, settings: PeopleSettings, filters: Filters, warnings: Iterable[str] = ()) -> Directory:
    """Make the directory that the config wants."""
    log.info("read", extra={"users": len(listing.people), "groups": len(listing.groups)})
    return _Assembly(listing, settings, filters).directory(warnings)


class _Assembly:
    def __init__(self, listing: Listing, settings: PeopleSettings, filters: Filters) -> None:
        self._listing, self._settings, self._filters = listing, settings, filters
        known = listing.people.keys()
        direct: dict[str, Collection[str]] = {**listing.direct, **dict.fromkeys(listing.everybody, known)}
        self._wanted = {group_id: row for group_id, row in listing.groups.items() if row.verdict.selected}
        self._members = {group_id: flatten(group_id, direct, listing.below) & known for group_id in self._wanted}
        self._in_groups = set[str]().union(*self._members.values())
        self._verdicts = {person_id: filters.people.decide(row.fields) for person_id, row in listing.people.items()}

    def directory(self, warnings: Iterable[str]) -> Directory:
        listing = self._listing
        left_out = {group_id: g.verdict.why_not() for group_id, g in listing.groups.items() if not g.verdict.selected}
        left_out |= dict.fromkeys((*listing.foreign, *listing.outside), OUTSIDE)
        chosen: dict[str, User] = {}
        aside: list[SetAside] = []
        for person_id, person in listing.people.items():
            user = keep_valid_attributes(person.user)
            why = "" if person.unreadable else self._why_left_out(person_id, person)
            problem = person.unreadable or why_not_user(user)
            if why:
                left_out[person_id] = why
            elif problem:
                aside.append(set_aside(user, problem, (g for g in self._wanted if person_id in self._members[g])))
            else:
                chosen[person_id] = user
        made = [self._named(keep_valid_description(row.group)) for row in self._wanted.values()]
        problems = {group.id: why_not_group(group) for group in made}
        aside += [set_aside(group, problem) for group in made if (problem := problems[group.id])]
        good = [group for group in made if not problems[group.id]]
        return Directory.of(
            chosen.values(),
            good,
            {group.id: self._members[group.id] & chosen.keys() for group in good},
            set_aside=aside,
            left_out=left_out,
            warnings=(*self._warnings(), *warnings),
            provenance=self._provenance(chosen),
        )

    def _why_left_out(self, person_id: str, person: Person) -> str:
        if person.left_out:
            return person.left_out
        if not self._verdicts[person_id].selected:
            return self._verdicts[person_id].why_not("for users")
        is_wanted = person_id in self._in_groups or person_id in self._listing.assigned
        return "in no selected group" if self._settings.method == "groups" and not is_wanted else ""

    def _named(self, group: Group) -> Group:
        prefix = self._settings.group_prefix
        return msgspec.structs.replace(group, display_name=f"{prefix}{group.display_name}") if prefix else group

    def _warnings(self) -> Iterator[str]:
        listing = self._listing
        yield from _idle_filters(self._filters.groups, [row.fields for row in listing.groups.values()], "group")
        yield from _idle_filters(self._filters.people, [row.fields for row in listing.people.values()], "user")
        if listing.outside:
            count = len(listing.outside)
            were = "member from outside the company was" if count == 1 else "members from outside the company were"
            yield f"{count} {were} left out"

    def _provenance(self, chosen: Mapping[str, User]) -> Provenance:
        listing = self._listing
        own = {person_id: person_id for person_id in listing.people}  # one string for each id, whatever lists it
        named = {group_id: _named(self._named(row.group), row.fields) for group_id, row in listing.groups.items()}
        people = {
            person_id: Named(_first(row.fields, "name"), _first(row.fields, "email"))
            for person_id, row in listing.people.items()
            if person_id not in chosen
        }
        verdicts = self._verdicts if self._settings.users else {}
        return Provenance(
            groups={**listing.unlisted, **listing.foreign, **named},
            people={**people, **listing.outside},
            chosen_groups=_chosen({group_id: row.verdict for group_id, row in listing.groups.items()}),
            chosen_people={**listing.assigned, **_chosen(verdicts)},
            direct={
                group_id: tuple(sorted(own.get(member_id, member_id) for member_id in ids))
                for group_id, ids in listing.direct.items()
            },
            below={group_id: tuple(sorted(below)) for group_id, below in listing.below.items() if below},
            everybody=frozenset(listing.everybody),
            outside=frozenset(listing.outside),
        )


def _chosen(verdicts: Mapping[str, Verdict]) -> dict[str, ChosenBy]:
    """Say by which filter records are selected; records of one filter share one object."""
    by_filter: dict[str, ChosenBy] = {}
    return {
        record_id: by_filter.setdefault(verdict.by.text, ChosenBy(verdict.by.text, verdict.by.description))
        for record_id, verdict in verdicts.items()
        if verdict.selected and verdict.by
    }


def _named(group: Group, fields: Fields) -> Named:
    return Named(group.display_name, _first(fields, "email"))


def _first(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _idle_filters(selection: Selection, records: list[Fields], what: str) -> list[str]:
    return [f"the filter '{idle.text}' matches no {what}" for idle in selection.idle(records)]
