"""sso-sync doctor on a real terminal, and interrupted."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.aws import ScriptedAws
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox
from tests.support.terminal import Terminal

CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    people = [person(1), person(2, email="admin@example.com")]
    with LiveSandbox(company(people, [team("devs", ["u1"])]), tmp_path_factory.mktemp("doctor")) as live:
        yield live


@pytest.fixture
def environment(sandbox: LiveSandbox, tmp_path: Path) -> Iterator[dict[str, str]]:
    sandbox.sandbox.switchboard.faults.clear()
    with ScriptedAws() as aws:
        yield {**sandbox.environment(scim=True), "AWS_ENDPOINT_URL": aws.url, "HOME": str(tmp_path)}


def test_findings_are_wrapped_to_the_terminal_in_colours_below_their_system(
    sandbox: LiveSandbox, environment: dict[str, str]
) -> None:
    sandbox.fail("identity_store", "DescribeUser", "forbidden", times=0)
    with Terminal("doctor", environment=environment) as terminal:
        assert terminal.wait() == 1
        drawn = terminal.text
    assert "\x1b[1;31m✗" in drawn
    assert "\x1b[1;32m✓" in drawn
    lines = CONTROL.sub("", drawn).rstrip().splitlines()
    assert max(map(len, lines)) <= 80
    start = next(number for number, line in enumerate(lines) if line.startswith("  ✗ DescribeUser: "))
    assert lines[start + 1].startswith("    the permission DescribeUser")
    assert lines[start + 2].startswith("    → Allow the role Operator identitystore:DescribeUser")
    assert lines[start + 3].startswith("      ")
    systems = [line for line in lines if line and not line.startswith(" ")]
    assert systems[0] == "Config"
    assert systems.count("Identity store") == systems.count("Credentials") == 1
    assert any(line.startswith("1 problem stands in the way of a run.") for line in lines[-2:])


def test_no_colour_is_forced_upon_who_wants_none(environment: dict[str, str]) -> None:
    with Terminal("doctor", environment={**environment, "NO_COLOR": "1"}) as terminal:
        assert terminal.wait() == 0
        assert not re.search(r"\x1b\[(?:\d+;)*3\d", terminal.text)
        assert "Nothing stands in the way of a run." in terminal.text


def test_ctrl_c_ends_it_in_a_sentence(sandbox: LiveSandbox, environment: dict[str, str]) -> None:
    sandbox.fail("identity_store", "ListUsers", "slow", seconds=30, times=0)
    with Terminal("doctor", environment=environment) as terminal:
        terminal.wait_for("its primary Region")
        terminal.type("\x03")
        assert terminal.wait() == 1
        said = CONTROL.sub("", terminal.text).replace("\n", " ")
    assert "Stopped on request; the rest was not looked at, and nothing was changed." in said
    assert "Traceback" not in said
