"""For any directory, store, ledger and config: plans converge, and nobody gains or loses by accident on the way.

A stateful machine: the directory changes, somebody works in the store by hand, runs are cut short, the
config changes, the ledger is lost. After every full run the store has to be what the directory says.
"""

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import msgspec
import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from sso_sync.core.change_keys import key_of
from sso_sync.core.changes import DeleteUser, unique_names
from sso_sync.core.errors import ChangeRefused, ChangeUnknown, SsoSyncError
from sso_sync.core.ledger import Ledger
from sso_sync.core.matching import called
from sso_sync.core.model import Directory, Group, Kind, SetAside, User
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan, phase_of
from sso_sync.core.planner import make_plan
from sso_sync.core.replay import after
from sso_sync.core.rules import Rules
from sso_sync.engine.applier import Applier
from sso_sync.engine.bookkeeper import Bookkeeper
from tests.support.memory import MemoryLease, MemoryState, MemoryTarget, group, user

NAMES = ("ann", "bob", "cem", "Ann", "dot", "root")
GROUP_NAMES = ("admins", "devs", "Admins", "ops", "AWSAuditors")
PROTECTED = ("aws*", "root@*")
START = datetime(2026, 11, 22, tzinfo=UTC)


@st.composite
def directories(draw: st.DrawFn) -> Directory:
    """Few names for more ids, so that swaps, re-used addresses and duplicates are common."""
    users = [
        user(
            source_id,
            user_name=f"{draw(st.sampled_from(NAMES))}@example.com",
            email=f"{draw(st.sampled_from(NAMES))}@example.com",
            display_name=draw(st.sampled_from(("A", "B"))),
            active=draw(st.sampled_from((True, True, True, False))),
            attributes=draw(st.sampled_from(({}, {"title": ""}, {"title": "Chief"}))),
        )
        for source_id in sorted(draw(st.sets(st.sampled_from(("u1", "u2", "u3", "u4", "U1")))))
    ]
    groups = [
        group(source_id, display_name=draw(st.sampled_from(GROUP_NAMES)), description=draw(st.sampled_from(("", "x"))))
        for source_id in sorted(draw(st.sets(st.sampled_from(("g1", "g2", "g3")))))
    ]
    ids = [u.id for u in users]
    members = {g.id: draw(st.sets(st.sampled_from(ids))) if ids else set() for g in groups}
    aside = [
        SetAside(
            "user", source_id, source_id, "bad record", frozenset(draw(st.sets(st.sampled_from(("id-g1", "id-g2")))))
        )
        for source_id in sorted(draw(st.sets(st.sampled_from(("u1", "u2")))) - set(ids))
    ]
    return Directory.of(users, groups, members, set_aside=aside)


@st.composite
def configs(draw: st.DrawFn) -> Rules:
    return Rules(
        protected=draw(st.sampled_from(((), PROTECTED))),
        match_by=draw(st.sampled_from((("user_name", "email"), ("email", "user_name"), ("email",), ()))),
        existing_groups_only=draw(st.sampled_from((False, False, True))),
        leavers=draw(st.sampled_from(("delete", "deactivate", "keep"))),
        leaving_groups=draw(st.sampled_from(("delete", "keep"))),
        unmanaged=draw(st.sampled_from(("keep", "keep", "delete"))),
    )


