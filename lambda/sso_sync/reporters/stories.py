"""The changes of a run by person and by group: one story each, however many changes it is made of."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from enum import Enum, auto
from typing import assert_never

from msgspec import Struct

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
    is_drift,
    subject,
    switches_off,
)
from sso_sync.core.model import Directory, Kind, User
from sso_sync.core.outcomes import Result
from sso_sync.core.report import RunReport
from sso_sync.core.wording import counted
from sso_sync.reporters.effects import Effect, effects_of
from sso_sync.reporters.lines import Line, lines_of
from sso_sync.reporters.sentences import LEFT_OUT, Name, Sentence, update_words

GROUPS, REASONS = 6, 2  # that one story names
Membership = CreateMembership | DeleteMembership
Clause = tuple[Sentence, Sentence]  # as it was done, and as it was to be done


class Plot(Enum):
    """What a story comes to, in the order for readers."""

    LEFT = auto()  # the person cannot sign in any more
    JOINED = auto()
    GROUPS_CHANGED = auto()  # of a person
    PERSON_CHANGED = auto()
    GROUP_DELETED = auto()
    GROUP_CREATED = auto()
    GROUP_CHANGED = auto()


class Story(Struct, frozen=True):
    """All that one run did to a person or a group, or with another `result` than "done" was to do.

    `name` is what people call them, `address` another name of a person, if there is one. `why` gives the reasons
    of what takes access away and of drift, and says what was left out.
    """

    kind: Kind
    plot: Plot
    result: Result | None
    name: Name
    address: Name | None
    words: Sentence
    why: str
    takes_away: bool


def stories_of(report: RunReport) -> list[Story]:
    """Fold the changes of a run, save those that failed: each of these has an error to tell."""
    lines = [line for line in lines_of(report) if line.result is not Result.FAILED]
    by_whom: defaultdict[tuple[Kind, str, Result | None], list[Line]] = defaultdict(list)
    for line in lines:
        by_whom[*_whom(line.change), line.result].append(line)
    gained = Counter(
        (line.change.group.key, line.result) for line in lines if isinstance(line.change, CreateMembership)
    )
    displayed, by_aws = _Displayed(report), report.desired is not None and report.desired.synced_by_aws
    stories = [
        _of_person(found, result, displayed)
        if kind == "user"
        else _of_group(found, result, None if by_aws else gained[key, result])
        for (kind, key, result), found in by_whom.items()
    ]
    return sorted(stories, key=lambda story: (not story.takes_away, story.plot.value, _alphabetical(story)))


def _alphabetical(story: Story) -> tuple[str, ...]:
    names = (story.name.text, story.address.text if story.address else "")
    return *(name.casefold() for name in names), *names


def _whom(change: Change) -> tuple[Kind, str]:
    if isinstance(change, Membership):
        return "user", change.user.key
    kind, ref = subject(change)
    return kind, ref.key


class _Displayed:
    """The names by which people are displayed: after the run in the store, else as they should be."""

    def __init__(self, report: RunReport) -> None:
        self._sides = [side for side in (report.identity_center, report.desired) if side]

    def who(self, ref: Ref, changes: Iterable[Change]) -> tuple[Name, Name | None]:
        """Return name and address of a person, as they were before a change of theirs."""
        record = next((known for change in changes if (known := _record_in(change))), None)
        record = record or next((known for side in self._sides if (known := _find(side, ref))), None)
        person = ref.id or ref.source_id
        if record is None or record.display_name in {"", record.user_name}:
            return Name(record.user_name if record else ref.name, person), None
        return Name(record.display_name, person), Name(record.user_name, LEFT_OUT)


def _record_in(change: Change) -> User | None:
    match change:
        case CreateUser(user=user) | UpdateUser(before=user):
            return user
        case _:
            return None


def _find(side: Directory, ref: Ref) -> User | None:
    return side.users.get(ref.id) or side.users.get(ref.source_id)


def _of_person(lines: Sequence[Line], result: Result | None, displayed: _Displayed) -> Story:
    changes = [line.change for line in lines]
    ref = next((change.user for change in changes if isinstance(change, Membership)), subject(changes[0])[1])
    joined = [change.group.name for change in changes if isinstance(change, CreateMembership)]
    left = [change.group.name for change in changes if isinstance(change, DeleteMembership)]
    record = _without_steps(changes)
    last = [change for change in record if isinstance(change, DeleteUser) or switches_off(change)]
    clauses = [_record_clause(change) for change in record if change not in last]
    clauses += _membership_clause(joined, left)
    clauses += [_record_clause(change) for change in last]
    effects = {effect for change in changes for effect in effects_of(change)}
    return Story(
        "user",
        _plot(effects),
        result,
        *displayed.who(ref, changes),
        _told(clauses, made=result is Result.DONE),
        _why(lines, moved=bool(joined)),
        any(line.takes_away for line in lines),
    )


def _plot(effects: set[Effect]) -> Plot:
    if effects & {Effect.DELETED, Effect.SWITCHED_OFF}:
        return Plot.LEFT
    if effects & {Effect.CREATED, Effect.SWITCHED_ON}:
        return Plot.JOINED
    return Plot.GROUPS_CHANGED if effects & {Effect.JOINED, Effect.LEFT} else Plot.PERSON_CHANGED


def _of_group(lines: Sequence[Line], result: Result | None, gained: int | None) -> Story:
    changes = _without_steps([line.change for line in lines])
    clauses = [_record_clause(change, gained) for change in changes]
    plots = {CreateGroup: Plot.GROUP_CREATED, DeleteGroup: Plot.GROUP_DELETED}
    return Story(
        "group",
        plots.get(type(changes[0]), Plot.GROUP_CHANGED),
        result,
        Name(subject(changes[0])[1].name),
        None,
        _told(clauses, made=result is Result.DONE),
        _why(lines),
        any(line.takes_away for line in lines),
    )


def _without_steps(changes: Sequence[Change]) -> Sequence[Change]:
    """Leave out memberships, and steps that only freed a name if there is more to tell."""
    records = [change for change in changes if not isinstance(change, Membership)]
    lasting = [change for change in records if Effect.MOVED_ASIDE not in effects_of(change)]
    return lasting or records


def _record_clause(change: Change, gained: int | None = 0) -> Clause:
    """Say what became of a user or a group itself; `gained` counts the members of a new group, None if AWS does."""
    match change:
        case CreateUser():
            return ("is new",), ("be created",)
        case CreateGroup():
            members = f", with {counted(gained, 'member')}" if gained else "" if gained is None else ", without members"
            return (f"is new{members}",), (f"be created{members}",)
        case DeleteGroup(members=lost):
            return _passive(f"deleted, and with it {counted(lost, 'membership')}" if lost else "deleted")
        case DeleteUser():
            return _passive("deleted")
        case Adopt():
            return _passive("taken over")
        case UpdateUser() | UpdateGroup():
            return _passive(*update_words(change))
        case CreateMembership() | DeleteMembership():
            raise ValueError("a membership is no record")
        case _:
            assert_never(change)


def _passive(*words: str | Name) -> Clause:
    return ("was ", *words), ("be ", *words)


def _membership_clause(joined: Sequence[str], left: Sequence[str]) -> Iterator[Clause]:
    if joined and left:
        way = ("from ", *_groups(left), " to ", *_groups(joined))
        yield ("moved ", *way), ("move ", *way)
    elif joined:
        yield ("joined ", *_groups(joined)), ("join ", *_groups(joined))
    elif left:
        yield ("left ", *_groups(left)), ("leave ", *_groups(left))


def _groups(names: Iterable[str]) -> Iterator[str | Name]:
    ordered = sorted(names, key=lambda name: (name.casefold(), name))
    shown = ordered if len(ordered) <= GROUPS + 1 else ordered[:GROUPS]
    for number, name in enumerate(shown):
        yield from (", ", Name(name)) if number else (Name(name),)
    if len(ordered) > len(shown):
        yield f" and {len(ordered) - len(shown)} more groups"


def _told(clauses: Iterable[Clause], *, made: bool) -> Sentence:
    words: list[str | Name] = [] if made else ["was to "]
    for number, (done, to_do) in enumerate(clauses):
        words += [" and ", *(done if made else to_do)] if number else (done if made else to_do)
    return tuple(words)


def _why(lines: Sequence[Line], *, moved: bool = False) -> str:
    """Give reasons and what was left out; who moved has gone where they are, which is reason enough."""
    telling = [line for line in lines if (line.takes_away and not moved) or is_drift(line.change)]
    reasons = dict.fromkeys(line.why for line in telling if line.why)
    lost = dict.fromkeys(f"{line.became}: {line.error}" for line in lines if line.lost)
    return "; ".join([*list(reasons)[:REASONS], *list(lost)[:REASONS]])
