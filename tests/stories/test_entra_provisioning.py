"""What Entra's own provisioning does, and where it fails, on a company that is in Entra ID."""

from sandbox.entra_id.company import APPLICATION_ID, guid
from tests.stories.conftest import Begin
from tests.stories.ways import both
from tests.support.companies import company, person, team

APPLICATION = f"""\
sources:
  - type: entra_id
    tenant: example.com
    client_id: {APPLICATION_ID}
    application: {APPLICATION_ID}
"""
SIGN_IN = "    client_secret: env:SSO_SYNC_ENTRA_CLIENT_SECRET\n"
ASSIGNED = {"application": [{"type": "GROUP", "id": "g-aws-sso-read-only"}, {"type": "USER", "id": "u3"}]}


@both
def test_bob_who_has_no_name_is_provisioned_with_everybody_else(begin: Begin, scim: bool) -> None:
    """Entra, a user without a name: "name: The attribute name is required", and nobody is provisioned."""
    bob = person(1, givenName="", familyName="", entra={"displayName": "Bob", "mail": None})
    data = company([bob, person(2), person(3)], [team("aws-sso-read-only", ["u1", "u2"])])
    scene = begin(data | ASSIGNED, scim=scim, text=APPLICATION + SIGN_IN)
    assert scene.apply() == 0
    assert scene.members() == {"aws-sso-read-only": {"p1", "p2"}}
    assert set(scene.users()) == {"p1@example.com", "p2@example.com", "p3@example.com"}
    shown = scene.store.users[scene.users()["p1@example.com"]]
    assert (shown["DisplayName"], shown["Name"]["GivenName"], shown["Name"]["FamilyName"]) == ("Bob", "-", "-")
    assert scene.apply() == 0
    assert scene.writes() == {}


def test_the_external_id_is_the_object_id_and_keeps_a_person_through_a_new_name(begin: Begin) -> None:
    """Entra, objectId as external id: it has to be mapped by hand, in place of mailNickname."""
    data = company([person(1), person(2), person(3)], [team("aws-sso-read-only", ["u1", "u2"])])
    scene = begin(data | ASSIGNED, text=APPLICATION + SIGN_IN)
    assert scene.apply() == 0
    before = scene.users()["p1@example.com"]
    assert [one["Id"] for one in scene.store.users[before]["ExternalIds"]] == [guid("u1")]
    data["users"][0] |= {"email": "new.name@example.com", "familyName": "Newname"}
    scene.sandbox.replace(data | ASSIGNED)
    assert scene.apply() == 0
    assert scene.users()["new.name@example.com"] == before
    assert scene.members() == {"aws-sso-read-only": {"new.name", "p2"}}


def test_groups_within_assigned_groups_count_and_nothing_is_stored_to_read_them(begin: Begin) -> None:
    """Entra's own provisioning reads the direct members of an assigned group only; and AWS keeps a token for it."""
    groups = [team("aws-sso-read-only", ["u1"], ["g-inner"]), team("inner", ["u2"])]
    scene = begin(
        company([person(1), person(2), person(3)], groups) | ASSIGNED,
        scim=False,
        text=f"{APPLICATION}    federated: true\n",
    )
    scene.monkeypatch.delenv("SSO_SYNC_ENTRA_CLIENT_SECRET")
    scene.monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{scene.sandbox.url}/sts")
    assert scene.apply() == 0
    assert scene.members() == {"aws-sso-read-only": {"p1", "p2"}}
    assert scene.calls()["sts"]["GetWebIdentityToken"] == 1


def test_a_tenant_that_refuses_takes_nothing_from_anybody(begin: Begin) -> None:
    """Entra's own provisioning goes into quarantine; here the run ends with one sentence, and people stay."""
    data = company([person(1), person(2), person(3)], [team("aws-sso-read-only", ["u1", "u2"])])
    scene = begin(data | ASSIGNED, text=APPLICATION + SIGN_IN)
    assert scene.apply() == 0
    before = scene.members()
    scene.sandbox.sandbox.entra.app.roles.remove("User.Read.All")
    assert scene.apply() == 1
    assert "lacks the application permission User.Read.All" in scene.err
    assert scene.members() == before
