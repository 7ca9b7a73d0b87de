"""Finding whoever or whatever people mean by a name."""

import difflib
from collections.abc import Iterator

from sso_sync.core.errors import UnknownName
from sso_sync.core.model import Kind, fold
from sso_sync.core.situation import Links, Situation, Subject, names


def find(name: str, situation: Situation, users: Links, groups: Links) -> list[Subject]:
    """Find people and groups by an id, an address or a name, without regard to case.

    People are found by their display name too if nothing else fits. Several may be meant. Raises UnknownName.
    """
    wanted = fold(name.strip())
    for known in (_by_identifier, _by_display_name):
        found = [named for called, named in known(situation, users, groups) if called and fold(called) == wanted]
        if found:
            return _without_doubles(list(dict.fromkeys(found)), situation)
    raise UnknownName(_unknown(name, situation, users, groups))


def _without_doubles(found: list[Subject], situation: Situation) -> list[Subject]:
    """Leave out the records of a wanted person in other directories, where they are not wanted."""
    if not any(named.source_id in situation.desired.users for named in found):
        return found
    return [one for one in found if one.kind == "group" or one.aws_id or one.source_id in situation.desired.users]


def _by_identifier(situation: Situation, users: Links, groups: Links) -> Iterator[tuple[str, Subject]]:
    for source_id, person in situation.provenance.people.items():
        named = users.name("user", source_id=source_id)
        yield from ((source_id, named), (person.email, named))
    for source_id, group in situation.provenance.groups.items():
        named = groups.name("group", source_id=source_id)
        yield from ((source_id, named), (group.email, named), (group.name, named))
    for record in situation.plan.set_aside:
        links = users if record.kind == "user" else groups
        named = links.name(record.kind, source_id=record.source_id)
        yield from ((record.source_id, named), (record.name, named))
    sides: tuple[tuple[Kind, Links], ...] = (("user", users), ("group", groups))
    for kind, links in sides:
        for source_id, wanted in situation.wanted(kind).items():
            named = links.name(kind, source_id=source_id)
            yield from ((called, named) for called in (source_id, *names(wanted)))
        for aws_id, existing in situation.existing(kind).items():
            named = links.name(kind, aws_id=aws_id)
            yield from ((called, named) for called in (aws_id, existing.external_id, *names(existing)) if called)


def _by_display_name(situation: Situation, users: Links, groups: Links) -> Iterator[tuple[str, Subject]]:
    del groups
    for source_id, person in situation.provenance.people.items():
        yield person.name, users.name("user", source_id=source_id)
    for source_id, wanted in situation.desired.users.items():
        yield wanted.display_name, users.name("user", source_id=source_id)
    for aws_id, existing in situation.actual.users.items():
        yield existing.display_name, users.name("user", aws_id=aws_id)


def _unknown(name: str, situation: Situation, users: Links, groups: Links) -> str:
    known = {fold(called): called for called, _ in _by_identifier(situation, users, groups) if called}
    close = difflib.get_close_matches(fold(name), sorted(known), 1)
    hint = f"did you mean '{known[close[0]]}'?" if close else "write an address, a user name, a group's name or an id."
    return f"Neither the directory nor Identity Center knows '{name}'; {hint}"
