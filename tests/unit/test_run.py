"""A whole run over a source, a store and a state in memory."""

from typing import Any

import msgspec
import pytest

from sso_sync.core.errors import (
    ChangeRefused,
    CredentialsError,
    LimitExceeded,
    SettingsError,
    SourceError,
    SsoSyncError,
    StateError,
)
from sso_sync.core.ledger import Ledger, Origin
from sso_sync.core.limits import Limits
from sso_sync.core.model import Directory
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.policy import Policy
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.scope import Scope
from sso_sync.engine.drafting import Draft
from sso_sync.engine.nobody import Nobody
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

DEVS = group("devs")
COMPANY = directory([user("ann"), user("bob")], {DEVS: ["ann", "bob"]})


class Refusing(Review):
    """Says no, and remembers what it was asked."""

    asked: Draft | None = None

    def approve(self, draft: Draft) -> bool:
        self.asked = draft
        return False


class Bench:
    """Everything that a run needs, kept between runs."""

    def __init__(self, content: Directory | SsoSyncError = COMPANY) -> None:
        self.source, self.target, self.state = MemorySource(content), MemoryTarget(), MemoryState()
        self.target.concurrency = 1

    def run(self, limits: Limits | None = None, scope: Scope | None = None) -> Run:
        return Run([self.source], self.target, self.state, Policy(limits=limits or Limits()), scope=scope)

    def execute(self, review: Review | None = None, scope: Scope | None = None) -> list[Outcome]:
        return self.run(scope=scope).execute("test", review or Review())

    @property
    def ledger(self) -> Ledger:
        return self.state.load_ledger(self.target.store_id)

    @property
    def record(self) -> dict[str, Any]:
        """Return the last run's record."""
        record: dict[str, Any] = msgspec.json.decode(list(self.state.records.values())[-1])
        return record

    def wrote_nothing(self) -> bool:
        return not self.target.calls and not self.state.saves


def test_a_run_makes_the_store_equal_and_remembers_what_it_created() -> None:
    bench = Bench()
    outcomes = bench.execute()
    assert [outcome.result for outcome in outcomes] == [Result.DONE] * 5
    assert bench.target.named_members() == {"devs": {"ann@example.com", "bob@example.com"}}
    assert bench.ledger.users.keys() == {"ann", "bob"}
    assert bench.ledger.groups["id-devs"].origin is Origin.CREATED


def test_a_second_run_has_nothing_to_do_and_saves_no_ledger() -> None:
    bench = Bench()
    bench.execute()
    bench.target.calls.clear()
    saves = bench.state.saves
    assert bench.execute() == []
    assert (bench.target.calls, bench.state.saves) == ([], saves)


def test_the_record_tells_what_was_planned_and_done() -> None:
    bench = Bench()
    bench.execute()
    ((run_id, _),) = bench.state.records.items()
    record = bench.record
    assert (record["run_id"], record["trigger"], record["source"]) == (run_id, "test", "memory")
    assert (record["results"], record["error"], record["outcomes"]) == ({"done": 5}, None, [])
    assert len(record["plan"]["changes"]) == 5


def test_the_record_lists_what_failed_and_why() -> None:
    bench = Bench()
    bench.target.failures["create_user", "bob@example.com"] = ChangeRefused("the address is bad")
    outcomes = bench.execute()
    assert sum(outcome.result is not Result.DONE for outcome in outcomes) == 2
    assert bench.record["results"] == {"done": 3, "failed": 1, "skipped": 1}
    assert {outcome["error"] for outcome in bench.record["outcomes"]} == {"the address is bad"}


def test_what_was_done_before_an_error_is_in_the_ledger_and_in_the_record() -> None:
    bench = Bench()
    bench.target.failures["create_user", "bob@example.com"] = CredentialsError("the token expired")
    with pytest.raises(CredentialsError):
        bench.execute()
    assert bench.ledger.users.keys() == {"ann"}
    assert bench.record["error"] == "CredentialsError: the token expired"
    assert bench.record["results"] == {"done": 1, "not_tried": 4}


