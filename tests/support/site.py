"""Facts of the documentation site: of a company whose every text is hostile, and of a large one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sso_sync.core.wording import counted
from tests.support.reports import HOSTILE

Json = dict[str, Any]
READ = datetime(2026, 11, 22, 3, 20, 7, tzinfo=UTC)
ACCOUNTS = ["111122223333", "222233334444", "333344445555", "444455556666"]
NAMES = ["production", "staging", "sandbox", "log archive"]
FIRST = [
    "Ann",
    "Bo",
    "Chloé",
    "Dmitri",
    "Élodie",
    "Faisal",
    "Grace",
    "Hàng",
    "Ikenna",
    "Jürgen",
    "Leila",
    "Mateo",
    "Núria",
]
LAST = ["Andersen", "Brown", "Çelik", "Dvořák", "Eriksen", "García", "Lindqvist", "Müller", "Nowak", "Okafor", "Petrov"]
TEAMS = ["platform", "payments", "data", "mobile", "security", "support", "search", "identity", "growth", "network"]


def instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def a_person(number: int, name: str, **changed: Any) -> Json:
    address = f"person{number:05}@example.com"
    return {
        "id": f"P-{number}",
        "name": name,
        "user_name": address,
        "email": address,
        "active": True,
        "standing": "created by sso-sync",
        "details": [["Title", "Engineer"], ["Id in the directory", f"1{number:020}"]],
    } | changed


def a_group(number: int, name: str, members: list[list[int | None]], **changed: Any) -> Json:
    return {
        "id": f"G-{number}",
        "name": name,
        "description": "",
        "source_id": f"g{number}",
        "email": f"g{number}@example.com",
        "standing": "created by sso-sync",
        "filter": {"text": "aws-*", "description": "Everything for AWS"},
        "members": members,
        "ways": [[name]],
        "inside": [],
        "contains": [],
        "accounts": [],
        "accounts_read": instant(READ),
    } | changed


def a_run(number: int, **changed: Any) -> Json:
    """Make a run that ended `number` hours before the last."""
    started = READ - timedelta(hours=number)
    ended = started + timedelta(seconds=20 + number * 7 % 41)
    run_id = f"{started:%Y%m%dT%H%M%SZ}-abcdef"
    return {
        "run_id": run_id,
        "trigger": "schedule",
        "started": instant(started),
        "ended": instant(ended),
        "until": instant(ended),
        "repeats": 0,
        "headline": "Nothing to do",
        "tone": "good",
        "summary": "There was nothing to change; Identity Center follows the directory.",
        "problem": "",
        "approved_by": "",
        "waiting": "",
        "counts": [],
        "people": 10,
        "groups": 3,
        "memberships": 20,
        "set_aside": 0,
        "changes": [],
        "changes_in_all": 0,
        "page": f"runs/{run_id}.html",
        "site": "",
    } | changed


def changes(*names: str, takes_away: bool = False) -> Json:
    """Make what a run says of changes; two names a change, who and which group."""
    pairs = list(zip(names[::2], names[1::2], strict=True))
    verb, why = (" left ", "not a member in the directory") if takes_away else (" joined ", "member in the directory")
    return {
        "headline": "All changes made",
        "summary": f"{counted(len(pairs), 'change')} made; Identity Center follows the directory.",
        "counts": [["Left a group" if takes_away else "Joined a group", len(pairs)]],
        "changes": [
            {"parts": [{"name": who}, verb, {"name": group}], "why": why, "became": "made", "takes_away": takes_away}
            for who, group in pairs
        ],
        "changes_in_all": len(pairs),
    }


def last_run(run: Json, **changed: Any) -> Json:
    """Make what is said of the newest run from its entry of the history."""
    return run | {"since": None, "waiting": None, "warnings": []} | changed


def what_waits(**changed: Any) -> Json:
    """Make what waits for approval since the last run of `small_facts`."""
    return {
        "id": "5f0c9e1b7a42",
        "command": "sso-sync approve 5f0c9e1b7a42",
        "how": "Run 'sso-sync approve 5f0c9e1b7a42'.",
        "reasons": ["9 would leave", "5 would join"],
        "run_id": a_run(0)["run_id"],
        "since": instant(READ),
    } | changed


def site_facts(people: list[Json], groups: list[Json], history: list[Json], **changed: Any) -> Json:
    last = last_run(history[0]) if history else None
    return {
        "version": 1,
        "product": "sso-sync 0.1.0",
        "written": instant(READ + timedelta(minutes=1)),
        "read": instant(READ),
        "title": "sso-sync",
        "store": "d-1234567890",
        "names": True,
        "source": "Google Workspace",
        "schedule": {"text": "every 15 minutes", "next": instant(READ + timedelta(minutes=15))},
        "last": last,
        "synced_by_aws": False,
        "removed": False,
        "config": [["Written by", "SCIM"], ["Limits of one run", "users leaving 20 %; memberships removed 20 %"]],
        "filters": [
            {
                "text": "aws-*",
                "description": "Everything for AWS",
                "use": "include",
                "of": "groups",
                "groups": len(groups),
            },
            {"text": "*-test", "description": "", "use": "exclude", "of": "groups", "groups": None},
        ],
        "people": people,
        "groups": groups,
        "account_names": dict(zip(ACCOUNTS, NAMES, strict=True)),
        "accounts": {"shown": True, "why": ""},
        "aside": [],
        "history": history,
    } | changed


def hostile_facts() -> Json:
    """Make the facts of a company in which every text is hostile; its last run was refused and waits for approval."""
    evil = HOSTILE[0]
    people = [
        a_person(n, name, user_name=name, email=name, standing=name, details=[[name, name]], active=n % 3 > 0)
        for n, name in enumerate(HOSTILE)
    ]
    members: list[list[int | None]] = [
        [n, 1772323200 if n % 2 else None, n % 4 // 2, n % 2] for n in range(len(people))
    ]
    around = [[1, name, ""] for name in HOSTILE]
    groups = [
        a_group(
            n,
            name,
            members if n < 3 else [],
            description=name,
            email=name,
            source_id=name,
            standing=name,
            filter={"text": name, "description": name},
            ways=[[name], [name, evil, HOSTILE[2]]],
            inside=[*around, [2, HOSTILE[4], "G-4"]],
            contains=[[1, HOSTILE[1], "G-1"]],
            accounts=[[ACCOUNTS[0], name], [ACCOUNTS[1], "Admin"]],
        )
        for n, name in enumerate(HOSTILE)
    ]
    refused: Json = {
        "headline": "Refused for safety",
        "tone": "attention",
        "problem": evil,
        "trigger": evil,
        "waiting": "5f0c9e1b7a42",
        "repeats": 3,
        "until": instant(READ + timedelta(minutes=45)),
    }
    spoken = changes(*(name for name in HOSTILE for _ in range(2)), takes_away=True)
    history = [a_run(0, **spoken | refused), a_run(1, **spoken | {"changes_in_all": 5000}), a_run(2, approved_by=evil)]
    newest = {
        "started": instant(READ + timedelta(minutes=44)),
        "ended": instant(READ + timedelta(minutes=45)),
        "since": instant(READ),
    }
    return site_facts(
        people,
        groups,
        history,
        title=evil,
        source=evil,
        config=[[name, name] for name in HOSTILE],
        filters=[
            {"text": name, "description": name, "use": "include", "of": "groups", "groups": 1} for name in HOSTILE
        ],
        account_names={ACCOUNTS[0]: evil},
        aside=[{"kind": "user", "name": name, "reason": name} for name in HOSTILE],
        last=last_run(history[0], **newest, waiting=what_waits(reasons=HOSTILE, how=evil), warnings=HOSTILE),
    )


def unread_facts(**changed: Any) -> Json:
    """Make the facts of a deployment whose only run failed before it read anything."""
    failed = {
        "headline": "Run failed",
        "tone": "attention",
        "problem": "Google says no.",
        "summary": "The run ended early; no change was made.",
        "people": None,
        "groups": None,
        "memberships": None,
    }
    unknown = {"read": None, "store": "", "source": "", "accounts": {"shown": False, "why": ""}}
    return site_facts([], [], [a_run(0, **failed)], **unknown | changed)


def small_facts(**changed: Any) -> Json:
    """Make the facts of three people in two groups, one within the other."""
    people = [
        a_person(1, "Ann Lee"),
        a_person(2, "Bób Çelik", active=False, standing="adopted by sso-sync, switched off by sso-sync"),
        a_person(3, "=HYPERLINK(1)", user_name='"eve", @home', email=""),
    ]
    groups = [
        a_group(
            1,
            "aws-admins",
            [[0, 1772323200, 0, 0], [1, 1772323200, 1, 1]],
            description="All accounts",
            accounts=[[ACCOUNTS[0], "AdministratorAccess"], [ACCOUNTS[1], "AdministratorAccess"]],
            ways=[["aws-admins"], ["aws-admins", "crew", "night crew"]],
            contains=[[1, "crew", ""], [2, "night crew", ""]],
            inside=[[1, "aws-everyone", "G-2"]],
        ),
        a_group(
            2,
            "aws-everyone",
            [[0, None, 1, -1]],
            contains=[[1, "aws-admins", "G-1"]],
            accounts=None,
            accounts_read=None,
        ),
    ]
    history = [
        a_run(0),
        a_run(5, **changes("Ann Lee", "aws-admins", "Bób Çelik", "aws-admins")),
        a_run(9, **changes("Zoë", "aws-admins", takes_away=True), people=9),
    ]
    return site_facts(people, groups, history, **changed)


def large_facts(people_in_all: int = 10_000, groups_in_all: int = 500, each: int = 200) -> Json:
    """Make the facts of a large company, the same every time: each group has `each` members, and some are nested."""
    names = sorted(
        (f"{FIRST[n % 13]} {LAST[n * 7 % 11]}{'' if n < 143 else f' {n // 143}'}", n) for n in range(people_in_all)
    )
    people = [a_person(n, name, active=n % 50 > 0) for name, n in names]
    titles = sorted(f"aws-{TEAMS[n % 10]}-{n // 10:02}" for n in range(groups_in_all))
    groups = [_large_group(n, titles, people_in_all, each) for n in range(groups_in_all)]
    size = {"people": people_in_all, "groups": groups_in_all, "memberships": groups_in_all * each}
    history = [
        a_run(n * 3, **_event(n, people, titles) | size | {"people": people_in_all - n * 5 // 2}) for n in range(300)
    ]
    return site_facts(people, groups, history)


def _large_group(number: int, titles: list[str], people_in_all: int, each: int) -> Json:
    title, count = titles[number], len(titles)
    chosen = sorted({(number * 37 + step * 53) % people_in_all for step in range(each)})
    below = [(number * 3 + step) % count for step in range(number % 14)] if number % 3 == 0 else []
    members: list[list[int | None]] = [
        [place, 1700000000 + place * 1000, int(place % 5 == 0), place % 3 if below else 0] for place in chosen
    ]
    return a_group(
        number,
        title,
        members,
        description=f"Access of the {title.split('-')[1]} team" if number % 4 else "",
        ways=[[title], [title, titles[below[0]]], [title, titles[below[0]], "all hands"]] if below else [[title]],
        contains=[[1 + step // 10, titles[n], f"G-{n}"] for step, n in enumerate(below)],
        inside=[[1, "aws-everybody", ""], [2, titles[0], "G-0"]] if number % 5 == 0 else [],
        accounts=[[ACCOUNTS[number % 4], "ReadOnlyAccess"], [ACCOUNTS[number % 3], "PowerUserAccess"]][: number % 3],
    )


def _event(number: int, people: list[Json], titles: list[str]) -> Json:
    who = people[number * 31 % len(people)]["name"], titles[number % len(titles)]
    match number % 7:
        case 1:
            return changes(*who)
        case 3:
            return changes(*who, takes_away=True)
        case 5 if number % 2:
            return {"headline": "Run failed", "tone": "attention", "problem": "Google answered 503.", "people": None}
        case 6 if number % 5 == 0:
            return {
                "headline": "Stopped early",
                "tone": "warning",
                "summary": "The run ended early; no change was made.",
            }
        case _:
            return {"repeats": number % 12}