class Company(RuleBasedStateMachine):
    """One store through many runs."""

    @initialize(scim=st.booleans(), config=configs(), content=directories())
    def begin(self, scim: bool, config: Rules, content: Directory) -> None:
        if scim:
            self.target = MemoryTarget(unwritable={"description"}, members_per_create=2, members_per_change=2)
        else:
            self.target = MemoryTarget(unwritable={"external_id", "active"}, members_per_create=0, members_per_change=1)
            config = msgspec.structs.replace(config, leavers="delete" if config.leavers == "deactivate" else "keep")
        self.target.concurrency = 1
        self.ledger = Ledger(store_id=self.target.store_id)
        self.config, self.content, self.now = config, content, START
        self.strangers = 0

    @rule(content=directories())
    def the_directory_changes(self, content: Directory) -> None:
        self.content = content

    @rule(config=configs())
    def the_config_changes(self, config: Rules) -> None:
        if "active" in self.target.unwritable and config.leavers == "deactivate":
            config = msgspec.structs.replace(config, leavers="delete")
        self.config = config

    @rule(days=st.integers(1, 40))
    def time_goes_by(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(name=st.sampled_from(("ann", "bob", "eve", "root")), carried=st.sampled_from(("", "", "u1", "elsewhere")))
    def somebody_makes_a_user(self, name: str, carried: str) -> None:
        self.strangers += 1
        taken = {u.external_id for u in self.target.users.values()}
        made = user(name, id=f"X{self.strangers}", external_id="" if carried in taken else carried)
        self._by_hand(lambda: self.target.put_user(msgspec.structs.replace(made, attributes={"locale": "fr"})))

    @rule(name=st.sampled_from(("admins", "legacy", "AWSAuditors")), data=st.data())
    def somebody_makes_a_group(self, name: str, data: st.DataObject) -> None:
        self.strangers += 1
        members = data.draw(st.sets(st.sampled_from(sorted(self.target.users)))) if self.target.users else set()
        made = group(name, id=f"Y{self.strangers}", external_id="")
        self._by_hand(lambda: self.target.put_group(made, members))

    @precondition(lambda self: self.target.users)
    @rule(data=st.data(), name=st.sampled_from(NAMES))
    def somebody_renames_a_user(self, data: st.DataObject, name: str) -> None:
        chosen = self.target.users[data.draw(st.sampled_from(sorted(self.target.users)))]
        renamed = msgspec.structs.replace(chosen, user_name=f"{name}@example.com", display_name="Z")
        self._by_hand(lambda: self.target.put_user(renamed))

    @precondition(lambda self: self.target.users)
    @rule(data=st.data())
    def somebody_switches_a_user_on_or_off(self, data: st.DataObject) -> None:
        chosen = self.target.users[data.draw(st.sampled_from(sorted(self.target.users)))]
        if "active" not in self.target.unwritable:
            self.target.put_user(msgspec.structs.replace(chosen, active=not chosen.active))

    @precondition(lambda self: self.target.users and self.target.groups)
    @rule(data=st.data())
    def somebody_changes_a_membership(self, data: st.DataObject) -> None:
        group_id = data.draw(st.sampled_from(sorted(self.target.groups)))
        self.target.members[group_id] ^= {data.draw(st.sampled_from(sorted(self.target.users)))}

    @precondition(lambda self: self.target.users)
    @rule(data=st.data())
    def somebody_deletes_a_user(self, data: st.DataObject) -> None:
        self.target.delete_user(data.draw(st.sampled_from(sorted(self.target.users))))

    @rule()
    def the_ledger_is_lost(self) -> None:
        self.ledger = Ledger(store_id=self.target.store_id)

    @rule(after_changes=st.integers(0, 6), written=st.booleans())
    def a_run_is_cut_short(self, after_changes: int, written: bool) -> None:
        self._apply(self._plan(), stop_after=after_changes, written=written)

    @rule(content=directories())
    def the_directory_changes_and_a_run_goes_through(self, content: Directory) -> None:
        self.content = content
        self.a_run_goes_through()

    @rule()
    def a_run_goes_through(self) -> None:
        was_new = self.ledger.is_new
        for again in range(2):
            plan = self._plan()
            _assert_well_formed(plan)
            before = self.target.read()
            outcomes = self._apply(plan)
            assert [o for o in outcomes if o.result is not Result.DONE] == []
            _assert_replayed(before, outcomes, self.target.read())
            if not was_new or again:
                break
        self._assert_converged()
        self._assert_equal()

    def _by_hand(self, action: Callable[[], object]) -> None:
        """Let somebody do what the store may refuse."""
        with contextlib.suppress(ChangeRefused):
            action()

    def _rules(self) -> Rules:
        return msgspec.structs.replace(self.config, unwritable=self.target.unwritable, now=self.now)

    def _plan(self) -> Plan:
        plan = make_plan(self.content, self.target.read(), self.ledger, self._rules())
        assert make_plan(self.content, self.target.read(), self.ledger, self._rules()) == plan, "it is repeatable"
        return plan

    def _apply(self, plan: Plan, stop_after: int | None = None, *, written: bool = False) -> list[Outcome]:
        """Apply a plan; a run that is cut short may have written what nobody heard of."""
        before = self.target.read()
        known = {entry.aws_id for entry in (*self.ledger.users.values(), *self.ledger.groups.values())}
        known |= {u.id for u in before.users.values() if u.external_id in self.ledger.pending_users}
        known |= {g.id for g in before.groups.values() if g.external_id in self.ledger.pending_groups}
        watched = _Watched(self.target, before, self._final(plan, before), stop_after, written=written)
        book = Bookkeeper(self.ledger, MemoryState(), lambda: 0.0)
        outcomes: list[Outcome] = []

        def note(outcome: Outcome) -> None:
            outcomes.append(outcome)
            book.record(outcome)

        book.begin(plan.changes)
        try:
            Applier(plan, watched, MemoryLease(), note, Event()).apply()
        except SsoSyncError:
            assert stop_after is not None
        book.close(self.content, after(before, outcomes), self.now, complete=stop_after is None)
        self._assert_untouched(plan, before, known)
        return outcomes

    def _final(self, plan: Plan, before: Directory) -> dict[str, frozenset[str]]:
        """Tell what a plan is to make of the memberships that there are."""
        return dict(after(before, [Outcome(c, Result.DONE, aws_id=f"new:{key_of(c)}") for c in plan.changes]).members)

    def _assert_untouched(self, plan: Plan, before: Directory, known: set[str]) -> None:
        """Assert that what is not managed, or protected, is as it was."""
        managed = known | {e.aws_id for e in (*self.ledger.users.values(), *self.ledger.groups.values())}
        protects = self._rules().protects
        everything: dict[str, User | Group] = {**before.users, **before.groups}
        for aws_id, record in everything.items():
            table: Mapping[str, User | Group] = self.target.users if isinstance(record, User) else self.target.groups
            is_protected = protects(called(record))
            if is_protected or (aws_id not in managed and self.config.unmanaged == "keep"):
                assert table.get(aws_id) == record
            if is_protected and isinstance(record, Group):
                gone = {c.user.id for c in plan.changes if isinstance(c, DeleteUser)}
                assert self.target.members[aws_id] == before.members[aws_id] - (gone - self.target.users.keys())

    def _assert_converged(self) -> None:
        again = self._plan().changes
        assert again == (), [key_of(change) for change in again]

    def _assert_equal(self) -> None:
        plan = self._plan()
        aside = {(record.kind, record.source_id) for record in plan.set_aside}
        for source_id, wanted in self.content.users.items():
            if ("user", source_id) not in aside:
                found = self.target.users[self.ledger.users[source_id].aws_id]
                _assert_same_user(found, wanted, self.target)
        for source_id, wanted_group in self.content.groups.items():
            if ("group", source_id) not in aside:
                aws_id = self.ledger.groups[source_id].aws_id
                assert self.target.groups[aws_id].display_name == wanted_group.display_name
                self._assert_members(source_id, aws_id, aside)
        self._assert_leavers_are_out()

    def _assert_members(self, source_id: str, aws_id: str, aside: set[tuple[Kind, str]]) -> None:
        """A group has its members; more only where somebody's record is set aside, or they are protected."""
        wanted = {
            self.ledger.users[u].aws_id
            for u in self.content.members[source_id]
            if u in self.ledger.users and ("user", u) not in aside
        }
        more = self.target.members[aws_id] - wanted
        assert wanted <= self.target.members[aws_id]
        set_aside = any(kind == "user" for kind, _ in aside)
        protects = self._rules().protects
        assert all(set_aside or protects(self.target.users[user_id].user_name) for user_id in more)

    def _assert_leavers_are_out(self) -> None:
        """Who is gone is in no group that may be changed, and not active where that can be had."""
        aside = {record.source_id for record in self._plan().set_aside}
        for source_id, entry in self.ledger.users.items():
            found = self.target.users.get(entry.aws_id)
            if source_id in self.content.users or source_id in aside or found is None:
                continue
            if self._rules().protects(found.user_name):
                continue
            assert self.config.leavers != "delete"
            assert self.config.leavers == "keep" or not found.active
            for group_id, members in self.target.members.items():
                if not self._rules().protects(self.target.groups[group_id].display_name):
                    assert entry.aws_id not in members


class _Watched(MemoryTarget):
    """A store that is looked at after every write: nobody may have what neither the old nor the new state gives."""

    def __init__(
        self,
        inner: MemoryTarget,
        before: Directory,
        final: dict[str, frozenset[str]],
        stop_after: int | None,
        *,
        written: bool,
    ) -> None:
        self.__dict__.update(inner.__dict__)  # the same tables
        self._before, self._final = before, final
        self._left, self._written = stop_after, written

    @contextmanager
    def _called(self, call: str, name: str) -> Iterator[None]:
        lost = self._left == 0
        if self._left is not None:
            self._left -= 1
        if lost and not self._written:
            raise ChangeUnknown("no answer")
        with super()._called(call, name):
            yield
        self._check()
        if lost:
            raise ChangeUnknown("no answer")

    def _check(self) -> None:
        for group_id, members in self.members.items():
            allowed = self._before.members.get(group_id, frozenset()) | self._final.get(group_id, frozenset())
            if group_id in self._before.groups:
                known = self._before.users.keys()
                assert (members & known) <= allowed, "somebody is in a group that neither state has them in"


def _assert_well_formed(plan: Plan) -> None:
    """A plan is ordered, survives JSON, and nobody in it is deleted and created again."""
    assert [phase_of(c) for c in plan.changes] == sorted(phase_of(c) for c in plan.changes)
    read = msgspec.json.decode(msgspec.json.encode(plan), type=Plan)
    assert (read, read.checksum) == (plan, plan.checksum)
    keys = [key_of(change) for change in plan.changes]
    gone = {_object(key) for key in keys if key.startswith("delete_") and "membership" not in key}
    assert not gone & {_object(key) for key in keys if key.startswith("create_") and "membership" not in key}


def _object(key: str) -> str:
    what, which = key.split(" ")[:2]
    return f"{what.partition('_')[2]} {which}"


def _assert_same_user(found: User, wanted: User, target: MemoryTarget) -> None:
    for name in ("user_name", "email", "display_name", "given_name", "family_name"):
        assert getattr(found, name) == getattr(wanted, name)
    for name, value in wanted.attributes.items():
        assert found.attributes.get(name, "") == value
    if "external_id" not in target.unwritable:
        assert found.external_id == wanted.external_id
        assert wanted.active or not found.active


def _assert_replayed(before: Directory, outcomes: Iterable[Outcome], held: Directory) -> None:
    told = after(before, outcomes)
    assert (told.groups.keys(), told.members) == (held.groups.keys(), held.members)
    assert {i: unique_names(u) for i, u in told.users.items()} == {i: unique_names(u) for i, u in held.users.items()}


class ManyCompanies(Company):
    """The same, for as long as it takes."""


QUICK = settings(
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    max_examples=60,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
Company.TestCase.settings = QUICK
ManyCompanies.TestCase.settings = settings(QUICK, derandomize=False, max_examples=5000, print_blob=True)
TestCompany = Company.TestCase
TestManyCompanies = pytest.mark.long(ManyCompanies.TestCase)
