"""What no document settles, or a company may have otherwise: the whole program, both ways.

Every switch of the sandbox is here, so that no answer of a real tenant comes as a surprise.
"""

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from sandbox.switches import described
from sso_sync.entrypoints.cli.main import run
from tests.support.companies import company, expected_memberships, person, team
from tests.support.live import CONFIG, LiveSandbox, writes_in

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]
PEOPLE = 35  # more than a short page holds
MEMBERSHIPS = PEOPLE + 7 + PEOPLE - 5  # of all, a and b, as a_company() has them
GIVEN_LATER = 3  # the joiner in a and all, the mover in b
SOME_FAILED = 4  # exit code
ATTRIBUTES = """\
    attributes: {title: "organizations[0].title", manager: "relations[0].value"}
"""


@dataclass(frozen=True)
class Fact:
    """Switches under which everything must go on as ever; calls of `more` must then be more than otherwise."""

    switches: Json
    fault: Json | None = None
    latency: float = 0.0
    ways: tuple[str, ...] = ("scim", "identity-store")
    more: tuple[str, str, int] = ("identity_store", "ListUsers", 0)


SCIM_THROTTLED = {"system": "scim", "kind": "throttle"}
THROTTLED = {"system": "google", "operation": "users.list", "kind": "throttle"}
UNNOTICED = {
    "as documented": Fact({}),
    "pages are short": Fact({"short_pages": True}, more=("identity_store", "ListUsers", 2)),
    "names differ by case": Fact({"names_fold_case": False}),
    "memberships change the revision of their group": Fact({"membership_changes_revision": True}),
    "memberships of one group conflict": Fact(
        {"memberships_conflict": True},
        latency=0.01,
        ways=("identity-store",),
        more=("identity_store", "CreateGroupMembership", MEMBERSHIPS + GIVEN_LATER),
    ),
    "account instances are told apart": Fact({"account_instances": 2}, ways=("identity-store",)),
    "the kind of instance is not told": Fact({"permission_sets_shown": False}, ways=("identity-store",)),
    "there are additional Regions": Fact({"additional_regions": ["eu-west-1"]}, ways=("identity-store",)),
    "managers are text": Fact({"manager_as_text": True}),
    "another issuer": Fact({"external_id_issuer": "https://identitystore.amazonaws.com/"}, ways=("scim",)),
    "SCIM tells when to come back": Fact({"scim_retry_after": True}, SCIM_THROTTLED, ways=("scim",)),
    "SCIM does not tell when to come back": Fact({"scim_retry_after": False}, SCIM_THROTTLED, ways=("scim",)),
    "memberships by SCIM have a limit": Fact({"scim_memberships_per_second": 50}, ways=("scim",)),
    "Google limits the user": Fact({"google_throttle": "userRateLimitExceeded"}, THROTTLED, ways=("scim",)),
    "Google limits the operation": Fact({"google_throttle": "quotaExceeded"}, THROTTLED, ways=("scim",)),
    "Google limits the company": Fact({"google_throttle": "rateLimitExceeded"}, THROTTLED, ways=("scim",)),
    "sub-groups are not counted": Fact({"google_counts_users_only": True}, ways=("scim",)),
    "outsiders have their own type": Fact({"google_typed_externals": True}, ways=("scim",)),
    "empty lists are there": Fact({"google_empty_lists": True}, ways=("scim",)),
}
NOTICED_BY_NOBODY = {
    "account_outbound_federation": "whether AWS gives tokens matters to a sign-in to Entra ID (test_entra_sign_in.py)",
    **dict.fromkeys(
        (
            "active_directory",
            "active_directory_associated",
            "sync_filter_id_answered",
            "sync_filters_any_name",
            "sync_target_shown",
        ),
        "this company has no Active Directory; tests/contract/test_ad_sync_filters.py tries them",
    ),
    **dict.fromkeys(
        ("google_aws_account", "google_aws_role", "google_iam_credentials_api", "google_token_creator"),
        "this company signs in to Google with a key; tests/contract/test_google_keyless.py tries them",
    ),
    "google_admin_role": "only an examination looks at roles (test_google_examination.py)",
    "google_admin_sdk": "a read fails, whatever else is so (test_google_keyless.py)",
    "google_batch_counts_once": "every call in a batch is counted, so that it is only slower than it might be",
    "scim_user_name_spaces": "people whose user names have spaces are set aside before anything is sent",
    **dict.fromkeys(
        ("okta_admin_groups", "okta_concurrency", "okta_deactivated_members", "okta_dpop"),
        "this company has no Okta; test_okta.py and test_okta_sign_in.py try them",
    ),
}


