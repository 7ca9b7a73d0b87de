"""What is drawn while something long goes on: how far, how fast, until when, and what is waited for."""

import io

import botocore.session
import pytest
from rich.console import Console

from sso_sync.entrypoints.cli.progress import Drawing, Row, reading
from sso_sync.http.calls import Calls
from tests.support.clock import Clock


class Watched:
    """A drawing of one row, and what it shows at a moment."""

    def __init__(self, row: Row, width: int = 80) -> None:
        self.clock, self.row = Clock(), row
        self.calls = Calls(self.clock.now)
        self._console = Console(file=io.StringIO(), width=width)
        self.drawing = Drawing(
            lambda: "Making changes", lambda: [self.row], self.calls, clock=self.clock.now, console=self._console
        )

    def lines(self) -> list[str]:
        shown = Console(file=io.StringIO(), width=self._console.width)
        shown.print(self.drawing.picture())
        assert isinstance(shown.file, io.StringIO)
        return [line.rstrip() for line in shown.file.getvalue().splitlines()]


def test_a_row_says_how_much_is_done_how_fast_and_how_long_it_takes() -> None:
    watched = Watched(Row("Identity Center", 0, "groups", 1200))
    assert "0 of 1,200 groups" in watched.lines()[1]
    watched.clock.time += 10
    watched.row = Row("Identity Center", 200, "groups", 1200)
    (title, row) = watched.lines()
    assert title.endswith("Making changes  0:10")
    assert row.endswith("  200 of 1,200 groups  20/s  0:50 left")


def test_the_rate_is_that_since_the_row_was_first_seen() -> None:
    watched = Watched(Row("", 100, "changes", 300))
    watched.lines()
    watched.clock.time += 10
    watched.row = Row("", 200, "changes", 300)
    assert watched.lines()[1].endswith("10/s  0:10 left")


def test_what_is_done_has_no_rate_and_no_time_left() -> None:
    watched = Watched(Row("", 0, "groups", 3))
    watched.lines()
    watched.clock.time += 1
    watched.row = Row("", 3, "groups", 3)
    assert watched.lines()[1].endswith("3 of 3 groups")
    watched.row = Row("", 0, "groups", 0)
    assert watched.lines()[1].endswith("0 of 0 groups")


def test_nobody_knows_how_long_something_without_a_total_takes() -> None:
    watched = Watched(Row("Google Workspace", 0, "calls"))
    watched.lines()
    watched.clock.time += 2
    watched.row = Row("Google Workspace", 6, "calls")
    assert watched.lines()[1].endswith("6 calls  3/s")


def test_what_is_waited_for_is_said_with_its_seconds_until_it_is_over() -> None:
    watched = Watched(Row("", 0, "calls"))
    watched.calls.pause("google", "answers 503", 8)
    watched.clock.time += 3
    assert watched.lines()[-1] == "  Google Workspace answers 503, trying again within 5 s"
    watched.clock.time += 5
    assert len(watched.lines()) == 2


def test_a_picture_is_no_wider_than_a_narrow_terminal() -> None:
    watched = Watched(Row("Account assignments", 10_000, "groups", 20_000), width=60)
    watched.clock.time += 100
    assert all(len(line) <= 60 for line in watched.lines())


def test_reading_is_shown_by_system_as_calls_and_then_as_what_is_read() -> None:
    calls = Calls()
    calls.count("google", "users.list", 2)
    calls.count("identitystore", "ListUsers")
    calls.count("sts", "GetCallerIdentity")
    calls.expect("identitystore", "groups", 7)
    shown = Console(file=io.StringIO(), width=80)
    shown.print(reading(calls).picture())
    assert isinstance(shown.file, io.StringIO)
    (_, google, identity_center) = shown.file.getvalue().splitlines()
    assert google.strip().startswith("Google Workspace")
    assert google.rstrip().endswith("2 calls")
    assert identity_center.rstrip().endswith("0 of 7 groups")


def test_people_and_groups_of_one_system_are_a_row_each() -> None:
    calls = Calls()
    calls.count("sso-admin", "ListAccountAssignmentsForPrincipal")
    calls.expect("sso-admin", "users", 30)
    calls.expect("sso-admin", "groups", 2)
    calls.finish("sso-admin", "users")
    shown = Console(file=io.StringIO(), width=80)
    shown.print(reading(calls).picture())
    assert isinstance(shown.file, io.StringIO)
    (_, *rows) = (line.rstrip() for line in shown.file.getvalue().splitlines())
    assert all(row.startswith("  Account assignments  ") for row in rows)
    assert [row.rpartition("  ")[2] for row in rows] == ["1 of 30 users", "0 of 2 groups"]


@pytest.mark.parametrize("service", ["secretsmanager", "organizations", "events", "lambda"])
def test_a_service_of_aws_is_called_by_its_name_as_its_calls_are_counted(service: str) -> None:
    counted = botocore.session.get_session().get_service_model(service).service_id.hyphenize()
    watched = Watched(Row("", 0, "calls"))
    watched.calls.pause(counted, "answers 503", 8)
    assert watched.lines()[-1].startswith(("  AWS ", "  Amazon "))


def test_a_thing_that_is_no_terminal_is_not_drawn_on() -> None:
    """In a test, standard error is a file."""
    with reading(Calls()) as drawing:
        drawing.stop()
