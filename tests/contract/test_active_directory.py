"""What is special about Active Directory, by a real domain controller (Samba) behind Windows' limits."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from ldap3 import Connection, Server

from sandbox.active_directory.certificates import Authority
from sandbox.active_directory.messages import MAX_PAGE_SIZE, MAX_VALUES
from sandbox.active_directory.objects import COMPANY, DOMAIN, GROUPS, PEOPLE, guid_of
from sandbox.active_directory.proxy import LdapProxy
from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.findings import Mark
from sso_sync.core.model import Directory
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.active_directory import make_source
from sso_sync.sources.active_directory.tls import VerifiedTls
from sso_sync.sources.tools import Tools
from tests.contract.sources.active_directory_place import ActiveDirectoryPlace, open_active_directory
from tests.support.companies import company, expected_memberships, person, team

Json = dict[str, Any]
ELSEWHERE = f"OU=Elsewhere,{DOMAIN}"
NEVER = "9223372036854775807"
SMALL = company([person(1), person(2)], [team("a", ["u1"]), team("b", ["u1", "u2"])])


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ActiveDirectoryPlace]:
    with open_active_directory(tmp_path_factory.mktemp("ad")) as place:
        place.controller.command("add", objects=OTHERS)
        yield place


@pytest.fixture
def place(opened: ActiveDirectoryPlace) -> ActiveDirectoryPlace:
    """Return the domain with a small company in it, behind the limits of Windows."""
    opened.load(SMALL)
    proxy = opened.proxy
    proxy.bind_refusal, proxy.references, proxy.hold_back = "", [], []
    proxy.page_size, proxy.max_values = MAX_PAGE_SIZE, MAX_VALUES
    opened.calls()
    return opened


def emails(directory: Directory) -> dict[str, set[str]]:
    return {
        group.display_name: {directory.users[one].email for one in directory.members[group.id]}
        for group in directory.groups.values()
    }


def filetime(moment: datetime) -> str:
    return str(int((moment - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds()) * 10_000_000)


def with_ad(number: int, **attributes: str) -> Json:
    """Make a person with attributes of Active Directory's own."""
    return person(number, active_directory={name: [value] for name, value in attributes.items()})


OTHERS: list[Json] = [
    {"dn": ELSEWHERE, "attributes": {"objectClass": ["organizationalUnit"]}},
    {"dn": f"CN=Far Away,{ELSEWHERE}", "attributes": {"objectClass": ["user"], "sAMAccountName": ["far"]}},
    {"dn": f"CN=far-group,{ELSEWHERE}", "attributes": {"objectClass": ["group"], "sAMAccountName": ["far-group"]}},
    {
        "dn": f"CN=LAPTOP1,{PEOPLE}",
        "attributes": {"objectClass": ["computer"], "sAMAccountName": ["LAPTOP1$"], "userAccountControl": ["4096"]},
    },
    {"dn": f"CN=A Contact,{PEOPLE}", "attributes": {"objectClass": ["contact"], "mail": ["c@partner.example"]}},
]


def put_into(place: ActiveDirectoryPlace, group: str, *dns: str) -> None:
    """Make objects members that are none of the company's."""
    place.settle()
    place.controller.command("modify", dn=f"CN={group},{GROUPS}", attributes={"member": list(dns)})


def test_people_are_told_by_their_object_guid_in_its_usual_form(place: ActiveDirectoryPlace) -> None:
    directory = place.source().read()
    assert set(directory.users) == {guid_of("u1"), guid_of("u2")}
    assert directory.users[guid_of("u1")].user_name == "p1@example.com"
    assert set(directory.groups) == {guid_of("g-a"), guid_of("g-b")}


def test_disabled_and_expired_accounts_are_left_out_with_the_reason(place: ActiveDirectoryPlace) -> None:
    now = datetime.now(UTC)
    people = [
        with_ad(11, accountExpires=filetime(now - timedelta(days=2))),
        with_ad(12, accountExpires=filetime(now + timedelta(days=2))),
        with_ad(13, accountExpires="0"),
        person(14, suspended=True),
    ]
    place.load(company(people, [team("mixed", [one["id"] for one in people])]))
    directory = place.source().read()
    assert emails(directory) == {"mixed": {"p12@example.com", "p13@example.com"}}
    day = (now - timedelta(days=2)).date().isoformat()
    assert directory.left_out[guid_of("u11")] == f"expired in Active Directory on {day}"
    assert directory.left_out[guid_of("u14")] == "disabled in Active Directory"
    everybody = place.source(include_inactive=True).read()
    assert {user.email for user in everybody.users.values() if not user.active} == {
        "p11@example.com",
        "p14@example.com",
    }


