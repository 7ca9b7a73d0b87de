"""One report for every kind of card, as lifelike as a made-up company can be, and cards as people see them."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import msgspec

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateGroup,
    UpdateUser,
)
from sso_sync.core.errors import (
    ChangeRefused,
    CredentialsAwaited,
    Interrupted,
    LimitExceeded,
    SourceError,
    ValueRefused,
)
from sso_sync.core.expiry import warnings
from sso_sync.core.findings import Credential
from sso_sync.core.joining import Unread
from sso_sync.core.model import Directory, Group, SetAside, User
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.report import RunReport
from sso_sync.reporters.teams.backlog import Backlog, UntoldRun
from sso_sync.reporters.teams.memory import Trouble
from tests.support.memory import group, user
from tests.support.reports import HOSTILE, STARTED, made, planned, report

Json = dict[str, Any]
LINKS = (
    ("This run", "https://docs.example.com/aws/runs/20261122T032007Z-abcdef.html"),
    ("Who is in what", "https://docs.example.com/aws/index.html"),
)
NAMES = ("Noor Haddad", "Bob Miller", "Cy Young", "Dora Lindqvist", "Eve Okafor", "Femi Abara", "Grete Varga")
GONE = "no longer in the directory"
MEMBER, NO_MEMBER = "member in the directory", "not a member in the directory"
ASIDE = (
    SetAside("user", "u90", "zoe@example.com", "it has no family name"),
    SetAside("group", "g90", "AWSAdministrators", "'AWSAdministrators' is a reserved name"),
    SetAside("user", "u91", "max", "'max' is not an e-mail address"),
    SetAside("user", "u92", "ines@example.com", "two people of the directory want the name 'ines@example.com'"),
    SetAside("user", "u93", "tom@example.com", "its user name is longer than 128 characters"),
)


def someone(name: str, **changed: Any) -> User:
    """Make a person who is in the store, called as their name says."""
    given, _, family = name.partition(" ")
    names = {"given_name": given, "family_name": family or "-", "display_name": name}
    return user(given.lower(), id=f"U-{given.lower()}", **names | changed)


PEOPLE = {person.given_name: person for person in map(someone, NAMES)}


def of(name: str) -> Ref:
    person = PEOPLE[name]
    return Ref(person.id, person.external_id, person.user_name)


def team(name: str) -> Ref:
    return Ref(f"G-{name}", f"id-{name}", name)


def gives(name: str, *groups: str, drift: bool = False) -> list[Change]:
    reason = "removed in Identity Center, not by sso-sync" if drift else MEMBER
    return [CreateMembership(team(group), of(name), reason, drift) for group in groups]


def takes(name: str, *groups: str, why: str = NO_MEMBER) -> list[Change]:
    return [DeleteMembership(team(group), of(name), why) for group in groups]


def hires(name: str, *groups: str) -> list[Change]:
    person = msgspec.structs.replace(PEOPLE[name], id=PEOPLE[name].external_id)
    ref = Ref("", person.external_id, person.user_name)
    return [CreateUser(person, MEMBER), *(CreateMembership(team(group), ref, MEMBER) for group in groups)]


def updates(name: str, why: str = "differs from the directory", **after: Any) -> Change:
    before = PEOPLE[name]
    return UpdateUser(of(name), before, msgspec.structs.replace(before, **after), why)


A_DAY: list[Change] = [
    *hires("Noor", "aws-admins", "aws-developers"),
    *takes("Bob", "aws-developers", "aws-everyone", why="suspended in the directory"),
    updates("Bob", "suspended in the directory", active=False),
    *takes("Cy", "aws-developers"),
    CreateMembership(Ref("", "id-aws-operations", "aws-operations"), of("Cy"), MEMBER),
    updates("Dora", user_name="dora.berg@example.com", email="dora.berg@example.com", display_name="Dora Berg"),
    *gives("Eve", "aws-admins", drift=True),
    *takes("Femi", "aws-billing"),
    DeleteUser(Ref("U-old", "old", "old.hand@example.com"), "left 30 days ago"),
    CreateGroup(group("aws-operations"), "selected by the filter 'aws-*'"),
    UpdateGroup(
        team("aws-data"),
        group("aws-data", id="G-aws-data"),
        Group(id="G-aws-data", external_id="id-aws-data", display_name="aws-data-science"),
        "differs from the directory",
    ),
    DeleteGroup(team("aws-legacy"), 12, "not selected any more"),
]


def store(people: int = 0, groups: int = 0) -> Directory:
    """Make what the store holds: the people with names, and so many more without any."""
    more = [user(f"person{number:04}", id=f"U{number}") for number in range(people)]
    return Directory.of([*PEOPLE.values(), *more], [group(f"team-{number}") for number in range(groups)], {})


def with_plan(changes: Sequence[Change], *, aside: Sequence[SetAside] = (), warnings: Sequence[str] = ()) -> Plan:
    return Plan.of("d-1", changes, set_aside=aside, warnings=warnings)


def all_done(plan: Plan, **changed: Any) -> RunReport:
    done = tuple(Outcome(change, Result.DONE, aws_id="new") for change in plan.changes)
    return report(plan, outcomes=done, **changed)


def first_run(people: int = 666, groups: int = 217) -> RunReport:
    """Report the first load of a real organisation's size, a part of which was there before."""
    changes: list[Change] = [CreateGroup(group(f"team-{number:03}"), "selected") for number in range(groups)]
    for number in range(people):
        one = user(f"person{number:03}", display_name=f"Person {number:03}")
        ref = Ref(f"U{number}" if number % 40 == 0 else "", one.external_id, one.user_name)
        changes.append(Adopt("user", ref, "already there") if number % 40 == 0 else CreateUser(one, MEMBER))
        teams = {number % groups, (7 * number + 3) % groups, (number * number) % groups}
        changes += [CreateMembership(Ref("", f"id-team-{t:03}", f"team-{t:03}"), ref, MEMBER) for t in sorted(teams)]
    plan = with_plan(changes, aside=ASIDE, warnings=["the filter 'aws-typo-*' matches nothing"])
    return all_done(plan, trigger="deployment", ended=STARTED + timedelta(minutes=3, seconds=41))


