"""Past runs, and the next one, as plain data for the site."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sso_sync.core.approval import BY_FILE
from sso_sync.core.report import SCHEDULE
from sso_sync.reporters.discretion import Discretion
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.history import History, PastRun
from sso_sync.reporters.sentences import Name, Sentence
from sso_sync.reporters.summary import HEADLINES

Json = dict[str, Any]


def instant(at: datetime) -> str:
    """Write a time as ISO 8601 in UTC."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Past:
    """Shows runs; with `run_pages` there is a page for each of them."""

    def __init__(self, discretion: Discretion, *, run_pages: bool) -> None:
        self._discretion, self._run_pages = discretion, run_pages

    def schedule(self, snapshot: Snapshot, history: History, now: datetime) -> Json:
        """Say how often runs start by themselves, and when the next one should if that can be told."""
        if snapshot.removed:
            return {"text": "", "next": None}
        interval = snapshot.about.interval
        newest = next((run for run in history.runs if run.trigger == SCHEDULE), None)
        coming = newest.last.started + interval if newest and interval else None
        if coming and interval and coming < now:  # it is due now, or has stopped coming
            coming = now if now - coming < interval else None
        return {"text": snapshot.about.schedule_in_words, "next": instant(coming) if coming else None}

    def newest_run(self, history: History) -> Json:
        """Show the newest run, and what waits for approval, which an older one may have to tell."""
        run, text = history.runs[0], self._discretion.text
        return self.run(run) | {
            "run_id": run.last.run_id,
            "started": instant(run.last.started),
            "ended": instant(run.last.ended),
            "since": instant(run.started) if run.repeats else None,
            "page": self._page(run.last.run_id),
            "waiting": self._waiting(history.waiting),
            "warnings": [text(warning) for warning in run.warnings],
        }

    def _waiting(self, run: PastRun | None) -> Json | None:
        if run is None:
            return None
        return {
            "id": run.waiting,
            "command": run.how_to_approve,
            "how": "" if run.how_to_approve else f"{BY_FILE[0].upper()}{BY_FILE[1:]}.",
            "reasons": [self._discretion.text(reason) for reason in run.waiting_for],
            "run_id": run.run_id,
            "since": instant(run.started),
        }

    def run(self, run: PastRun) -> Json:
        """Show one entry of the history."""
        headline, tone = HEADLINES[run.verdict]
        text = self._discretion.text
        return {
            "run_id": run.run_id,
            "trigger": self._discretion.trigger(run.trigger),
            "started": instant(run.started),
            "ended": instant(run.ended),
            "until": instant(run.last.ended),
            "repeats": run.repeats,
            "headline": headline,
            "tone": tone,
            "summary": run.summary,
            "problem": text(run.problem),
            "approved_by": self._discretion.person(run.approved_by),
            "waiting": run.waiting,
            "counts": [list(row) for row in run.counts],
            "people": run.people,
            "groups": run.groups,
            "memberships": run.memberships,
            "set_aside": run.set_aside,
            "changes": [
                {
                    "parts": self._parts(line.sentence),
                    "why": text(line.why),
                    "became": line.became,
                    "takes_away": line.takes_away,
                }
                for line in run.changes
            ],
            "changes_in_all": run.changes_in_all,
            "page": self._page(run.run_id),
            "site": self._page(f"{run.run_id}-site") if run.made else "",
        }

    def _page(self, name: str) -> str:
        return f"runs/{name}.html" if self._run_pages else ""

    def _parts(self, sentence: Sentence) -> list[str | Mapping[str, str]]:
        return [{"name": self._discretion.shown(part)} if isinstance(part, Name) else part for part in sentence]
