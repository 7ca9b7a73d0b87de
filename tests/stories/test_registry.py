"""Every failure and every question has a story: in this folder, elsewhere, or in a part that is still to come."""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

from tests.stories.references import ASKED, FAILURES, READ
from tests.stories.registry import LATER, TOLD_ELSEWHERE

ROOT = Path(__file__).resolve().parents[2]
LETTERS = {"awslabs/ssosync": "S", "slashdevops/idp-scim-sync": "I"}
ISSUE = re.compile(r"[SI]\d+")


@cache
def docstrings_of(path: Path) -> dict[str, str]:
    """Return the docstrings of a file's tests by their names; the file is not run."""
    return {
        node.name: " ".join((ast.get_docstring(node) or "").split())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


@cache
def stories() -> dict[str, str]:
    files = set(Path(__file__).parent.glob("test_*.py")) - {Path(__file__)}
    return {name: told for file in files for name, told in docstrings_of(file).items()}


def issues_in(docstring: str) -> set[str]:
    """Find issues such as awslabs/ssosync#278 #279; a number belongs to the repository that was named last."""
    found, letter = set(), ""
    for repository, number in re.findall(rf"({'|'.join(LETTERS)})|#(\d+)", docstring):
        letter = LETTERS.get(repository, letter)
        found |= {f"{letter}{number}"} if number else set()
    return found


def references_in(keys: Iterable[str]) -> set[str]:
    """Take apart keys that hold several issues."""
    return {part for key in keys for part in (key.split() if ISSUE.match(key) else [key])}


@cache
def told_here() -> set[str]:
    seen = {r for r in (*FAILURES, *READ) if any(f"{r}:" in docstring for docstring in stories().values())}
    return seen.union(*map(issues_in, stories().values()))


def all_references() -> set[str]:
    return {*FAILURES, *READ}.union(*(numbers.split() for numbers in ASKED.values()))


@pytest.mark.parametrize("reference", [*FAILURES, *READ])
def test_every_failure_that_was_seen_has_a_story(reference: str) -> None:
    assert reference in told_here() | TOLD_ELSEWHERE.keys() | LATER.keys()


@pytest.mark.parametrize("theme", ASKED)
def test_everything_that_users_ask_has_a_story(theme: str) -> None:
    known = told_here() | references_in([*TOLD_ELSEWHERE, *LATER])
    assert set(ASKED[theme].split()) <= known


def test_every_test_that_is_named_is_there() -> None:
    named = {test_id for told in TOLD_ELSEWHERE.values() for test_id in told}
    split = (test_id.split("::") for test_id in named)
    missing = {name for file, name in split if name not in docstrings_of(ROOT / file)}
    assert missing == set()


def test_nothing_is_named_that_nobody_has_seen_or_asked() -> None:
    assert references_in([*TOLD_ELSEWHERE, *LATER]) <= all_references()
    assert not references_in(TOLD_ELSEWHERE) & references_in(LATER)
    assert len(set(FAILURES)) == len(FAILURES)


def test_what_comes_later_is_no_failure_that_was_seen() -> None:
    assert not set(FAILURES) & LATER.keys()


def test_every_story_says_what_it_answers() -> None:
    assert {name for name, docstring in stories().items() if not docstring} == set()
