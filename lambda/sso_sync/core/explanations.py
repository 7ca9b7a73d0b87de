"""What is told about a person or a group: where they come from, where they are, and what comes next."""

from typing import Literal

from msgspec import Struct

from sso_sync.core.provenance import ChosenBy

# stays: in it today and after the next run; kept out: in it in the directory, and not in AWS.
State = Literal["stays", "joins", "leaves", "kept out"]


class Path(Struct, frozen=True):
    """A way into a group by names: the group, then those below it; `everybody` as in `paths.Way`."""

    groups: tuple[str, ...]
    everybody: bool = False


class InGroup(Struct, frozen=True, kw_only=True):
    """One group of a person in AWS; `why` says what the state alone does not, `paths` are empty if nothing is known."""

    group: str
    state: State
    why: str = ""
    chosen_by: ChosenBy | None = None
    paths: tuple[Path, ...] = ()
    source_id: str = ""
    aws_id: str = ""


class Beside(Struct, frozen=True):
    """A group of the directory that holds a person and is not selected."""

    group: str
    why: str
    paths: tuple[Path, ...]


class InAws(Struct, frozen=True):
    """The object in Identity Center, and how it is managed."""

    id: str
    name: str
    active: bool
    managed: str


class Effect(Struct, frozen=True):
    """A change of the next run: its name as in a plan, what it comes to, and why."""

    change: str
    what: str
    reason: str


class Missing(Struct, frozen=True):
    """A member in the directory who is not a member in AWS."""

    name: str
    why: str


class Origin(Struct, frozen=True, kw_only=True):
    """What the directory's side says; `left_out` and `set_aside` are reasons, empty if neither is so."""

    source_id: str = ""
    listed: bool = False
    chosen_by: ChosenBy | None = None
    left_out: str = ""
    set_aside: str = ""


class PersonExplained(Struct, frozen=True, kw_only=True, tag="person"):
    """All about a person; `notes` are warnings of the plan that speak of them. `by_aws` is as of a group."""

    name: str
    email: str
    verdict: str
    directory: Origin
    aws: InAws | None
    groups: tuple[InGroup, ...] = ()
    beside: tuple[Beside, ...] = ()
    next_run: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = ()
    by_aws: bool = False


class GroupExplained(Struct, frozen=True, kw_only=True, tag="group"):
    """All about a group.

    `members` counts those it is to have in AWS, `nested` those of them who come through groups below
    and `everybody` those who are in it as the whole company is. `above` are selected groups that hold it.
    `by_aws` says that AWS syncs memberships itself, and alone knows them.
    """

    name: str
    email: str
    verdict: str
    directory: Origin
    aws: InAws | None
    members: int = 0
    nested: int = 0
    everybody: int = 0
    below: tuple[Path, ...] = ()
    above: tuple[Path, ...] = ()
    missing: tuple[Missing, ...] = ()
    next_run: tuple[Effect, ...] = ()
    notes: tuple[str, ...] = ()
    by_aws: bool = False


Explanation = PersonExplained | GroupExplained
