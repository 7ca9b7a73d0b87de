"""Everything that the site shows, as plain data: its pages and its downloads are made from this alone.

Times are ISO 8601 in UTC, save those of memberships, which are seconds since 1970: there are many.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from msgspec import Struct

from sso_sync import __version__
from sso_sync.core.model import Directory, SetAside
from sso_sync.reporters.access import GroupAccess
from sso_sync.reporters.discretion import Discretion, names_in_history
from sso_sync.reporters.docs_site.about import About
from sso_sync.reporters.docs_site.members import Members
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.docs_site.standing import Standing
from sso_sync.reporters.history import History, PastRun
from sso_sync.reporters.sentences import Name, Sentence
from sso_sync.reporters.summary import HEADLINES

VERSION = 1
MOST_RUNS = 300  # of the history; months, since quiet runs are folded
SCHEDULE = "schedule"
# Attributes of people that are for everybody's eyes; others may be private, such as telephone numbers.
PUBLIC = ("title", "department", "division", "organization", "cost_center")
Json = dict[str, Any]


class Known(Struct, frozen=True, kw_only=True):
    """What facts are made from; `written` is now. `run_pages` says whether there is a page for each run."""

    snapshot: Snapshot
    history: History
    access: GroupAccess
    written: datetime
    names: bool = True
    run_pages: bool = True


def facts(known: Known) -> Json:
    """Put together what the site shows."""
    snapshot, history = known.snapshot, known.history
    directory = snapshot.identity_center
    discretion = Discretion(names=known.names, known=chain(snapshot.names(), names_in_history(history)))
    standing = Standing(directory, snapshot.ledger)
    members = Members(directory, snapshot.ledger, standing, snapshot.provenance)
    people = sorted(directory.users.values(), key=lambda user: _order(user.display_name, user.user_name, user.id))
    places = {user.id: place for place, user in enumerate(people)}
    groups = sorted(directory.groups.values(), key=lambda group: _order(group.display_name, group.id))
    return {
        "version": VERSION,
        "product": f"sso-sync {__version__}",
        "written": _instant(known.written),
        "read": _instant(snapshot.read),
        "title": snapshot.about.title,
        "store": snapshot.ledger.store_id,
        "names": known.names,
        "source": snapshot.source,
        "schedule": _schedule(snapshot.about, history),
        "last": _last(history.runs[0], discretion, known) if history.runs else None,
        "config": [[title, discretion.text(value)] for title, value in snapshot.about.settings],
        "filters": _filters(snapshot, discretion),
        "people": [_person(user.id, directory, standing, names=known.names) for user in people],
        "groups": [
            _group(group.id, directory, standing, known.access) | members.of(group.id, places) for group in groups
        ],
        "account_names": dict(known.access.account_names),
        "accounts": {"shown": not known.access.why_not, "why": known.access.why_not},
        "aside": set_aside(snapshot.set_aside, discretion),
        "history": [_run(run, discretion, known) for run in history.runs[:MOST_RUNS]],
    }


def set_aside(records: Iterable[SetAside], discretion: Discretion) -> list[Json]:
    """Show records that are set aside, by kind and name."""
    ordered = sorted(records, key=lambda record: _order(record.kind, record.name, record.source_id, record.reason))
    return [
        {"kind": record.kind, "name": discretion.record(record), "reason": discretion.text(record.reason)}
        for record in ordered
    ]


def _order(*texts: str) -> tuple[str, ...]:
    return *(text.casefold() for text in texts), *texts


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _schedule(about: About, history: History) -> Json:
    """Say how often runs start by themselves, and when the next one should if that can be told."""
    newest = next((run for run in history.runs if run.trigger == SCHEDULE), None)
    coming = newest.until + about.interval if newest and about.interval else None
    return {"text": about.schedule_in_words, "next": _instant(coming) if coming else None}


def _filters(snapshot: Snapshot, discretion: Discretion) -> list[Json]:
    chosen = snapshot.provenance.chosen_groups.values() if snapshot.provenance else ()
    return [
        {
            "text": discretion.text(text),
            "description": discretion.text(description),
            "use": use,
            "of": of,
            "groups": sum(by.text == text for by in chosen) if (use, of) == ("include", "groups") else None,
        }
        for text, description, use, of in snapshot.about.filters
    ]


def _person(user_id: str, directory: Directory, standing: Standing, *, names: bool) -> Json:
    user = directory.users[user_id]
    shown = {name: user.attributes.get(name, "") for name in PUBLIC} if names else {}
    details = [[name.replace("_", " ").capitalize(), value] for name, value in shown.items() if value]
    return {
        "id": user.id,
        "name": user.display_name if names else user.id,
        "user_name": user.user_name if names else "",
        "email": user.email if names else "",
        "active": user.active,
        "standing": standing.of("user", user_id),
        "details": [
            *details,
            *([["Id in the directory", source_id]] if (source_id := standing.source_id(user)) else []),
        ],
    }


def _group(group_id: str, directory: Directory, standing: Standing, access: GroupAccess) -> Json:
    group, held = directory.groups[group_id], access.groups.get(group_id)
    return {
        "id": group.id,
        "name": group.display_name,
        "description": group.description,
        "source_id": standing.source_id(group),
        "standing": standing.of("group", group_id),
        "accounts": [list(row) for row in held.assignments] if held else None,
        "accounts_read": _instant(held.read) if held else None,
    }


def _last(run: PastRun, discretion: Discretion, known: Known) -> Json:
    waiting = {
        "id": run.waiting,
        "command": f"sso-sync approve {run.waiting}",
        "reasons": [discretion.text(reason) for reason in run.waiting_for],
    }
    return _run(run, discretion, known) | {
        "waiting": waiting if run.waiting else None,
        "warnings": [discretion.text(warning) for warning in run.warnings],
    }


def _run(run: PastRun, discretion: Discretion, known: Known) -> Json:
    headline, tone = HEADLINES[run.verdict]
    return {
        "run_id": run.run_id,
        "trigger": discretion.trigger(run.trigger),
        "started": _instant(run.started),
        "ended": _instant(run.ended),
        "until": _instant(run.until),
        "repeats": run.repeats,
        "headline": headline,
        "tone": tone,
        "summary": run.summary,
        "problem": discretion.text(run.problem),
        "approved_by": discretion.person(run.approved_by),
        "waiting": run.waiting,
        "counts": [list(row) for row in run.counts],
        "people": run.people,
        "groups": run.groups,
        "memberships": run.memberships,
        "set_aside": run.set_aside,
        "changes": [
            {
                "parts": _parts(line.sentence, discretion),
                "why": discretion.text(line.why),
                "became": line.became,
                "takes_away": line.takes_away,
            }
            for line in run.changes
        ],
        "changes_in_all": run.changes_in_all,
        "page": f"runs/{run.run_id}.html" if known.run_pages else "",
        "site": f"runs/{run.run_id}-site.html" if known.run_pages and run.made else "",
    }


def _parts(sentence: Sentence, discretion: Discretion) -> list[str | Mapping[str, str]]:
    return [{"name": discretion.shown(part)} if isinstance(part, Name) else part for part in sentence]