def a_company() -> Json:
    """Make a company with nested groups, an outsider, an empty group and managers."""
    people = [_person(number) for number in range(PEOPLE)]
    teams = [
        team("all", [], ["g-a", "g-b"]),
        team("a", [f"u{n}" for n in range(7)]),
        team("b", [f"u{n}" for n in range(5, PEOPLE)]),
        team("nobody", []),
    ]
    teams[1]["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    return company(people, teams)


def _person(number: int) -> Json:
    google = {
        "organizations": [{"title": f"title {number}"}],
        "relations": [{"type": "manager", "value": f"p{number + 1}@example.com"}],
    }
    return person(number, orgUnitPath="/Even" if number % 2 == 0 else "/Odd", google=google)


def a_day_later(data: Json) -> Json:
    """Let somebody join, leave, move, change name, address, title and manager; rename a group."""
    later = copy.deepcopy(data)
    users, groups = later["users"], {group["name"]: group for group in later["groups"]}
    users.append(_person(100))
    groups["a"]["members"].append({"type": "USER", "id": "u100"})
    users[0]["suspended"] = True
    groups["b"]["members"].append(groups["a"]["members"].pop(1))
    users[2] |= {"email": "new.name@example.com", "familyName": "Newname"}
    users[3]["google"] = {"organizations": [{"title": "Chief"}]}
    groups["b"]["name"] = "b-renamed"
    return later


def begin(live: Live, monkeypatch: pytest.MonkeyPatch, data: Json, *, scim: bool, **how: Any) -> LiveSandbox:
    sandbox = live(data, **how)
    for name, value in sandbox.environment(scim=scim, config=CONFIG + ATTRIBUTES).items():
        monkeypatch.setenv(name, value)
    return sandbox


def names(sandbox: LiveSandbox) -> set[str]:
    return {user["UserName"] for user in sandbox.sandbox.store.users.values()}


@pytest.mark.parametrize(
    ("fact", "way"),
    [
        pytest.param(fact, way, id=f"{name}, {way}", marks=[pytest.mark.long] if number or place % 2 else [])
        for place, (name, fact) in enumerate(UNNOTICED.items())  # every second one where there is little time
        for number, way in enumerate(fact.ways)
    ],
)
def test_the_company_is_followed_all_the_same(
    live: Live, monkeypatch: pytest.MonkeyPatch, fact: Fact, way: str
) -> None:
    data = a_company()
    sandbox = begin(live, monkeypatch, data, scim=way == "scim", latency=fact.latency)
    sandbox.switch(**fact.switches)
    if fact.fault:
        sandbox.sandbox.switchboard.faults.add(fact.fault)
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(data)
    assert len(sandbox.sandbox.store.users) == PEOPLE  # whoever was made by hand is adopted and not doubled
    sandbox.replace(a_day_later(data))
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(a_day_later(data))
    system, operation, fewer = fact.more
    assert sandbox.calls()[system][operation] > fewer
    assert run(["apply", "--yes"]) == 0
    assert writes_in(sandbox.calls()) == {}


@pytest.mark.parametrize(
    "switches", [{"region": "eu-west-1"}, {"instance_status": "CREATE_IN_PROGRESS"}], ids=["elsewhere", "not ready"]
)
def test_without_an_active_instance_the_region_is_asked_for(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], switches: Json
) -> None:
    begin(live, monkeypatch, a_company(), scim=False).switch(**switches)
    assert run(["plan"]) == 1
    assert "no organisation instance is ACTIVE in us-east-1; set identity_center.region" in said(capsys)


