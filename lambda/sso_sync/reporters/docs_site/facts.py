"""Everything that the site shows, as plain data: its pages and its downloads are made from this alone.

Times are ISO 8601 in UTC, save those of memberships, which are seconds since 1970: there are many.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any

from msgspec import Struct

from sso_sync import __version__
from sso_sync.core.model import Group, SetAside, User
from sso_sync.reporters.access import GroupAccess
from sso_sync.reporters.discretion import Discretion, names_in_history
from sso_sync.reporters.docs_site.members import Members
from sso_sync.reporters.docs_site.past import Past, instant
from sso_sync.reporters.docs_site.snapshot import Snapshot
from sso_sync.reporters.docs_site.standing import Standing
from sso_sync.reporters.history import History

VERSION = 1
MOST_RUNS = 300  # of the history; months, since quiet runs are folded
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
    past = Past(discretion, run_pages=known.run_pages)
    members = Members(directory, snapshot.ledger, standing, snapshot.provenance)
    people = sorted(directory.users.values(), key=lambda user: _order(user.display_name, user.user_name, user.id))
    places = {user.id: place for place, user in enumerate(people)}
    groups = sorted(directory.groups.values(), key=lambda group: _order(group.display_name, group.id))
    return {
        "version": VERSION,
        "product": f"sso-sync {__version__}",
        "written": instant(known.written),
        "read": instant(snapshot.read) if snapshot.read else None,
        "title": snapshot.about.title,
        "store": snapshot.ledger.store_id,
        "names": known.names,
        "source": snapshot.source,
        "synced_by_aws": directory.synced_by_aws,
        "removed": snapshot.removed,
        "schedule": past.schedule(snapshot, history, known.written),
        "last": past.newest_run(history) if history.runs else None,
        "config": [[title, discretion.text(value)] for title, value in snapshot.about.settings],
        "filters": _filters(snapshot, discretion),
        "people": [_person(user, standing, names=known.names) for user in people],
        "groups": [
            _group(group, standing, known.access, discretion) | members.of(group.id, places, discretion)
            for group in groups
        ],
        "account_names": dict(known.access.account_names),
        "accounts": {"shown": not known.access.why_not, "why": known.access.why_not},
        "aside": set_aside(snapshot.set_aside, discretion),
        "history": [past.run(run) for run in history.runs[:MOST_RUNS]],
    }


def set_aside(records: Iterable[SetAside], discretion: Discretion) -> list[Json]:
    """Show records that are set aside, by kind and name."""
    ordered = sorted(records, key=lambda record: _order(record.kind, record.name, record.source_id, record.reason))
    return [
        {"kind": record.kind, "name": discretion.record(record), "reason": discretion.reason(record)}
        for record in ordered
    ]


def _order(*texts: str) -> tuple[str, ...]:
    return *(text.casefold() for text in texts), *texts


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


def _person(user: User, standing: Standing, *, names: bool) -> Json:
    shown = {name: user.attributes.get(name, "") for name in PUBLIC} if names else {}
    details = [[name.replace("_", " ").capitalize(), value] for name, value in shown.items() if value]
    return {
        "id": user.id,
        "name": user.display_name if names else user.id,
        "user_name": user.user_name if names else "",
        "email": user.email if names else "",
        "active": user.active,
        "standing": standing.of("user", user.id),
        "details": [
            *details,
            *([["Id in the directory", source_id]] if (source_id := standing.source_id(user)) else []),
        ],
    }


def _group(group: Group, standing: Standing, access: GroupAccess, discretion: Discretion) -> Json:
    held = access.groups.get(group.id)
    return {
        "id": group.id,
        "name": group.display_name,
        "description": discretion.text(group.description),
        "source_id": standing.source_id(group),
        "standing": standing.of("group", group.id),
        "accounts": [list(row) for row in held.assignments] if held else None,
        "accounts_read": instant(held.read) if held else None,
    }
