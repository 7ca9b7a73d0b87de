"""What breaks a limit waits for somebody's word, and that word allows just that, once, for a time."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from sso_sync.core.approval import VALID, Approval, Refusal
from sso_sync.core.errors import Interrupted, LimitExceeded, TargetError
from sso_sync.core.limits import Limit, Limits
from sso_sync.core.model import Directory
from sso_sync.core.policy import ApprovalMode, Policy
from sso_sync.core.report import RunReport
from sso_sync.core.rules import Rules
from sso_sync.engine.consent import Consent
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review, Run
from tests.support.approving import SOMEBODY, MemoryApprovals, MemoryAssignments
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

PEOPLE = [f"u{number}" for number in range(20)]
DEVS, OPS = group("devs"), group("ops")


def company(count: int, groups: tuple[str, ...] = ("devs",)) -> Directory:
    people = PEOPLE[:count]
    return directory([user(name) for name in people], {group(name): people for name in groups})


class Desk:
    """A deployment with somebody who can approve."""

    def __init__(self, mode: ApprovalMode = "on_limit", limits: Limits | None = None) -> None:
        self.source, self.target, self.state = MemorySource(company(20)), MemoryTarget(), MemoryState()
        self.approvals, self.assignments = MemoryApprovals(), MemoryAssignments()
        self.policy = Policy(limits=limits or Limits(), approval=mode, config="config-1")
        self.reports: list[RunReport] = []

    name = "the desk"

    def report(self, report: RunReport) -> None:
        self.reports.append(report)

    def run(self, reviewed: tuple[str, ...] | None = None) -> Run:
        consent = Consent(self.approvals) if reviewed is None else Consent(None, reviewed)
        return Run(
            [self.source],
            self.target,
            self.state,
            self.policy,
            consent=consent,
            assignments=self.assignments,
            reporters=lambda: [self],
        )

    def execute(self, reviewed: tuple[str, ...] | None = None) -> None:
        self.run(reviewed).execute("test", Review())

    def refused(self) -> Refusal:
        """Run, expect to be refused, and return what waits."""
        calls = len(self.target.calls)
        with pytest.raises(LimitExceeded):
            self.execute()
        assert len(self.target.calls) == calls, "nothing was written"
        waiting = self.reports[-1].waiting
        assert waiting
        assert self.state.refusals[waiting.id].digest == waiting.digest
        return waiting


def desk_after_a_first_load(mode: ApprovalMode = "on_limit") -> Desk:
    desk = Desk()
    desk.execute()
    desk.policy = msgspec.structs.replace(desk.policy, approval=mode)
    return desk


def test_what_breaks_a_limit_is_refused_then_approved_then_done() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    waiting = desk.refused()
    assert waiting.reasons[0] == "it would delete or switch off 10 users (limits.users_leaving: 20 % of 20)"
    desk.approvals.approve(waiting)
    desk.execute()
    assert len(desk.target.users) == 10
    assert [approval.by for approval in desk.reports[-1].approved] == [SOMEBODY]


def test_the_sentence_says_what_why_and_how_to_go_on() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    waiting = desk.refused()
    assert desk.reports[-1].problem == (
        "The plan was refused, so nothing was written: it would delete or switch off 10 users (limits.users_leaving: "
        "20 % of 20); it would remove 10 memberships (limits.memberships_removed: 30 % of 20). If that is right, run "
        f"'sso-sync approve {waiting.id}'; if not, correct the directory or the filters."
    )


def test_a_sentence_about_many_limits_stays_short_and_keeps_the_command() -> None:
    desk = Desk(limits=Limits(members_removed_of_a_group=Limit(count=0), memberships_removed=Limit()))
    desk.source.content = company(20, tuple(f"team-{number}-{'x' * 300}" for number in range(9)))
    desk.execute()
    desk.source.content = directory(
        [user(name) for name in PEOPLE], dict.fromkeys(desk.source.content.groups.values(), PEOPLE[1:])
    )
    desk.refused()
    assert "; and 6 more reasons. If that is right, run 'sso-sync approve " in desk.reports[-1].problem
    assert len(desk.reports[-1].problem) < 800


def test_an_approval_allows_less_but_nothing_else() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    desk.approvals.approve(desk.refused())
    desk.source.content = company(9)
    assert len(desk.refused().changes) > 0
    desk.source.content = company(11)
    desk.execute()
    assert len(desk.target.users) == 11


def test_an_approval_counts_once() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    waiting = desk.refused()
    desk.approvals.approve(waiting)
    desk.execute()
    desk.source.content = company(20)
    desk.execute()
    desk.source.content = company(10)
    desk.approvals.approve(desk.refused())
    desk.execute()
    assert len(desk.target.users) == 10


def test_a_run_that_was_cut_short_goes_on_under_its_approval() -> None:
    desk = desk_after_a_first_load()
    desk.target.concurrency = 1
    desk.source.content = company(8)
    desk.approvals.approve(desk.refused())
    desk.target.failures["delete_user", "U10"] = TargetError("AWS is away.")
    with pytest.raises(TargetError):
        desk.execute()
    assert 8 < len(desk.target.users) < 20
    desk.target.failures.clear()
    desk.execute()
    assert len(desk.target.users) == 8


def test_an_approval_runs_out() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    waiting = desk.refused()
    desk.approvals.approve(waiting, datetime.now(UTC) - VALID - timedelta(seconds=1))
    assert desk.refused().id == waiting.id


def test_an_approval_is_for_one_config() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    desk.approvals.approve(desk.refused())
    desk.policy = msgspec.structs.replace(desk.policy, config="config-2")
    desk.refused()
    desk.policy = msgspec.structs.replace(desk.policy, config="config-1")
    desk.execute()


def test_a_refusal_that_was_widened_after_it_was_approved_counts_for_nothing() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(15)
    desk.policy = msgspec.structs.replace(desk.policy, limits=Limits(users_leaving=Limit(count=1)))
    waiting = desk.refused()
    desk.approvals.approve(waiting)
    desk.source.content = company(1)
    wider = desk.refused()
    desk.state.refusals[waiting.id] = msgspec.structs.replace(waiting, changes=wider.changes)
    desk.refused()


def test_an_empty_directory_cannot_be_approved() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = directory([], {})
    with pytest.raises(LimitExceeded, match="gave no user and no group at all"):
        desk.execute()
    assert desk.reports[-1].waiting is None
    assert not desk.state.refusals


def test_approvals_are_read_only_when_something_needs_one() -> None:
    desk = desk_after_a_first_load()
    desk.execute()
    assert desk.approvals.reads == 0
    desk.source.content = company(10)
    desk.refused()
    assert desk.approvals.reads == 1


def test_never_means_that_only_a_higher_limit_helps() -> None:
    desk = desk_after_a_first_load("never")
    desk.source.content = company(10)
    with pytest.raises(LimitExceeded, match="If that is right, raise the limit in the config and run again"):
        desk.execute()
    assert desk.reports[-1].waiting is None


def test_first_means_that_the_first_load_waits_and_later_changes_do_not() -> None:
    desk = Desk("first")
    waiting = desk.refused()
    assert waiting.reasons == ("the first load waits for approval (approval: first)",)
    desk.approvals.approve(waiting)
    desk.execute()
    desk.source.content = company(19)
    desk.execute()
    assert len(desk.target.users) == 19


def test_always_means_that_every_change_waits_and_an_idle_run_does_not() -> None:
    desk = desk_after_a_first_load("always")
    desk.execute()
    desk.source.content = company(19)
    waiting = desk.refused()
    assert waiting.reasons == ("every change waits for approval (approval: always)",)
    desk.approvals.approve(waiting)
    desk.execute()
    assert len(desk.target.users) == 19


def draft(desk: Desk, reviewed: tuple[str, ...]) -> Draft:
    return desk.run(reviewed).draft()


def test_a_plan_that_was_handed_in_allows_what_it_holds_and_nothing_else() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(10)
    planned = draft(desk, ())
    assert planned.refusal
    assert "review it with 'sso-sync plan --out FILE' and run 'sso-sync apply FILE'" in str(planned.refusal)
    assert planned.waiting
    assert draft(desk, planned.waiting.changes).refusal is None
    desk.source.content = company(9)
    assert draft(desk, planned.waiting.changes).refusal


class Adopting(Desk):
    """A store in which somebody made a group that gives access to an account."""

    def __init__(self) -> None:
        super().__init__()
        self.target.put_user(user("eve", id="X1", external_id=""))
        self.target.put_group(group("devs", id="Y1", external_id=""), {"X1"})
        self.assignments.give("Y1")


def test_a_group_that_gives_access_is_adopted_only_when_somebody_agrees_and_the_rest_goes_ahead() -> None:
    desk = Adopting()
    desk.source.content = company(3, ("devs", "ops"))
    desk.execute()
    assert desk.target.members["Y1"] == {"X1"}
    assert desk.target.named_members()["ops"] == {f"u{n}@example.com" for n in range(3)}
    report = desk.reports[-1]
    assert report.waiting
    assert report.plan
    assert report.plan.warnings[0].startswith(
        f"waiting for approval, so run 'sso-sync approve {report.waiting.id}' if that is right: the group 'devs' has 1 "
        "assignment in 1 AWS account, so adopting it waits for approval"
    )
    desk.approvals.approve(report.waiting)
    desk.execute()
    assert desk.target.named_members()["devs"] == {f"u{n}@example.com" for n in range(3)}
    assert desk.reports[-1].approved[0].by == SOMEBODY


def test_an_approval_is_for_what_was_shown_and_a_word_about_one_group_is_none_about_another() -> None:
    desk = Adopting()
    desk.source.content = company(3)
    desk.execute()
    first = desk.reports[-1].waiting
    assert first
    assert first.shown[0] == "adopt group devs"
    assert "take eve@example.com out of devs" in first.shown
    desk.approvals.approve(first)
    desk.assignments.give("Y1", "999999999999")
    desk.execute()
    assert desk.target.members["Y1"] == {"X1"}, "it gives access to another account by now"
    second = desk.reports[-1].waiting
    assert second
    assert second.id != first.id
    assert "2 assignments in 2 AWS accounts" in second.reasons[0]
    desk.approvals.approve(second)
    desk.source.content = company(4)
    desk.execute()
    assert desk.target.members["Y1"] == {"X1"}, "somebody else would get in"
    desk.source.content = company(3)
    desk.execute()
    assert len(desk.target.members["Y1"]) == 3


def test_a_refusal_shows_by_its_id_whatever_is_changed_in_it() -> None:
    desk = Adopting()
    desk.execute()
    waiting = desk.reports[-1].waiting
    assert waiting
    told = msgspec.structs.replace(waiting, reasons=("the group 'lunch' has 1 assignment",))
    assert told.id != waiting.id
    assert msgspec.structs.replace(waiting, shown=("nothing",)).id != waiting.id


def test_a_group_that_nobody_agreed_to_stops_nobody_else_although_adopting_it_would_break_a_limit() -> None:
    desk = Desk()
    desk.execute()
    desk.target.put_group(group("admins", id="Y1", external_id=""), {u.id for u in desk.target.users.values()})
    desk.assignments.give("Y1")
    desk.source.content = directory([user(name) for name in PEOPLE[1:]], {DEVS: PEOPLE[1:], group("admins"): ["u1"]})
    desk.execute()
    assert len(desk.target.users) == 19
    assert len(desk.target.members["Y1"]) == 19
    waiting = desk.reports[-1].waiting
    assert waiting
    desk.approvals.approve(waiting)
    desk.execute()
    assert desk.target.named_members()["admins"] == {"u1@example.com"}, "one word covers what it takes to adopt it"
    assert len(desk.state.load_ledger(desk.target.store_id).used) == 1


def test_a_user_found_by_an_address_alone_who_has_accounts_is_adopted_only_when_somebody_agrees() -> None:
    desk = Desk()
    desk.source.content = directory([user("u2")], {DEVS: ["u2"]})
    desk.execute()
    desk.source.content = company(3)
    breakglass = user("ops", id="X9", external_id="", user_name="breakglass", email="u1@example.com")
    desk.target.put_user(breakglass)
    desk.assignments.give("X9")
    desk.execute()
    assert desk.target.users["X9"] == breakglass
    report = desk.reports[-1]
    assert report.waiting
    assert "the user 'breakglass' has 1 assignment in 1 AWS account, so adopting it waits" in report.waiting.reasons[0]
    desk.approvals.approve(report.waiting)
    desk.execute()
    assert desk.target.users["X9"].given_name == "U1"


def test_a_group_whose_assignments_cannot_be_read_is_taken_for_one_that_has_some() -> None:
    desk = Adopting()
    desk.assignments.error = TargetError("not allowed")
    desk.execute()
    assert desk.target.members["Y1"] == {"X1"}
    assert "which could not be read (not allowed), so adopting it waits" in desk.reports[-1].plan.warnings[0]  # type: ignore[union-attr] # there is one


def test_with_approval_never_a_group_that_gives_access_is_left_alone_and_says_so() -> None:
    desk = Adopting()
    desk.policy = msgspec.structs.replace(desk.policy, approval="never")
    desk.execute()
    assert desk.target.members["Y1"] == {"X1"}
    assert desk.reports[-1].waiting is None
    plan = desk.reports[-1].plan
    assert plan
    said = "the group 'devs' has 1 assignment in 1 AWS account, so adopting it is not done (approval: never)"
    assert said in plan.warnings
    assert [record.reason for record in plan.set_aside] == [said]


def test_a_bad_day_asks_for_nobodys_accounts() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = directory([], {})
    with pytest.raises(LimitExceeded):
        desk.execute()
    desk.source.content = company(5)
    desk.refused()
    assert desk.assignments.asked == []


def test_a_run_that_is_stopped_while_it_asks_for_accounts_writes_nothing() -> None:
    desk = desk_after_a_first_load()
    desk.source.content = company(19)
    run, calls = desk.run(), len(desk.target.calls)

    class Stopping(Review):
        def approve(self, draft: Draft) -> bool:
            run.stop.set()
            return super().approve(draft)

    with pytest.raises(Interrupted, match="before anything was written"):
        run.execute("test", Stopping())
    assert len(desk.target.calls) == calls


def test_accounts_that_could_not_be_read_are_not_recorded_as_none() -> None:
    desk = desk_after_a_first_load()
    gone = next(u.id for u in desk.target.users.values() if u.user_name == "u19@example.com")
    desk.assignments.error = TargetError("not allowed")
    desk.source.content = company(19)
    desk.execute()
    assert desk.reports[-1].assignments == {gone: None}


def test_a_group_without_assignments_is_adopted_as_it_comes() -> None:
    desk = Adopting()
    desk.assignments.known.clear()
    desk.execute()
    assert desk.target.named_members()["devs"] == {f"u{n}@example.com" for n in range(20)}
    assert desk.reports[-1].waiting is None


def test_a_group_that_gives_access_is_deleted_only_when_somebody_agrees_and_its_leavers_go_at_once() -> None:
    desk = Desk()
    desk.source.content = directory([user("ann"), user("bob")], {DEVS: ["ann", "bob"], OPS: ["ann"]})
    desk.execute()
    devs = next(g.id for g in desk.target.groups.values() if g.display_name == "devs")
    desk.assignments.give(devs)
    desk.source.content = directory([user("ann")], {OPS: ["ann"]})
    desk.execute()
    assert desk.target.named_members() == {"devs": {"ann@example.com"}, "ops": {"ann@example.com"}}
    waiting = desk.reports[-1].waiting
    assert waiting
    desk.approvals.approve(waiting)
    desk.execute()
    assert desk.target.named_members() == {"ops": {"ann@example.com"}}
    assert [found.account for found in desk.reports[-1].assignments[devs] or ()] == ["111122223333"]


def test_the_accounts_of_whoever_is_deleted_are_on_record_before_anything_is_written() -> None:
    desk = desk_after_a_first_load()
    desk.policy = msgspec.structs.replace(desk.policy, rules=Rules(leavers="delete"))
    gone = next(u.id for u in desk.target.users.values() if u.user_name == "u19@example.com")
    desk.assignments.give(gone)
    desk.source.content = company(19)
    desk.target.failures["remove_members", next(iter(desk.target.groups))] = TargetError("AWS is away.")
    with pytest.raises(TargetError):
        desk.execute()
    record = msgspec.json.decode(list(desk.state.records.values())[-1])
    assert record["account_assignments"][gone] == [
        {"account": "111122223333", "permission_set": "arn:aws:sso:::permissionSet/a/b"}
    ]


def test_an_approval_names_its_refusal_and_itself() -> None:
    at = datetime(2026, 11, 22, tzinfo=UTC)
    refusal = Refusal.of("d-1", "config", {"b": "line of b", "a": "a line"}, ["why"], "run-1", at)
    assert (refusal.changes, refusal.shown) == (("a", "b"), ("a line", "line of b"))
    assert refusal.id == refusal.digest[:12]
    approval = Approval(refusal.digest, SOMEBODY, at)
    assert (approval.refusal_id, approval.key) == (refusal.id, f"{refusal.id}@2026-11-22T00:00:00+00:00")
