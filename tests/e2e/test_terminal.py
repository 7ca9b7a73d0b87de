"""The command on a real terminal, and in a pipe: what is drawn, what is not, and what is left behind."""

import json
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.support.companies import company, person, team
from tests.support.live import CONFIG, LiveSandbox
from tests.support.terminal import COMMAND, HIDE_CURSOR, SHOW_CURSOR, Terminal

Json = dict[str, Any]
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|9\d)[;m]")
NAME = "x" * 60


CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
WITH_TEAMS = f"{CONFIG}teams: {{webhook: 'env:WEBHOOK'}}\n"


@pytest.fixture
def sandbox(live: Callable[[Json], LiveSandbox]) -> LiveSandbox:
    people = [person(1, givenName=NAME), person(2), person(3)]
    return live(company(people, [team("admins", ["u1"]), team("devs", ["u2", "u3"], ["g-admins"])]))


def piped(*arguments: str, environment: Mapping[str, str]) -> tuple[str, str]:
    """Run the command without any terminal; return what it wrote to its outputs."""
    ran = subprocess.run(
        [*COMMAND, *arguments], env={**os.environ, **environment}, capture_output=True, check=False, text=True
    )
    return ran.stdout, ran.stderr


def test_a_plan_is_wrapped_to_the_terminal_and_what_was_drawn_before_it_is_gone(sandbox: LiveSandbox) -> None:
    with Terminal("plan", environment=sandbox.environment(scim=True)) as terminal:
        assert terminal.wait() == 0
        drawn, _, plan = terminal.text.partition("Users")
    assert "Reading the directory and Identity Center" in drawn
    assert drawn.index(HIDE_CURSOR) < drawn.index(SHOW_CURSOR)
    lines = CONTROL.sub("", plan).splitlines()
    assert max(map(len, lines)) <= 80
    assert COLOUR.search(plan)
    first = next(number for number, line in enumerate(lines) if line.startswith("  + p1@example.com"))
    assert lines[first].endswith("  in the directory, not in"), "the reason goes on below itself"
    assert lines[first + 1].split("  ")[-1] == "Identity Center"
    reason = lines[first].index("in the directory")
    assert lines[first + 1].index("Identity") == reason
    assert NAME in "".join(line[4:reason].strip() for line in lines[first : first + 3]), "and so does the name"


def test_a_wide_terminal_shows_each_change_on_one_line(sandbox: LiveSandbox) -> None:
    with Terminal("plan", environment=sandbox.environment(scim=True), width=200) as terminal:
        assert terminal.wait() == 0
        lines = CONTROL.sub("", terminal.text.partition("Users")[2]).splitlines()
    people = [line for line in lines if "@example.com (" in line]
    assert people[0] == f"  + p1@example.com ({NAME} Family1)  in the directory, not in Identity Center"
    assert [line.rstrip(" ″").endswith(f"(Given{n} Family{n})") for n, line in enumerate(people[1:], 2)] == [True] * 2
    assert {line[:4] for line in lines if line and not line[0].isalpha()} <= {"  + ", "  +3", "  +2"}
    assert max(map(len, lines)) <= 200


def test_a_picture_says_what_is_waited_for(sandbox: LiveSandbox) -> None:
    sandbox.fail("google", "users.list", "unavailable", times=2)
    with Terminal("plan", environment=sandbox.environment(scim=True)) as terminal:
        terminal.wait_for("Google Workspace answers 503, trying again within")
        assert terminal.wait() == 0


def test_results_in_a_pipe_are_one_change_a_line_while_the_terminal_shows_progress(sandbox: LiveSandbox) -> None:
    with Terminal("plan", environment=sandbox.environment(scim=True), pipe_output=True) as terminal:
        assert terminal.wait() == 0
        assert "Reading the directory" in terminal.text
        lines = terminal.piped.decode().splitlines()
    assert f"  + p1@example.com ({NAME} Family1)  in the directory, not in Identity Center" in lines
    assert not any("\x1b" in line for line in lines)


def test_without_a_terminal_nothing_is_drawn_even_where_colour_is_forced(sandbox: LiveSandbox) -> None:
    forced = {**sandbox.environment(scim=True), "FORCE_COLOR": "1"}
    out, err = piped("plan", environment=forced)
    assert err == ""
    assert COLOUR.search(out)
    assert HIDE_CURSOR not in out
    assert any(NAME in line and "not in Identity Center" in line for line in out.splitlines())