def test_members_by_primary_group_are_members(place: ActiveDirectoryPlace) -> None:
    place.load(company([person(21), person(22)], [team("primary", ["u21", "u22"])]))
    place.settle()
    connection = looking(place, place.controller.url)
    token = found(connection, GROUPS, "(cn=primary)", "primaryGroupToken")[0]["primaryGroupToken"][0].decode()
    dn = next(one["dn"] for one in place.objects if one["guid"] == guid_of("u21"))
    place.controller.command("modify", dn=dn, attributes={"primaryGroupID": [token]})
    assert (
        len(found(connection, GROUPS, "(cn=primary)", "member")[0]["member"]) == 1
    )  # the domain controller took one out
    try:
        assert emails(place.source().read()) == {"primary": {"p21@example.com", "p22@example.com"}}
    finally:
        place.controller.command("modify", dn=dn, attributes={"primaryGroupID": ["513"]})


def looking(place: ActiveDirectoryPlace, url: str) -> Connection:
    """Look at the domain past the source."""
    server = Server(url, use_ssl=True, tls=VerifiedTls(place.controller.authority.pem), get_info="NO_INFO")
    account = place.controller.credentials
    connection = Connection(server, account["user"], account["password"], check_names=False, auto_bind="NONE")
    assert connection.bind()
    return connection


def found(connection: Connection, base: str, condition: str, attribute: str) -> list[Json]:
    connection.search(base, condition, attributes=[attribute])
    return [row["raw_attributes"] for row in connection.response or []]


def test_members_from_elsewhere_are_told_and_not_guessed(place: ActiveDirectoryPlace) -> None:
    place.load(company([person(31)], [team("odd", ["u31", "stranger-of-another-domain"])]))
    assert place.source().read().warnings == ("1 member from outside the company was left out",)
    own = [one["dn"] for one in place.objects if not one["members"]]
    put_into(place, "odd", *own, *(one["dn"] for one in OTHERS[1:]))
    directory = place.source().read()
    assert emails(directory) == {"odd": {"p31@example.com"}}
    told = " ".join(directory.warnings)
    assert "2 members of selected groups are outside 'user_base' and 'group_base' and left out" in told
    assert "2 members of selected groups are computers, contacts or service accounts and were left out" in told


def test_whoever_is_outside_the_user_base_is_told(place: ActiveDirectoryPlace) -> None:
    directory = place.source(base=DOMAIN, group_base=GROUPS, user_base=ELSEWHERE).read()
    assert emails(directory) == {"a": set(), "b": set()}
    assert "2 members of selected groups are outside" in directory.warnings[0]


def test_names_are_compared_whatever_characters_are_in_them(place: ActiveDirectoryPlace) -> None:
    names = ["Müller, Anna", 'The "Best" + more', "#1 <admin>; x=y", "back\\slash", "名前 太郎"]
    people = [person(40 + n, givenName=name, familyName="") for n, name in enumerate(names)]
    groups = [
        team("Ops, EU + US", ["u40", "u41"], ["g-inner"]),
        team("inner", ["u42", "u43", "u44"]) | {"name": "#in=ner"},
    ]
    data = company(people, groups)
    place.load(data)
    directory = place.source(base=COMPANY.lower()).read()
    assert emails(directory) == expected_memberships(data)
    assert {user.display_name for user in directory.users.values()} == set(names)


def test_people_can_be_chosen_by_unit_and_groups_by_account_name(place: ActiveDirectoryPlace) -> None:
    people = SelectionSettings(include=["org_unit:/company/people"], exclude=["user_principal_name:p2@*"])
    groups = SelectionSettings(include=["name=a"])
    directory = place.source(method="users_groups", users=people, groups=groups, group_name="sAMAccountName").read()
    assert emails(directory) == {"a": {"p1@example.com"}}
    assert len(directory.users) == 1