def refusal(changes: Sequence[Change], *reasons: str) -> Refusal:
    keys = {f"key-{number}": f"line {number}" for number, _ in enumerate(changes)}
    return Refusal.of("d-1", "config", keys, reasons, "20261122T030007Z-fedcba", STARTED)


def approve(waiting: Refusal) -> str:
    return f"sso-sync approve {waiting.id}"


def refused() -> RunReport:
    leaving = [
        change
        for name in ("Bob", "Cy", "Dora", "Eve", "Femi", "Grete")
        for change in (*takes(name, "aws-developers", why=GONE), updates(name, GONE, active=False))
    ]
    reasons = (
        "it would delete or switch off 6 users (limits.users_leaving: 20 % of 21)",
        "the group 'aws-developers' came back empty, and has 6 members (limits.emptied_group)",
    )
    waiting = refusal(leaving, *reasons)
    error = LimitExceeded(
        f"The plan was refused, so nothing was written: {'; '.join(reasons)}. If that is right, run "
        f"'{approve(waiting)}'; if not, correct the directory or the filters."
    )
    return report(
        with_plan(leaving), error=error, waiting=waiting, how_to_approve=approve(waiting), identity_center=store(14, 9)
    )


def held_back() -> RunReport:
    reason = "the group 'aws-audit' has 2 assignments in 1 AWS account, so deleting it waits for approval"
    waiting = refusal(takes("Cy", "aws-audit"), reason)
    warning = f"waiting for approval, so run '{approve(waiting)}' if that is right: {reason}"
    plan = with_plan(gives("Grete", "aws-billing"), warnings=[warning])
    return all_done(plan, waiting=waiting, how_to_approve=approve(waiting))


def partial() -> RunReport:
    plan = with_plan(
        [*hires("Noor", "aws-admins"), *hires("Eve", "aws-admins"), *takes("Bob", "aws-developers"), *gives("Cy", "x")]
    )
    no = ChangeRefused(
        "AWS refused to create the user: DuplicateUserName. Somebody else has the name; see the console."
    )
    outcomes = []
    for change in plan.changes:
        name = change.user.name if isinstance(change, CreateMembership) else ""
        if isinstance(change, CreateUser) and change.user.given_name == "Noor":
            outcomes.append(Outcome(change, Result.FAILED, no))
        elif isinstance(change, CreateUser):
            odd = ValueRefused("AWS said no: the telephone number is not valid.")
            outcomes.append(Outcome(change, Result.DONE, odd, "U1", ("phone_number",)))
        else:
            outcomes.append(Outcome(change, Result.SKIPPED if name == "noor@example.com" else Result.DONE))
    return report(plan, outcomes=tuple(outcomes), identity_center=store(14, 9))


