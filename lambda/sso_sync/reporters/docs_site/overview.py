"""What the overview says at a glance: numbers, and pictures of the history."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sso_sync.core.wording import counted
from sso_sync.reporters.docs_site.charts import Bars, StepLine, bars, step_line
from sso_sync.reporters.summary import duration, instant

LATEST = 5  # runs with news
KNOWN_TO_AWS = {"Memberships", "Switched off", "In no group"}  # alone, where it syncs a directory itself
Json = Mapping[str, Any]


def numbers(facts: Json) -> list[tuple[str, int, str]]:
    """Count what there is, as (title, number, address of the view that lists it)."""
    placed = {member[0] for group in facts["groups"] for member in group["members"]}
    rows = [
        ("People", len(facts["people"]), "#/people"),
        ("Groups", len(facts["groups"]), "#/groups"),
        ("Memberships", sum(len(group["members"]) for group in facts["groups"]), ""),
        ("Switched off", sum(not person["active"] for person in facts["people"]), "#/people?show=off"),
        ("In no group", len(facts["people"]) - len(placed), "#/people?show=alone"),
        ("Set aside", len(facts["aside"]), "#aside" if facts["aside"] else ""),
    ]
    return [row for row in rows if not (facts["synced_by_aws"] and row[0] in KNOWN_TO_AWS)]


def latest(facts: Json) -> list[Json]:
    """List the last runs that had anything to say."""
    return [run for run in facts["history"] if run["changes_in_all"] or run["problem"]][:LATEST]


def pictures(facts: Json) -> list[StepLine | Bars]:
    """Draw people and memberships over time, and how long runs took; what cannot be drawn yet is left out."""
    history = facts["history"]
    if not history:
        return []
    end = datetime.fromisoformat(history[0]["until"])
    drawn = [
        step_line("People", list(_over_time(history, "people")), end),
        step_line("Memberships", list(_over_time(history, "memberships")), end),
        bars("Duration and result of runs", [_run(run) for run in history]),
    ]
    return [one for one in drawn if one and not (facts["synced_by_aws"] and one.title in KNOWN_TO_AWS)]


def _over_time(history: list[Json], what: str) -> Iterator[tuple[datetime, int]]:
    return ((datetime.fromisoformat(run["ended"]), run[what]) for run in reversed(history) if run[what] is not None)


def _run(run: Json) -> tuple[datetime, datetime, str, str]:
    started, ended = datetime.fromisoformat(run["started"]), datetime.fromisoformat(run["ended"])
    again = f", and {counted(run['repeats'], 'run')} alike" if run["repeats"] else ""
    return started, ended, run["tone"], f"{instant(started)}: {run['headline']}, {duration(ended - started)}{again}"
