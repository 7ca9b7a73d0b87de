"""What a directory file may say of Entra ID, and what comes of it."""

from typing import Any

import pytest

from sandbox.directory import check
from sandbox.entra_id.company import EntraCompany, guid
from tests.support.companies import company, person, team

Json = dict[str, Any]
WRONG: list[tuple[Json, str]] = [
    (company([person(1, entra={"nickname": "x"})], []), "user u1: Entra has no property nickname"),
    (company([person(1, entra={"id": "x"})], []), "user u1: Entra has no property id"),
    (company([person(1, entra={"accountEnabled": "yes"})], []), "user u1: entra.accountEnabled cannot be 'yes'"),
    (company([person(1, entra={"userType": "Robot"})], []), "user u1: entra.userType is neither Member nor Guest"),
    (company([person(1, entra=[])], []), "user u1: entra is not an object"),
    (company([], [team("a", [], entra={"visibility": "Secret"})]), "group g-a: entra.visibility is none of Public"),
    (company([], [team("a", [], entra={"members": [{"type": "user", "id": "x"}]})]), "group g-a: entra.members are"),
    (company([], [], application={}), "'application' is a list"),
    (company([], [], application=[{"type": "ROLE", "id": "x"}]), "an assignment to the application needs an id"),
    (company([], [], application=[{"type": "USER"}]), "an assignment to the application needs an id"),
]


@pytest.mark.parametrize(("data", "said"), WRONG, ids=[said for _, said in WRONG])
def test_a_mistake_is_a_sentence_that_names_the_record(data: Json, said: str) -> None:
    with pytest.raises(ValueError, match="^" + said.replace("'", "['\"]").replace(".", r"\.")):
        check(data)


def test_ids_become_guids_that_stay_and_guids_stay_as_they_are() -> None:
    own = "0a1b2c3d-0000-4000-8000-000000000001"
    shown = EntraCompany(check(company([person(1), person(2, id=own)], [])))
    assert list(shown.users) == [guid("u1"), own]
    assert guid("u1") == EntraCompany(company([person(1)], [])).users[guid("u1")]["id"]


def test_everybody_outsiders_and_whoever_cannot_be_there_are_shown_as_entra_can() -> None:
    everybody = team("all", [])
    everybody["members"] = [{"type": "CUSTOMER"}]
    mixed = team("mixed", ["u1"], ["g-nowhere"])
    mixed["members"] += [{"type": "USER", "id": "x1", "email": "a@partner.example"}, {"type": "USER", "id": "ghost"}]
    shown = EntraCompany(check(company([person(1)], [everybody, mixed])))
    assert shown.members[guid("g-all")] == [("user", guid("u1")), ("user", guid("x1"))]
    assert shown.members[guid("g-mixed")] == [("user", guid("u1")), ("user", guid("x1"))]
    guest = shown.users[guid("x1")]
    assert (guest["userType"], guest["userPrincipalName"]) == (
        "Guest",
        "a_partner.example#EXT#@example.onmicrosoft.com",
    )