@pytest.mark.parametrize("variables", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=["NO_COLOR", "dumb"])
def test_there_is_no_colour_where_none_is_wanted(sandbox: LiveSandbox, variables: dict[str, str]) -> None:
    with Terminal("plan", environment={**sandbox.environment(scim=True), **variables}) as terminal:
        assert terminal.wait() == 0
        assert "+ p1@example.com" in terminal.text
        assert not COLOUR.search(terminal.text)


def test_a_dumb_terminal_gets_no_control_sequence_at_all(sandbox: LiveSandbox) -> None:
    with Terminal("plan", environment={**sandbox.environment(scim=True), "TERM": "dumb"}) as terminal:
        assert terminal.wait() == 0
        assert "\x1b" not in terminal.text


def test_ctrl_c_while_reading_leaves_the_cursor_visible(sandbox: LiveSandbox) -> None:
    sandbox.fail("google", "users.list", "slow", seconds=30, times=0)
    with Terminal("plan", environment=sandbox.environment(scim=True)) as terminal:
        terminal.wait_for("Reading the directory")
        terminal.type("\x03\x03")
        assert terminal.wait() == 1
        assert "Traceback" not in terminal.text
        assert terminal.text.rindex(SHOW_CURSOR) > terminal.text.rindex(HIDE_CURSOR)
        assert "Stopped on request" in terminal.text


def test_changes_are_asked_for_and_drawn_while_they_are_made(sandbox: LiveSandbox) -> None:
    with Terminal("apply", environment=sandbox.environment(scim=True)) as terminal:
        terminal.wait_for("Make these changes? [y/N]: ")
        before = len(terminal.text)
        terminal.type("y\n")
        assert terminal.wait() == 0
        after = terminal.text[before:]
    assert "of 9 changes" in after
    assert "Done: " in after
    assert after.rindex(SHOW_CURSOR) > after.rindex(HIDE_CURSOR)


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_whoever_stops_instead_of_an_answer_has_declined_and_no_card_is_posted(sandbox: LiveSandbox, key: str) -> None:
    environment = {
        **sandbox.environment(scim=True, config=WITH_TEAMS),
        "WEBHOOK": sandbox.sandbox.teams_webhook,
    }
    with Terminal("apply", environment=environment) as terminal:
        terminal.wait_for("Make these changes? [y/N]: ")
        terminal.type(key)
        assert terminal.wait() == 1
        said = CONTROL.sub("", terminal.text).rstrip().splitlines()
    assert said[-1] == "Stopped on request; nothing was changed."
    assert "Traceback" not in "".join(said)
    out, _ = piped("status", "--output", "json", environment=environment)
    assert [run["verdict"] for run in json.loads(out)["runs"]] == ["declined"]
    assert sandbox.sandbox.teams.posts == []
    assert sandbox.emails_by_group() == {}


def test_a_log_line_does_not_run_into_the_picture(sandbox: LiveSandbox) -> None:
    sandbox.fail("scim", "CreateUser", "bad_request")
    with Terminal("apply", "--yes", environment=sandbox.environment(scim=True)) as terminal:
        assert terminal.wait() == 4
        (logged,) = (line for line in terminal.text.splitlines() if "change failed" in line)
    assert re.match(r"(\x1b\[[0-9;?]*[a-zA-Z]|\r)*\d{4}-\d\d-\d\d ", logged)


def test_quiet_draws_and_prints_nothing(sandbox: LiveSandbox) -> None:
    with Terminal("plan", "--quiet", environment=sandbox.environment(scim=True)) as terminal:
        assert terminal.wait() == 0
        assert terminal.text.replace(SHOW_CURSOR, "") == ""


@pytest.mark.parametrize(
    ("words", "offered"),
    [("sso-sync pl", ["plan"]), ("sso-sync plan --log-f", ["--log-format"]), ("sso-sync secrets l", ["list"])],
)
def test_bash_completes_commands_and_options(words: str, offered: list[str]) -> None:
    asked = {"_SSO_SYNC_COMPLETE": "complete_bash", "COMP_WORDS": words, "COMP_CWORD": str(words.count(" "))}
    out, err = piped(environment=asked)
    assert (out.split(), err) == (offered, "")
