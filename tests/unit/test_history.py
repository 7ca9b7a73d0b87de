"""The history of runs: what is kept of each, and which are one entry."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from sso_sync.core.approval import Refusal
from sso_sync.core.errors import LimitExceeded, StateError, TargetError
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.scope import Scope
from sso_sync.reporters.history import LINES, LONGEST, NOTE, History, HistoryNote, PastRun
from sso_sync.reporters.sentences import Name
from tests.support.memory import MemoryNotes, directory, group, user
from tests.support.reports import ENDINGS, STARTED, failing, joins, leaves, made, planned, report


def later(ended: RunReport, minutes: int, **changed: Any) -> RunReport:
    at = ended.ended + timedelta(minutes=minutes)
    return msgspec.structs.replace(ended, run_id=f"run-{minutes}", started=at, ended=at, **changed)


def history_of(*reports: RunReport) -> History:
    notes = MemoryNotes()
    for ended in reports:
        HistoryNote(notes).report(ended)
    return HistoryNote(notes).load()


@pytest.mark.parametrize("verdict", Verdict)
def test_every_way_to_end_is_kept_as_it_was(verdict: Verdict) -> None:
    (run,) = history_of(ENDINGS[verdict]).runs
    assert run.verdict == verdict
    assert run.problem == ENDINGS[verdict].problem
    assert (run.started, run.last.ended) == (STARTED, ENDINGS[verdict].ended)


def test_a_run_keeps_its_first_changes_and_counts_all() -> None:
    many = made(*(joins(f"u{n:03}", "devs") for n in range(LINES + 5)))
    (run,) = history_of(many).runs
    assert (len(run.changes), run.changes_in_all, run.made) == (LINES, LINES + 5, LINES + 5)
    assert run.changes[0].sentence == (Name("u000", "U-u000"), " joined ", Name("devs"))


def test_what_identity_center_held_is_counted() -> None:
    company = directory([user("ann"), user("bob")], {group("devs"): ["ann", "bob"]})
    (run,) = history_of(planned(identity_center=company)).runs
    assert (run.people, run.groups, run.memberships) == (2, 1, 2)


def test_quiet_runs_are_one_entry_until_something_happens() -> None:
    quiet = planned()
    runs = history_of(quiet, later(quiet, 15), later(quiet, 30), later(made(joins("ann", "devs")), 45)).runs
    assert [(run.verdict, run.repeats) for run in runs] == [(Verdict.DONE, 0), (Verdict.UNCHANGED, 2)]
    assert runs[1].started == STARTED
    assert runs[1].last.ended == quiet.ended + timedelta(minutes=30)


def test_the_same_problem_is_one_entry_and_another_is_another() -> None:
    away = report(error=TargetError("AWS is away."))
    other = report(error=TargetError("AWS says no."))
    runs = history_of(away, later(away, 15), later(other, 30), later(away, 45)).runs
    assert [(run.problem, run.repeats) for run in runs] == [
        ("AWS is away.", 0),
        ("AWS says no.", 0),
        ("AWS is away.", 1),
    ]


def test_a_refusal_that_repeats_itself_is_one_entry_although_it_planned_changes() -> None:
    refused = planned(leaves("ann", "devs"), error=LimitExceeded("Too many would leave."))
    (run,) = history_of(refused, later(refused, 15)).runs
    assert run.repeats == 1


def test_runs_that_made_changes_are_never_one_entry() -> None:
    change = made(joins("ann", "devs"))
    assert [run.repeats for run in history_of(change, later(change, 15)).runs] == [0, 0]


def test_runs_of_different_triggers_are_different_entries() -> None:
    quiet = planned()
    assert len(history_of(quiet, later(quiet, 15, trigger="deployment")).runs) == 2


def test_the_oldest_runs_are_forgotten() -> None:
    run = PastRun.of(made(joins("ann", "devs")))
    history = History()
    for number in range(LONGEST + 2):
        history = history.with_run(msgspec.structs.replace(run, run_id=str(number)))
    assert (len(history.runs), history.runs[0].run_id, history.runs[-1].run_id) == (LONGEST, str(LONGEST + 1), "2")


def test_runs_with_other_failures_other_warnings_or_another_plan_are_other_entries() -> None:
    ann, bob = failing([joins("ann", "devs")]), failing([joins("bob", "devs")])
    assert len(history_of(ann, later(bob, 15)).runs) == 2
    assert len(history_of(planned(joins("ann", "devs")), later(planned(leaves("bob", "ops")), 15)).runs) == 2
    warned, other = (report(Plan.of("d-1", [], warnings=[warning])) for warning in ("one", "another"))
    assert len(history_of(warned, later(other, 15)).runs) == 2


def test_a_problem_that_differs_by_numbers_and_ids_is_the_same() -> None:
    sentence = "AWS answered {} after {} attempts (request {}a1c2a7b-0c1d-4e2f-8a3b-123456789abc)."
    first, second = (report(error=TargetError(sentence.format(*numbers))) for numbers in ((503, 4, 1), (500, 5, 2)))
    (run,) = history_of(first, later(second, 15)).runs
    assert (run.problem, run.repeats) == (first.problem, 1)


def test_a_run_that_is_told_late_takes_its_place_in_time() -> None:
    change, quiet = made(joins("ann", "devs")), planned()
    runs = history_of(later(change, 30), later(quiet, 15), later(change, 45)).runs
    assert [run.run_id for run in runs] == ["run-45", "run-30", "run-15"]


def test_the_newest_of_runs_alike_is_known() -> None:
    history = history_of(planned(), later(planned(), 15), later(planned(), 30))
    (run,) = history.runs
    assert (run.last.run_id, run.last.started) == ("run-30", STARTED + timedelta(seconds=74, minutes=30))
    assert history.has("run-30")
    assert not history.has("run-45")


def test_what_waits_is_told_by_the_newest_run_that_saw_all_of_it() -> None:
    refusal = Refusal.of("d-1", "c", {"key": "ann leaves devs"}, ["too many"], "run", STARTED)
    refused = planned(leaves("ann", "devs"), error=LimitExceeded("Too many."), waiting=refusal)
    blind, partly = report(error=TargetError("AWS is away.")), planned(scope=Scope(group="devs"))
    for after in (blind, partly, planned(error=LimitExceeded("The directory is empty."))):
        waiting = history_of(refused, later(after, 15)).waiting
        assert waiting
        assert waiting.waiting == refusal.id
    assert history_of(refused, later(planned(), 15)).waiting is None


def test_of_many_warnings_the_first_are_kept_and_the_others_counted() -> None:
    (run,) = history_of(report(Plan.of("d-1", [], warnings=[f"warning {n}" for n in range(1500)]))).runs
    assert (len(run.warnings), run.warnings[-1]) == (21, "and 1,480 more; the run's record has all")


@pytest.mark.parametrize("damaged", [b"", b"[]", b'{"runs": 1}', b"\xff", b"[" * 100_000])
def test_a_damaged_history_is_an_error_for_readers_and_is_begun_anew_by_the_next_run(damaged: bytes) -> None:
    notes = MemoryNotes()
    notes.content[NOTE] = damaged
    note = HistoryNote(notes)
    with pytest.raises(StateError, match="The history of runs is damaged; the next run begins it anew"):
        note.load()
    assert note.load_if_possible() == History()
    note.report(planned())
    assert len(note.load().runs) == 1


def test_without_its_place_there_is_no_history_for_those_who_can_do_without() -> None:
    notes = MemoryNotes()
    notes.error = StateError("S3 is away.")
    assert HistoryNote(notes).load_if_possible() == History()
    with pytest.raises(StateError):
        HistoryNote(notes).load()