def test_attributes_are_read_as_the_expressions_name_them(place: ActiveDirectoryPlace) -> None:
    place.load(
        company([with_ad(51, telephoneNumber="+47 1", otherTelephone="+47 2", title="Boss")], [team("t", ["u51"])])
    )
    mapped = {"phone_number": "otherTelephone[0]", "title": "TITLE", "locality": "l"}
    user = next(iter(place.source(attributes=mapped, user_name="sAMAccountName").read().users.values()))
    assert dict(user.attributes) == {"phone_number": "+47 2", "title": "Boss", "locality": ""}
    assert user.user_name == "u51"


@pytest.mark.parametrize("attribute", ["userAccountControl", "accountExpires"])
def test_who_is_disabled_must_be_visible(place: ActiveDirectoryPlace, attribute: str) -> None:
    place.proxy.hold_back = [attribute]
    with pytest.raises(CredentialsError, match=f"may not see the {attribute} of 2 users.*Read Account Restrictions"):
        place.source().read()
    alone = SelectionSettings(include=["name=nobody"])
    assert not place.source(groups=alone).read().users  # nobody counts of whom nothing can be told


def test_who_is_in_a_group_as_their_primary_one_must_be_visible(place: ActiveDirectoryPlace) -> None:
    place.proxy.hold_back = ["primaryGroupID"]
    with pytest.raises(CredentialsError, match=r"may not see the primaryGroupID of .*Read General Information"):
        place.source().read()


@pytest.mark.parametrize("attribute", ["objectGUID", "objectSid"])
def test_an_object_without_an_id_makes_a_listing_worthless(place: ActiveDirectoryPlace, attribute: str) -> None:
    place.proxy.hold_back = [attribute]
    with pytest.raises(SourceError, match=f"without an {attribute}"):
        place.source().read()


def test_a_group_that_lost_its_members_for_a_moment_is_read_again(place: ActiveDirectoryPlace) -> None:
    place.fail("groups", "missing_field", field="member")
    assert emails(place.source().read()) == expected_memberships(SMALL)
    assert place.proxy.counts["read object"] == 2


@pytest.mark.parametrize("what", ["people", "groups"])
@pytest.mark.parametrize("kind", ["empty_page", "short_page"])
def test_rows_that_are_missing_from_a_page_are_missed(place: ActiveDirectoryPlace, what: Any, kind: str) -> None:
    place.fail(what, kind, times=0)
    with pytest.raises(SourceError, match=r"not complete|appeared while"):
        place.source().read()


def test_pages_and_ranges_of_any_size_are_read_to_the_end_in_no_more_calls_than_they_force(
    place: ActiveDirectoryPlace,
) -> None:
    people = [person(60 + n) for n in range(7)]
    ids = [one["id"] for one in people]
    data = company(people, [team("five", ids[:5]), team("seven", ids), team("two", ids[:2], ["g-seven"])])
    place.load(data)
    source = place.source()
    place.proxy.page_size, place.proxy.max_values = 3, 2
    place.calls()
    assert emails(source.read()) == expected_memberships(data)
    # Groups: 3 of 3 and one more page; people: 3, 3, 1; ranges: 2 + 3 + 1; the root, and the account.
    assert place.proxy.counts == {
        "bind": 1,
        "read root": 1,
        "list groups": 2,
        "list users": 3,
        "read object": 6,
        "look up": 1,
    }


def test_without_paging_windows_cuts_a_listing_and_says_so(place: ActiveDirectoryPlace) -> None:
    place.settle()
    place.proxy.page_size = 1
    connection = looking(place, place.proxy.url)
    assert len(found(connection, PEOPLE, "(objectClass=user)", "cn")) == 1
    assert connection.result["description"] == "sizeLimitExceeded"