def test_instances_that_cannot_be_told_apart_are_named(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    sandbox.switch(account_instances=1, permission_sets_shown=False)
    assert run(["plan"]) == 1
    told = said(capsys)
    assert "several organisation instances are ACTIVE" in told
    assert sandbox.sandbox.store.store_id in told
    chosen = f"identity_center: {{identity_store_id: {sandbox.sandbox.store.store_id}}}\n"
    sandbox.environment(scim=False, config=CONFIG + chosen)
    assert run(["plan"]) == 0


def test_a_store_of_another_region_is_not_found_in_this_one(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    sandbox.switch(region="eu-west-1")
    store_id = sandbox.sandbox.store.store_id
    where = f"identity_center: {{region: us-east-1, identity_store_id: {store_id}}}\n"
    sandbox.environment(scim=False, config=CONFIG + where)
    assert run(["plan"]) == 1
    assert "no such identity store in this Region" in said(capsys)
    sandbox.environment(scim=False, config=CONFIG + where.replace("us-east-1", "eu-west-1"))
    assert run(["plan"]) == 0


def test_an_additional_region_can_be_read_and_not_written(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    sandbox.switch(region="eu-west-1", additional_regions=["us-east-1"])
    assert run(["plan"]) == 0
    capsys.readouterr()
    assert run(["apply", "--yes"]) == 1
    assert "primary Region" in said(capsys)
    assert names(sandbox) == set()


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("KMS_ACCESS_DENIED", "set identity_center.kms_key"),
        ("KMS_KEY_NOT_FOUND", "mend the key"),
        ("KMS_DISABLED", "mend the key"),
        ("KMS_INVALID_STATE", "mend the key"),
        ("KMS_INVALID_ARN", "mend the key"),
        ("KMS_INVALID_KEY_USAGE", "mend the key"),
    ],
)
def test_a_key_that_cannot_be_used_is_named_and_nothing_is_taken_for_gone(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], key: str, expected: str
) -> None:
    data = a_company()
    sandbox = begin(live, monkeypatch, data, scim=False)
    assert run(["apply", "--yes"]) == 0
    sandbox.replace(a_day_later(data))
    capsys.readouterr()
    sandbox.switch(customer_managed_key=key)
    assert run(["apply", "--yes"]) == 1
    assert expected in said(capsys)
    sandbox.switch(customer_managed_key="usable")
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(a_day_later(data))


