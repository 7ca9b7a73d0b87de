"""The sandbox's README is in step with the sandbox."""

import json
import re
from pathlib import Path

import msgspec

from sandbox.__main__ import parser
from sandbox.control import Control
from sandbox.directory import check
from sandbox.faults import KINDS
from sandbox.server import Sandbox
from sandbox.switches import Switches, described

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "sandbox" / "README.md").read_text(encoding="utf-8")
FIDELITY = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
OWN_SET_UP = ("region", "additional_", "account_", "instance_", "customer_", "max_")


def rows(*columns: int) -> dict[str, list[str]]:
    """Read all table rows of so many columns: first cell → the others."""
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in README.splitlines() if "|" in line]
    return {row[0].strip("`| "): [cell.strip(" |") for cell in row[1:]] for row in cells if len(row) in columns}


def test_every_switch_is_listed_with_its_default_and_meaning() -> None:
    defaults = msgspec.to_builtins(Switches())
    listed = rows(3)
    for name, meaning in described().items():
        assert listed[name] == [f"`{json.dumps(defaults[name])}`", meaning], name


def test_every_kind_of_fault_is_listed_with_its_meaning() -> None:
    listed = rows(2)
    assert {kind: [meaning] for kind, meaning in KINDS.items()}.items() <= listed.items()


def test_every_option_and_request_is_listed() -> None:
    options = re.findall(r"--[\w-]+", parser().format_help())
    assert {option for option in options if option != "--help"} <= set(re.findall(r"--[\w-]+", README))
    sandbox = Sandbox({"users": [], "groups": []}, "http://127.0.0.1:1")
    requests = {f"{route.method} {route.path}" for route in Control(sandbox).routes()}
    assert {request for request in requests if f"`{request}`" not in README} == set()


def test_the_example_of_a_directory_is_one() -> None:
    example = README.split("```json\n", 1)[1].split("```", 1)[0]
    assert check(json.loads(example))["domain"] == "example.com"


def test_every_open_fact_is_in_the_page_on_fidelity() -> None:
    open_facts = {name for name in described() if not name.startswith(OWN_SET_UP)}
    assert {name for name in open_facts if f"`{name}`" not in FIDELITY} == set()