def test_the_run_after_an_error_makes_the_rest() -> None:
    bench = Bench()
    bench.target.failures["create_user", "bob@example.com"] = CredentialsError("the token expired")
    with pytest.raises(CredentialsError):
        bench.execute()
    bench.target.failures.clear()
    assert len(bench.execute()) == 4
    assert {entry.origin for entry in bench.ledger.users.values()} == {Origin.CREATED}


def test_a_lease_that_is_lost_ends_the_run_and_what_was_done_is_kept() -> None:
    bench = Bench()

    class Losing(Review):
        def progress(self, outcome: Outcome) -> None:
            del outcome
            bench.state.lease.error = StateError("another run took over")

    with pytest.raises(StateError, match="took over"):
        bench.execute(Losing())
    assert bench.ledger.users.keys() == {"ann"}


def test_a_plan_over_the_limits_is_refused_and_nothing_is_written() -> None:
    bench = Bench(directory([user(f"u{n}") for n in range(20)], {DEVS: []}))
    bench.execute()
    bench.target.calls.clear()
    bench.state.saves = 0
    bench.source.content = directory([user("u0")], {DEVS: []})
    with pytest.raises(LimitExceeded, match="delete or switch off 19 users"):
        bench.execute()
    assert bench.wrote_nothing()
    assert bench.record["error"].startswith("LimitExceeded: ")
    assert bench.record["plan"]["counts"] == {"delete_user": 19}


def test_a_draft_carries_the_refusal_instead_of_raising_it() -> None:
    bench = Bench(directory([], {}))
    draft = bench.run().draft()
    assert isinstance(draft.refusal, LimitExceeded)
    assert bench.wrote_nothing()
    assert not bench.state.records


def test_an_empty_directory_is_refused_and_nobody_loses_anything() -> None:
    bench = Bench()
    bench.execute()
    bench.source.content = directory([], {})
    with pytest.raises(LimitExceeded, match="no user and no group at all"):
        bench.execute()
    assert len(bench.target.users) == 2


def test_a_review_that_says_no_writes_nothing_but_the_record() -> None:
    bench, review = Bench(), Refusing()
    assert bench.execute(review) == []
    assert review.asked
    assert len(review.asked.plan.changes) == 5
    assert bench.wrote_nothing()
    assert (bench.record["error"], bench.record["results"]) == (None, {})


def test_a_source_that_cannot_be_read_ends_the_run_before_anything_is_written() -> None:
    bench = Bench(SourceError("Google answered 503"))
    with pytest.raises(SourceError, match="503"):
        bench.execute()
    assert bench.wrote_nothing()
    assert (bench.record["error"], bench.record["plan"]) == ("SourceError: Google answered 503", None)


def test_a_group_alone_or_an_additive_run_can_be_asked_for() -> None:
    bench = Bench(directory([user("ann"), user("bob")], {DEVS: ["ann"], group("ops"): ["bob"]}))
    bench.execute(scope=Scope(group="devs"))
    assert bench.target.named_members() == {"devs": {"ann@example.com"}}
    bench.source.content = directory([user("bob")], {DEVS: ["bob"]})
    bench.execute(scope=Scope(additive=True))
    assert bench.target.named_members() == {"devs": {"ann@example.com", "bob@example.com"}}


class Listener:
    """Takes reports, or cannot."""

    name = "the listener"

    def __init__(self, error: Exception | None = None) -> None:
        self.heard: list[RunReport] = []
        self._error = error

    def report(self, report: RunReport) -> None:
        self.heard.append(report)
        if self._error:
            raise self._error


def told_run(bench: Bench, *listeners: Listener) -> Run:
    return Run([bench.source], bench.target, bench.state, Policy(), reporters=lambda: listeners)