def test_an_administrator_of_one_unit_makes_the_read_fail_instead_of_leavers(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    assert run(["apply", "--yes"]) == 0
    everybody = names(sandbox)
    capsys.readouterr()
    sandbox.switch(google_admin_unit="/Even")
    assert run(["apply", "--yes"]) == 1
    assert "needs the right to read users and groups of the whole organisation" in said(capsys)
    assert names(sandbox) == everybody


def test_a_token_that_expires_in_the_middle_of_a_listing_makes_the_read_fail(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    assert run(["apply", "--yes"]) == 0
    everybody = names(sandbox)
    capsys.readouterr()
    sandbox.switch(short_pages=True, token_lifetime=0)
    add_a_crowd(sandbox)
    assert run(["apply", "--yes"]) == 1
    assert "ValidationException" in said(capsys)
    assert everybody <= names(sandbox)


def add_a_crowd(sandbox: LiveSandbox) -> None:
    name = {"GivenName": "A", "FamilyName": "B"}
    for number in range(100):
        attributes = {"UserName": f"x{number}@example.com", "DisplayName": "x", "Name": name}
        sandbox.sandbox.store.create_user(attributes, "somebody")


@pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
def test_what_is_not_listed_yet_is_neither_doubled_nor_lost(
    live: Live, monkeypatch: pytest.MonkeyPatch, scim: bool
) -> None:
    data = a_company()
    sandbox = begin(live, monkeypatch, data, scim=scim)
    sandbox.switch(listed_after=60.0)
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(data)
    run(["apply", "--yes"])  # it sees nobody, and what it tries to create again is there already
    assert names(sandbox) == {user["email"] for user in data["users"]}
    sandbox.sandbox.clock.advance(61)
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(data)


@pytest.mark.parametrize(("scim", "moment"), [(True, 0.3), (False, 60.0)], ids=["scim", "identity-store"])
def test_what_cannot_be_looked_up_yet_is_there_after_the_next_run(
    live: Live, monkeypatch: pytest.MonkeyPatch, scim: bool, moment: float
) -> None:
    data = a_company()
    sandbox = begin(live, monkeypatch, data, scim=scim)
    sandbox.switch(found_after=moment)  # by SCIM the first user has to be found before anybody else is created
    first = run(["apply", "--yes"])
    assert first == SOME_FAILED if moment == 60 else first in {0, SOME_FAILED}
    sandbox.sandbox.clock.advance(61)
    sandbox.switch(found_after=0)
    assert run(["apply", "--yes"]) == 0
    assert sandbox.emails_by_group() == expected_memberships(data)


@pytest.mark.parametrize(
    ("scim", "switch", "refused"),
    [(False, "user_name_by_update", "userName cannot be updated"), (True, "scim_patch_lists", "emails")],
    ids=["user names", "lists"],
)
def test_a_change_that_is_refused_costs_only_itself(
    live: Live,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    scim: bool,
    switch: str,
    refused: str,
) -> None:
    data = a_company()
    sandbox = begin(live, monkeypatch, data, scim=scim)
    sandbox.switch(**{switch: False})
    assert run(["apply", "--yes"]) == 0
    later = a_day_later(data)
    sandbox.replace(later)
    capsys.readouterr()
    assert run(["apply", "--yes"]) == SOME_FAILED
    assert refused in said(capsys)
    wanted = expected_memberships(later)
    renamed = {
        name: {e if e != "new.name@example.com" else "p2@example.com" for e in who} for name, who in wanted.items()
    }
    assert sandbox.emails_by_group() == renamed


@pytest.mark.parametrize("switch", ["max_users", "max_groups"])
def test_a_full_store_is_said_and_what_fits_is_there(
    live: Live, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], switch: str
) -> None:
    sandbox = begin(live, monkeypatch, a_company(), scim=False)
    sandbox.switch(**{switch: 3})
    assert run(["apply", "--yes"]) == SOME_FAILED
    assert "ServiceQuotaExceededException" in said(capsys)
    store = sandbox.sandbox.store
    assert len(store.users if switch == "max_users" else store.groups) == 3


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return all that was printed, on one line."""
    captured = capsys.readouterr()
    return " ".join((captured.out + captured.err).split())


# Switches that a run cannot but notice, and who tells how.
NOTICED: dict[str, Callable[..., None]] = {
    "region": test_without_an_active_instance_the_region_is_asked_for,
    "instance_status": test_without_an_active_instance_the_region_is_asked_for,
    "customer_managed_key": test_a_key_that_cannot_be_used_is_named_and_nothing_is_taken_for_gone,
    "google_admin_unit": test_an_administrator_of_one_unit_makes_the_read_fail_instead_of_leavers,
    "token_lifetime": test_a_token_that_expires_in_the_middle_of_a_listing_makes_the_read_fail,
    "listed_after": test_what_is_not_listed_yet_is_neither_doubled_nor_lost,
    "found_after": test_what_cannot_be_looked_up_yet_is_there_after_the_next_run,
    "user_name_by_update": test_a_change_that_is_refused_costs_only_itself,
    "scim_patch_lists": test_a_change_that_is_refused_costs_only_itself,
    "max_users": test_a_full_store_is_said_and_what_fits_is_there,
    "max_groups": test_a_full_store_is_said_and_what_fits_is_there,
}


def test_every_switch_is_tried() -> None:
    tried = {name for fact in UNNOTICED.values() for name in fact.switches}
    assert tried | NOTICED.keys() | NOTICED_BY_NOBODY.keys() == set(described())
    assert not tried & (NOTICED.keys() | NOTICED_BY_NOBODY.keys())