def test_references_to_other_domains_are_not_followed(place: ActiveDirectoryPlace) -> None:
    place.proxy.references = ["ldap://child.corp.example.test/DC=child,DC=corp,DC=example,DC=test"]
    assert emails(place.source().read()) == expected_memberships(SMALL)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("52e", "password or the user name is wrong"),
        ("525", "knows no such user"),
        ("532", "password has expired"),
        ("533", "account is disabled"),
        ("701", "account has expired"),
        ("773", "must be changed first"),
        ("775", "account is locked"),
        ("999", "password or the user name is wrong"),
    ],
)
def test_a_refused_sign_in_is_explained_and_not_tried_again(place: ActiveDirectoryPlace, code: str, words: str) -> None:
    place.proxy.bind_refusal = (
        f"80090308: LdapErr: DSID-0C090447, comment: AcceptSecurityContext error, data {code}, v4f7c"
    )
    with pytest.raises(CredentialsError, match=words):
        place.source(servers=[place.proxy.url] * 2).read()
    assert place.proxy.counts["bind"] == 1  # more would lock the account


def test_a_wrong_password_is_refused_by_samba_itself(place: ActiveDirectoryPlace) -> None:
    account = place.controller.credentials | {"password": "wrong"}
    with pytest.raises(CredentialsError, match="password or the user name is wrong") as refused:
        place.source(account=account).read()
    assert "wrong;" in str(refused.value)
    assert repr(account["password"]) not in str(refused.value)


@pytest.mark.parametrize(
    "text", ["", "x", "[]", '{"user": "a"}', '{"user": "a", "password": ""}', '{"user": "", "password": "x"}']
)
def test_credentials_that_cannot_be_never_leave(place: ActiveDirectoryPlace, text: str) -> None:
    settings = place.active_directory().settings
    with pytest.raises(CredentialsError, match=r"The Active Directory credentials"):
        make_source(settings, {"credentials": text}, Tools())
    assert not place.proxy.counts


@pytest.fixture
def second(place: ActiveDirectoryPlace, tmp_path: Path) -> Iterator[LdapProxy]:
    """Open another way to the same domain, which can fail by itself."""
    authority = place.controller.authority
    with LdapProxy(place.controller.url, authority.pem, authority.issue(tmp_path, ["127.0.0.1"])) as proxy:
        yield proxy


@pytest.mark.parametrize("kind", ["drop", "drop_mid_body", "unavailable", "throttle", "error", "hang"])
def test_what_fails_half_way_begins_anew_on_the_next_controller(
    place: ActiveDirectoryPlace, second: LdapProxy, kind: str
) -> None:
    place.fail("people", kind, times=0, seconds=1.5)
    assert emails(place.source(servers=[place.proxy.url, second.url]).read()) == expected_memberships(SMALL)
    assert dict(second.counts) == {"bind": 1, "read root": 1, "list groups": 1, "list users": 1, "look up": 1}


def test_a_controller_that_is_not_there_is_passed_over(place: ActiveDirectoryPlace) -> None:
    servers = ["ldaps://127.0.0.1:9", place.proxy.url]
    assert emails(place.source(servers=servers).read()) == expected_memberships(SMALL)
    with pytest.raises(SourceError, match=r"Cannot connect: 127\.0\.0\.1 gave no usable answer"):
        place.source(servers=servers[:1]).read()


@pytest.mark.parametrize(
    ("names", "days", "own_ca", "sentence"),
    [
        (["dc1.corp.example.test"], 30, True, "is for another host name"),
        (["127.0.0.1"], -1, True, "has expired"),
        (["127.0.0.1"], 30, False, "issued by a CA that is not known here"),
    ],
    ids=["another name", "expired", "unknown CA"],
)
def test_a_certificate_that_is_not_right_stops_before_the_password_is_sent(
    place: ActiveDirectoryPlace, tmp_path: Path, names: list[str], days: int, own_ca: bool, sentence: str
) -> None:
    authority = place.controller.authority if own_ca else Authority("Somebody Else")
    certificate = authority.issue(tmp_path, names, lasts=timedelta(days=days))
    with LdapProxy(place.controller.url, place.controller.authority.pem, certificate) as proxy:
        with pytest.raises(SourceError, match=sentence):
            place.source(servers=[proxy.url]).read()
        assert not proxy.counts
        problems = [found for found in place.source(servers=[proxy.url]).examine() if found.mark is Mark.PROBLEM]
        assert sentence in problems[0].said


