"""Directory files of the sandbox: what is taken, and the sentence for what is not."""

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest

from sandbox.company import Company
from sandbox.directory import check, load
from sandbox.made_up import make_company
from tests.support.companies import company, person, team

Json = dict[str, Any]


def good() -> Json:
    group = team("a", ["u1"], ["g-b"])
    group["members"] += [{"type": "CUSTOMER"}, {"type": "EXTERNAL", "id": "x1", "email": "x@partner.example"}]
    whole = person(2, archived=True, orgUnitPath="/", customSchemas={"HR": {"nick": "Bo"}}, google={"notes": {}})
    return company([person(1), whole], [group, team("b", [])], domains=["sub.example"], source="a test")


ODD: list[tuple[str, tuple[str | int, ...], Any, str]] = [
    ("no users", ("users",), None, "'users' and 'groups'"),
    ("groups that are no list", ("groups",), {}, "'users' and 'groups'"),
    ("a domain that is a number", ("domain",), 7, "domains"),
    ("an empty further domain", ("domains",), [""], "domains"),
    ("a user that is a text", ("users", 1), "u2", "user 2 is not an object"),
    ("a user with a numeric id", ("users", 1, "id"), 2, "user 2 needs an id"),
    ("a user with a blank id", ("users", 1, "id"), " ", "user 2 needs an id"),
    ("a user with an id of null", ("users", 0, "id"), None, "user 1 needs an id"),
    ("a user with a numeric e-mail", ("users", 1, "email"), 5, "user u2 needs an e-mail"),
    ("a user with an empty e-mail", ("users", 1, "email"), "", "user u2 needs an e-mail"),
    ("a user with an e-mail that is none", ("users", 1, "email"), "bo", "user u2 needs an e-mail"),
    ("a user suspended by a text", ("users", 0, "suspended"), "no", "user u1: suspended is not true or false"),
    ("a user archived by a number", ("users", 0, "archived"), 1, "user u1: archived is not true or false"),
    ("a given name of null", ("users", 0, "givenName"), None, "user u1: givenName is not a text"),
    ("a family name that is a list", ("users", 0, "familyName"), [], "user u1: familyName is not a text"),
    ("a unit that is a number", ("users", 0, "orgUnitPath"), 3, "user u1: orgUnitPath is not a text"),
    ("a unit without its slash", ("users", 0, "orgUnitPath"), "Sales", "user u1: orgUnitPath does not begin"),
    ("custom fields that are a list", ("users", 0, "customSchemas"), [], "user u1: customSchemas is not an object"),
    ("a custom schema that is a text", ("users", 0, "customSchemas"), {"HR": "x"}, "user u1: a schema of custom"),
    ("Google's fields as a list", ("users", 0, "google"), [], "user u1: google is not an object"),
    (
        "a field that Google has not",
        ("users", 0, "google"),
        {"nick": "x"},
        "user u1: Google's users have no field nick",
    ),
    ("Google's field of another type", ("users", 0, "google"), {"isAdmin": "yes"}, "user u1: google.isAdmin"),
    ("Google's name as a text", ("users", 0, "google"), {"name": "Bo"}, "user u1: google.name"),
    ("an id among Google's fields", ("users", 0, "google"), {"id": "u9"}, "user u1: google.id"),
    ("two users of one id", ("users", 1, "id"), "u1", "share the id u1"),
    ("two users of one e-mail", ("users", 1, "email"), "P1@Example.com", "share the email P1@Example.com"),
    ("a group of null", ("groups", 0), None, "group 1 is not an object"),
    ("a group without an id", ("groups", 0, "id"), "", "group 1 needs an id"),
    ("a group with an e-mail of null", ("groups", 0, "email"), None, "group g-a needs an e-mail"),
    ("a group without a name", ("groups", 0, "name"), "", "group g-a needs a name"),
    ("a group with members of null", ("groups", 0, "members"), None, "group g-a needs a name and a list"),
    ("a description of null", ("groups", 0, "description"), None, "group g-a: description is not a text"),
    ("a group with the id of a user", ("groups", 0, "id"), "u1", "share the id u1"),
    ("a group with the e-mail of a user", ("groups", 0, "email"), "P1@example.com", "share the email"),
    ("a member of null", ("groups", 0, "members", 0), None, "group g-a, member 1 needs a type"),
    ("a member of another type", ("groups", 0, "members", 0, "type"), "BOT", "group g-a, member 1 needs a type"),
    ("a user as member without an id", ("groups", 0, "members", 0, "id"), None, "group g-a, member 1 needs an id"),
    ("a group as member without an id", ("groups", 0, "members", 1, "id"), "", "group g-a, member 2 needs an id"),
    ("a member with a numeric e-mail", ("groups", 0, "members", 3, "email"), 1, "member 4: email is not a text"),
    ("a member with another role", ("groups", 0, "members", 0, "role"), "KING", "member 1: role is none of"),
    ("an alias that is a number", ("users", 0, "google"), {"aliases": [1]}, "user u1: google.aliases"),
    ("a name of other parts", ("users", 0, "google"), {"name": {"bogus": "x"}}, "user u1: google.name"),
    ("a part of a name that is a number", ("users", 0, "google"), {"name": {"givenName": 5}}, "user u1: google.name"),
    (
        "a custom schema of Google's that is a text",
        ("users", 0, "google"),
        {"customSchemas": {"HR": "x"}},
        "google.cust",
    ),
    ("another field of Okta's", ("users", 0, "okta"), {"id": "x"}, "user u1: okta has a status and a profile"),
    ("another status of Okta's", ("users", 0, "okta"), {"status": "AWAY"}, "user u1: okta.status is none of STAGED"),
    ("a profile that is a text", ("users", 0, "okta"), {"profile": "x"}, "user u1: okta.profile is not an object"),
    ("half of a character in a name", ("users", 0, "givenName"), "\ud800", "user 1 has half of a character"),
    ("half of a character deep down", ("users", 0, "google"), {"phones": [{"value": "\udfff"}]}, "user 1 has half"),
    ("half of a character in a member", ("groups", 0, "members", 0, "email"), "\ud800@x", "group 1 has half"),
    ("half of a character in a domain", ("domains",), ["\ud800.example"], "the directory has half"),
    (
        "an alias that is another user's e-mail",
        ("users", 0, "google"),
        {"aliases": ["P2@example.com"]},
        "share the email",
    ),
    ("an alias that is a group's e-mail", ("users", 0, "google"), {"nonEditableAliases": ["a@example.com"]}, "share"),
    ("a user of another domain", ("users", 0, "email"), "p1@other.example", "u1: p1@other.example is of none of"),
    ("a group of another domain", ("groups", 0, "email"), "a@other.example", "g-a: a@other.example is of none of"),
    ("a member that comes twice", ("groups", 0, "members", 3, "id"), "u1", "group g-a has the member u1 twice"),
    (
        "the customer twice",
        ("groups", 0, "members", 3),
        {"type": "CUSTOMER"},
        "group g-a has the member CUSTOMER twice",
    ),
    ("a user as a group", ("groups", 0, "members", 1, "id"), "u2", "the member u2 is no GROUP but a USER"),
    ("a group as a user", ("groups", 0, "members", 0, "id"), "g-a", "the member g-a is no USER but a GROUP"),
    ("a user of the company from outside", ("groups", 0, "members", 3, "id"), "u2", "is no EXTERNAL but a USER"),
    ("a member of another status", ("groups", 0, "members", 0, "status"), "AWAY", "member 1: status is none of"),
    ("a member with a status of null", ("groups", 0, "members", 0, "status"), None, "member 1: status is not a text"),
]


