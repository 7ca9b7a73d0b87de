"""Names of people left out of free text: no more, and no less."""

import pytest

from sso_sync.reporters.discretion import Discretion


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ann left", "… left"),
        ("the annual limit of Annals", "the annual limit of Annals"),
        ("'ANN LEE' and ann", "'…' and …"),
        ("somebody.else@partner.example was refused", "… was refused"),
        ("(b.o'b@example.com)", "(…)"),
        ("al and bo", "al and bo"),
        ("", ""),
    ],
)
def test_names_are_left_out_whole_and_in_any_case(text: str, shown: str) -> None:
    assert Discretion(names=False, known=["Ann", "Ann Lee", "al", "B.O'B@example.com"]).text(text) == shown


def test_with_names_everything_stays() -> None:
    discretion = Discretion(names=True, known=["Ann"])
    assert discretion.text("Ann, ann@example.com") == "Ann, ann@example.com"
    assert discretion.trigger("command line, ann") == "command line, ann"
    assert discretion.person("ann") == "ann"


@pytest.mark.parametrize(
    ("trigger", "shown"),
    [("schedule", "schedule"), ("command line, otto", "command line"), ("otto@example.com", "…"), ("by Ann", "by …")],
)
def test_who_starts_a_run_is_left_out(trigger: str, shown: str) -> None:
    assert Discretion(names=False, known=["Ann"]).trigger(trigger) == shown