def test_without_a_ca_only_what_the_system_trusts_is_good_enough(place: ActiveDirectoryPlace) -> None:
    with pytest.raises(SourceError, match="set 'ca_certificate'"):
        place.source(ca_certificate="").read()
    with pytest.raises(SourceError, match="not a certificate in PEM form"):
        place.source(ca_certificate="-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----").read()


def test_a_ca_that_is_no_certificate_is_a_finding_of_an_examination(place: ActiveDirectoryPlace) -> None:
    (finding,) = place.source(ca_certificate="-----BEGIN CERTIFICATE-----").examine()
    assert (finding.mark, "not a certificate in PEM form" in finding.said) == (Mark.PROBLEM, True)


def test_a_ca_may_have_a_comment_in_any_language_before_it(place: ActiveDirectoryPlace) -> None:
    commented = f"# Zertifizierungsstelle für Österreich\n{place.controller.authority.pem}"
    assert emails(place.source(ca_certificate=commented).read()) == expected_memberships(SMALL)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"base": f"OU=Nowhere,{DOMAIN}"}, "there is no 'OU=Nowhere"),
        ({"base": "DC=other,DC=test"}, "is not in the domain DC=corp"),
    ],
)
def test_a_base_that_is_not_there_is_a_mistake_in_the_config(
    place: ActiveDirectoryPlace, changed: Json, sentence: str
) -> None:
    with pytest.raises(SourceError, match=sentence):
        place.source(**changed).read()


@pytest.mark.parametrize(
    "name", ["svc-sso-sync@corp.example.test", "CORP\\svc-sso-sync", "CN=svc-sso-sync,OU=Service," + DOMAIN]
)
def test_the_end_of_the_account_is_known_after_a_read_however_it_is_named(
    place: ActiveDirectoryPlace, name: str
) -> None:
    source = place.source(account=place.controller.credentials | {"user": name})
    assert source.credentials()[0].expires is None
    source.read()
    place.calls()
    (known,) = source.credentials()
    assert known.stored
    assert known.expires
    assert timedelta(days=30) < known.expires - datetime.now(UTC) < timedelta(days=43)  # Samba's maximum age is 42 days
    assert place.calls() == 0


def test_an_examination_names_certificate_account_and_counts(place: ActiveDirectoryPlace) -> None:
    soon = datetime.now(UTC) + timedelta(days=9)
    source = place.source()
    place.controller.change_account(accountExpires=filetime(soon))
    try:
        found = {finding.subject.rpartition(": ")[2]: finding for finding in source.examine()}
    finally:
        place.controller.change_account(accountExpires=NEVER)
    assert found["account"].mark is Mark.WARNING
    assert f"{soon:%Y-%m-%d}" in found["account"].said
    assert "issued by Example Corp Root CA" in found["certificate"].said
    assert found["list users"].said.startswith("2 users below")
    assert found["list groups"].said.startswith("2 groups below")
    assert source.credentials()[0].expires == soon.replace(microsecond=0)


def test_an_examination_looks_at_every_controller_and_stops_at_a_wrong_password(place: ActiveDirectoryPlace) -> None:
    servers = ["ldaps://127.0.0.1:9", place.proxy.url, place.proxy.url]
    found = list(place.source(servers=servers).examine())
    assert [finding.subject.rpartition(": ")[2] for finding in found if finding.mark is Mark.PROBLEM] == ["reach it"]
    assert sum("sign in" in finding.subject for finding in found) == 2
    place.calls()
    place.proxy.counts.clear()
    wrong = place.source(servers=servers[1:], account=place.controller.credentials | {"password": "wrong"})
    assert [finding.mark for finding in wrong.examine()].count(Mark.PROBLEM) == 1
    assert place.proxy.counts["bind"] == 1


def test_secrets_make_the_source_as_a_run_does(place: ActiveDirectoryPlace) -> None:
    settings = msgspec.structs.replace(place.active_directory().settings, ca_certificate="secret:ad-ca")
    secrets = {
        "credentials": json.dumps(place.controller.credentials),
        "ca_certificate": place.controller.authority.pem,
    }
    assert emails(make_source(settings, secrets, Tools()).read()) == expected_memberships(SMALL)