def test_everybody_is_told_what_a_run_did_and_what_the_store_holds_now() -> None:
    bench, deaf, listener = Bench(), Listener(StateError("no bucket")), Listener()
    told_run(bench, deaf, Listener(KeyError("a bug")), listener).execute("test", Review())
    (report,) = listener.heard
    assert (report.verdict, report.trigger, len(report.outcomes)) == (Verdict.DONE, "test", 5)
    assert report.identity_center
    assert {u.user_name for u in report.identity_center.users.values()} == {"ann@example.com", "bob@example.com"}
    assert report.identity_center.membership_count == 2


def test_a_run_that_cannot_read_is_told_and_still_raises() -> None:
    bench, listener = Bench(SourceError("the source is down")), Listener()
    with pytest.raises(SourceError):
        told_run(bench, listener).execute("test", Review())
    (report,) = listener.heard
    assert (report.verdict, report.problem, report.identity_center) == (Verdict.FAILED, "the source is down", None)


class Impatient(Review):
    """Presses Ctrl-C when asked, or at the first change."""

    def __init__(self, *, at_once: bool) -> None:
        self._at_once = at_once

    def approve(self, draft: Draft) -> bool:
        if self._at_once:
            raise KeyboardInterrupt
        return super().approve(draft)

    def progress(self, outcome: Outcome) -> None:
        raise KeyboardInterrupt(outcome)


def test_whoever_stops_their_own_run_before_it_writes_tells_nobody_else() -> None:
    bench, listener = Bench(), Listener()
    with pytest.raises(KeyboardInterrupt):
        told_run(bench, listener).execute("test", Impatient(at_once=True))
    assert listener.heard == []
    assert bench.record["verdict"] == "interrupted"


def test_a_run_that_is_stopped_while_it_writes_is_told() -> None:
    bench, listener = Bench(), Listener()
    with pytest.raises(KeyboardInterrupt):
        told_run(bench, listener).execute("test", Impatient(at_once=False))
    (report,) = listener.heard
    assert (report.verdict, report.problem) == (
        Verdict.INTERRUPTED,
        "Stopped by whoever started it; the next run goes on.",
    )


def test_a_mistyped_group_is_a_word_to_whoever_typed_it_alone() -> None:
    bench, listener = Bench(), Listener()
    run = Run(
        [bench.source], bench.target, bench.state, Policy(), scope=Scope(group="typo"), reporters=lambda: [listener]
    )
    with pytest.raises(SettingsError):
        run.execute("test", Review())
    assert listener.heard == []


def test_a_refused_plan_is_told_with_what_it_would_have_done() -> None:
    bench, listener = Bench(), Listener()
    bench.execute()
    bench.source.content = directory([], {})
    with pytest.raises(LimitExceeded):
        told_run(bench, listener).execute("test", Review())
    (report,) = listener.heard
    assert report.verdict is Verdict.REFUSED
    assert report.plan
    assert report.plan.changes
    assert not report.outcomes


def test_without_limits_everything_that_is_ours_goes_and_nothing_else() -> None:
    bench = Bench()
    bench.target.put_user(user("theirs", id="X1", external_id=""))
    bench.target.put_user(user("ann", id="X2", external_id=""))
    bench.target.put_group(group("old", id="Y1", external_id=""), {"X2"})
    bench.source.content = directory([user("ann"), user("bob")], {DEVS: ["ann", "bob"], group("old"): ["ann", "bob"]})
    bench.execute()
    assert bench.target.named_members()["old"] == {"ann@example.com", "bob@example.com"}
    Run([Nobody()], bench.target, bench.state, Policy(limits=None), scope=Scope(created=True)).execute(
        "destruction", Review()
    )
    assert bench.target.named_members() == {"old": {"ann@example.com"}}, "adopted, and as they were"
    assert {u.user_name for u in bench.target.users.values()} == {"theirs@example.com", "ann@example.com"}