def interrupted(people: int = 40) -> RunReport:
    plan = with_plan([CreateUser(user(f"person{number:03}"), MEMBER) for number in range(people)])
    results = [Result.DONE if number < people // 4 else Result.NOT_TRIED for number in range(people)]
    outcomes = tuple(Outcome(change, result) for change, result in zip(plan.changes, results, strict=True))
    error = Interrupted("Stopped on request after 10 of 40 changes; the next run goes on.")
    return report(plan, outcomes=outcomes, error=error, ended=STARTED + timedelta(minutes=14))


def five_thousand() -> RunReport:
    """Report a day on which half of a large company moved."""
    people = [Ref(f"U{number}", f"s{number}", f"person{number:04}@example.com") for number in range(1250)]
    changes: list[Change] = []
    for number, person in enumerate(people):
        old, new = (f"{side}-{number % 50:02}" for side in ("old-team", "new-team"))
        changes.append(CreateMembership(team(new), person, MEMBER))
        changes.append(CreateMembership(team("everybody"), person, MEMBER))
        changes.append(CreateMembership(team(f"guild-{number % 9}"), person, MEMBER))
        changes.append((DeleteMembership if number % 3 == 0 else CreateMembership)(team(old), person, NO_MEMBER))
    return made(*changes, identity_center=store(1250, 120), ended=STARTED + timedelta(minutes=9))


def hostile() -> RunReport:
    changes: list[Change] = []
    for number, name in enumerate(HOSTILE):
        ref = Ref(f"U{number}", f"s{number}", name)
        changes += [DeleteMembership(team(name), ref, name), CreateMembership(Ref(f"G{number}", "", name), ref, name)]
        changes += [CreateUser(user(f"n{number}", user_name=name, display_name=f"{name} Doe"), name)]
        changes += [
            CreateGroup(group(f"t{number}", display_name=name), name),
            DeleteGroup(Ref(f"D{number}", "", name), 3, name),
        ]
    aside = [SetAside("user", name, name, name) for name in HOSTILE]
    return all_done(with_plan(changes, aside=aside, warnings=HOSTILE), source=HOSTILE[0], trigger=HOSTILE[6])


def incomplete() -> RunReport:
    """Report a run that could read one of two directories."""
    problem = "Cannot list the groups: Okta answered 503 (E0000009), even after waiting; the next run tries again."
    return all_done(
        with_plan(hires("Noor", "aws-admins")),
        unread=(Unread("Okta", problem),),
        source="Google Workspace and Okta",
        identity_center=store(14, 9),
    )


def expiring() -> RunReport:
    """Report a run with nothing to do but to say that a credential expires."""
    token = Credential(
        what="the SCIM token",
        kind="an access token, stored",
        stored=True,
        expires=STARTED + timedelta(days=20),
        renewal="make a new one in IAM Identity Center (Settings, Automatic provisioning), and store it with "
        "'sso-sync secrets put scim-token'",
    )
    sentences = warnings([token], STARTED)
    return report(with_plan([], warnings=sentences), expiring=sentences, identity_center=store(659, 217))


def approved() -> RunReport:
    approval = Approval("5f0c9e1b7a42", "arn:aws:sts::111122223333:assumed-role/Approver/grete@example.com", STARTED)
    return all_done(with_plan(takes("Cy", "aws-audit")), approved=(approval,), identity_center=store(14, 9))


OUTAGE = Trouble(
    kind="end",
    key="k",
    sentence="Cannot list the members of a group: Google Workspace answered 503 (backendError), even after waiting.",
    since=STARTED - timedelta(hours=5, minutes=10),
    last=STARTED - timedelta(minutes=15),
    runs=20,
    by_function=True,
)
UNTOLD = Backlog(
    tuple(
        UntoldRun(f"20261122T{hour:02}0007Z-abcdef", STARTED.replace(hour=hour), text)
        for hour, text in enumerate(
            (
                "9 changes made; Identity Center follows the directory. 6 memberships given, 3 memberships taken away.",
                "1 change made; Identity Center follows the directory. 1 user switched off.",
                "The run ended early: 10 of 40 changes made. 10 new users. Stopped on request after 10 of 40 changes.",
            )
        )
    ),
    more=2,
)
KINDS: dict[str, RunReport] = {
    "first run": first_run(),
    "changes": all_done(with_plan(A_DAY, aside=ASIDE[:1]), identity_center=store(14, 9)),
    "nothing": planned(identity_center=store(659, 217)),
    "refused": refused(),
    "failed": report(error=SourceError(f"{OUTAGE.sentence} Nothing was written, and the next run tries again.")),
    "healed": planned(identity_center=store(659, 217)),
    "told late": planned(identity_center=store(659, 217)),
    "told late with changes": all_done(with_plan(A_DAY), identity_center=store(14, 9)),
    "healed with changes": all_done(with_plan(hires("Noor", "aws-admins")), identity_center=store(14, 9)),
    "waiting": report(error=CredentialsAwaited(["google-credentials", "scim-token"])),
    "held back": held_back(),
    "partial": partial(),
    "interrupted": interrupted(),
    "approved": approved(),
    "incomplete": incomplete(),
    "expiring": expiring(),
    "5000 changes": five_thousand(),
    "hostile": hostile(),
}
LATE = {"told late": UNTOLD, "told late with changes": UNTOLD}
HEALED = {"healed": (OUTAGE,), "healed with changes": (OUTAGE, msgspec.structs.replace(OUTAGE, key="other", runs=2))}


def content(card: Json) -> Json:
    """Return the Adaptive Card of a message."""
    ((attachment),) = card["attachments"]
    found: Json = attachment["content"]
    return found


def raw_texts(node: object) -> list[str]:
    """Collect every text that Teams treats as Markdown, in the order of the card."""
    if isinstance(node, list):
        return [text for item in node for text in raw_texts(item)]
    if isinstance(node, dict):
        own = [node[key] for key in ("text", "title", "value") if key in node]
        return own + [text for value in node.values() if isinstance(value, list) for text in raw_texts(value)]
    return []


def seen(text: str) -> str:
    """Return Markdown of ours as a reader sees it."""
    return re.sub(r"\\([!-/:-@[-`{-~])|\*\*|_", r"\1", text)