@pytest.mark.parametrize(("path", "value", "sentence"), [row[1:] for row in ODD], ids=[row[0] for row in ODD])
def test_an_odd_directory_is_refused_by_name(path: tuple[str | int, ...], value: Any, sentence: str) -> None:
    data: Any = good()
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(ValueError, match=re.escape(sentence)) as caught:
        check(data)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [None, [], "text", {}, {"users": []}], ids=str)
def test_what_is_no_directory_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="a directory is an object"):
        check(data)


def test_a_good_directory_is_taken_as_it_is() -> None:
    data = good()
    assert check(copy.deepcopy(data)) == data


@pytest.mark.parametrize("seed", range(1, 31))
def test_every_made_up_company_is_good(seed: int) -> None:
    assert check(make_company(seed))["users"]


def test_a_real_organisation_is_good(rust_directory: Json) -> None:
    assert check(rust_directory)["groups"]


@pytest.mark.parametrize(("text", "sentence"), [(None, "cannot be read"), ("{", "is not JSON"), ("[]", "an object")])
def test_a_file_that_cannot_be_used_is_said(tmp_path: Path, text: str | None, sentence: str) -> None:
    path = tmp_path / "directory.json"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=sentence):
        load(path)


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    path.write_text(json.dumps(good()), encoding="utf-8")
    assert load(path) == good()


def test_derived_members_of_a_cycle_come_once() -> None:
    data = company([person(1), person(2)], [team("a", ["u1"], ["g-b", "g-a"]), team("b", ["u2", "u1"], ["g-a"])])
    members = Company(data).google_members("g-a", derived=True)
    assert members is not None
    assert [member["id"] for member in members] == ["u1", "u2"]


def test_derived_members_come_from_groups_nested_deeper_than_calls_may_be() -> None:
    groups = [team(str(n), [], [f"g-{n + 1}"]) for n in range(1500)] + [team("1500", ["u1"])]
    members = Company(company([person(1)], groups)).google_members("g-0", derived=True)
    assert members is not None
    assert [member["id"] for member in members] == ["u1"]


@pytest.mark.parametrize("status", ["ACTIVE", "ARCHIVED", "SUSPENDED", "UNKNOWN"])
def test_a_member_may_have_a_status_that_was_seen(status: str) -> None:
    data = good()
    data["groups"][0]["members"][0]["status"] = status
    assert check(data) == data


def test_the_customers_id_stays_the_same() -> None:
    ids = {Company(make_company(seed)).customer_id for seed in (1, 2)}
    assert len(ids) == 1
    assert ids.pop().startswith("C")
