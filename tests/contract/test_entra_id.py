"""The Entra source over real HTTP: who is wanted; tests/contract/sources has what holds for all sources."""

from collections.abc import Callable
from typing import Any

import pytest

from sandbox.entra_id.company import SERVICE_PRINCIPAL_ID, guid
from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.settings.directories.common import SelectionSettings
from tests.contract.sources.entra_id_place import entra_source
from tests.support.companies import company, person, team
from tests.support.entra import emails, rows, spoil
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]
AWS_ONLY = SelectionSettings(include=["aws-*"])


def assigned(kind: str, *ids: str) -> list[Json]:
    return [{"type": kind, "id": one} for one in ids]


# People.


def test_a_user_without_any_name_is_provisioned_all_the_same(live: Live) -> None:
    """The failure of Entra's own provisioning: "name: The attribute name is required"."""
    bob = person(1, givenName="", familyName="", email="bob@example.com", entra={"displayName": None, "mail": None})
    user = entra_source(live(company([bob], [team("a", ["u1"])]))).read().users[guid("u1")]
    assert (user.given_name, user.family_name, user.display_name) == ("-", "-", "bob@example.com")
    assert (user.user_name, user.email, user.external_id) == ("bob@example.com", "bob@example.com", guid("u1"))


def test_names_and_attributes_are_mapped_from_graph_s_own_user(live: Live) -> None:
    extras = {
        "jobTitle": "Chief",
        "onPremisesExtensionAttributes": {"extensionAttribute1": "x7"},
        "businessPhones": ["1"],
        "onPremisesSamAccountName": "ann",
    }
    sandbox = live(company([person(1, entra=extras)], [team("a", ["u1"])]))
    mapped = {
        "title": "jobTitle",
        "nick_name": "onPremisesExtensionAttributes.extensionAttribute1",
        "phone_number": "businessPhones[0]",
        "locale": "nothing.like.this",
    }
    user = entra_source(sandbox, attributes=mapped, user_name="onPremisesSamAccountName").read().users[guid("u1")]
    assert user.user_name == "ann"
    assert user.attributes == {"title": "Chief", "nick_name": "x7", "phone_number": "1", "locale": ""}


def test_guests_and_disabled_people_are_left_out_until_the_config_wants_them(live: Live) -> None:
    group = team("a", ["u1", "u2"])
    group["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    people = [person(1), person(2, suspended=True), person(3, entra={"userType": None})]
    sandbox = live(company(people, [group, team("b", ["u3"])]))
    read = entra_source(sandbox).read()
    assert emails(read) == {"a": {"p1@example.com"}, "b": {"p3@example.com"}}
    assert read.left_out[guid("x1")] == "a guest from another company"
    assert read.left_out[guid("u2")] == "disabled in Microsoft Entra ID"
    wanted = entra_source(sandbox, include_guests=True, include_inactive=True).read()
    assert emails(wanted)["a"] == {"p1@example.com", "p2@example.com", "someone@partner.example"}
    assert not wanted.users[guid("u2")].active


@pytest.mark.parametrize("field", ["userPrincipalName", "accountEnabled"])
def test_properties_that_are_kept_back_refuse_the_run(live: Live, field: str) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1"])]))
    spoil(sandbox, "users.list", rows(lambda row: row | {field: None}))
    with pytest.raises(SourceError, match="without userPrincipalName or accountEnabled, so its answer is not complete"):
        entra_source(sandbox).read()  # although the permission is there
    sandbox.sandbox.entra.app.roles = {"User.ReadBasic.All", "GroupMember.Read.All"}
    with pytest.raises(CredentialsError, match=r"lacks the application permission User\.Read\.All \(Entra admin cent"):
        entra_source(sandbox).read()


def test_a_property_of_another_type_costs_only_its_person(live: Live) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1", "u2"])]))
    broken = {"accountEnabled": "yes"}
    spoil(sandbox, "users.list", rows(lambda row: row | broken if row["id"] == guid("u1") else row))
    read = entra_source(sandbox).read()
    assert emails(read) == {"a": {"p2@example.com"}}
    assert [one.reason for one in read.set_aside] == ["Microsoft Graph sent it with an 'accountEnabled' that cannot be"]


# Members.


def test_a_member_newer_than_the_listing_is_looked_up_and_one_who_is_not_there_stops_the_run(live: Live) -> None:
    sandbox = live(company([person(1), person(2)], [team("a", ["u1", "u2"])]))
    sandbox.fail("entra", "users.list", "short_page")
    assert emails(entra_source(sandbox).read()) == {"a": {"p1@example.com", "p2@example.com"}}
    sandbox.fail("entra", "users.list", "short_page")
    sandbox.fail("entra", "users.get", "not_found")
    with pytest.raises(SourceError, match=f"lists the user {guid('u2')} as a member of a group, but has no such user"):
        entra_source(sandbox).read()


def test_a_sub_group_that_no_listing_has_stops_the_run(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", [], ["g-b"]), team("b", ["u1"])]))
    sandbox.fail("entra", "groups.list", "short_page")
    with pytest.raises(SourceError, match="but has no such group"):
        entra_source(sandbox).read()


def test_devices_and_the_like_are_passed_over_and_told(live: Live) -> None:
    others = [{"type": kind, "id": kind} for kind in ("device", "servicePrincipal", "orgContact")]
    read = entra_source(live(company([person(1)], [team("a", ["u1"], entra={"members": others})]))).read()
    assert emails(read) == {"a": {"p1@example.com"}}
    said = "1 contact, 1 device and 1 service principal among members and assignments cannot sign in to AWS"
    assert read.warnings == (f"{said}, and were passed over",)


@pytest.mark.parametrize("kind", ["#microsoft.graph.robot", None, 7])
def test_a_member_of_an_unknown_kind_stops_the_run(live: Live, kind: Any) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    spoil(sandbox, "members.list", rows(lambda row: row | {"@odata.type": kind}))
    with pytest.raises(SourceError, match="of an unknown kind"):
        entra_source(sandbox).read()


def test_a_hidden_membership_is_refused_rather_than_seen_as_empty(live: Live) -> None:
    hidden = team("hidden", ["u1"], entra={"visibility": "HiddenMembership"})
    sandbox = live(company([person(1)], [hidden, team("aws-a", [], ["g-hidden"]), team("aws-b", ["u1"])]))
    assert emails(entra_source(sandbox, groups=AWS_ONLY).read())["aws-a"] == {"p1@example.com"}
    sandbox.sandbox.entra.app.roles.remove("Member.Read.Hidden")
    with pytest.raises(CredentialsError, match=r"the group 'hidden': its membership is hidden.*Member\.Read\.Hidden"):
        entra_source(sandbox, groups=AWS_ONLY).read()
    elsewhere = SelectionSettings(include=["aws-b"])
    assert emails(entra_source(sandbox, groups=elsewhere).read()) == {"aws-b": {"p1@example.com"}}


# The application.


def test_whatever_is_assigned_to_the_application_is_wanted_with_nested_groups(live: Live) -> None:
    groups = [team("admins", ["u1"], ["g-inner"]), team("inner", ["u2"], ["g-admins"]), team("party", ["u4"])]
    data = company(
        [person(n) for n in range(1, 6)], groups, application=assigned("GROUP", "g-admins") + assigned("USER", "u3")
    )
    sandbox = live(data)
    application = sandbox.sandbox.entra.application_id
    read = entra_source(sandbox, groups=None, application=application).read()
    assert emails(read) == {"admins": {"p1@example.com", "p2@example.com"}}
    assert set(read.users) == {guid(one) for one in ("u1", "u2", "u3")}
    assert read.left_out[guid("u4")] == "in no selected group"
    said = "assigned to the application 'AWS IAM Identity Center'"
    assert read.provenance
    assert read.provenance.chosen_groups[guid("g-admins")].text == said
    assert read.provenance.chosen_people[guid("u3")].text == said
    by_object = entra_source(sandbox, groups=None, application=SERVICE_PRINCIPAL_ID).read()
    assert by_object.users == read.users


def test_patterns_and_the_application_together_are_a_union_and_excludes_hold_for_both(live: Live) -> None:
    groups = [team("aws-a", ["u1"]), team("b", ["u2"]), team("secret", ["u3"]), team("d", ["u4"])]
    sandbox = live(company([person(n) for n in range(1, 5)], groups, application=assigned("GROUP", "g-b", "g-secret")))
    chosen = SelectionSettings(include=["aws-*"], exclude=["secret"])
    source = entra_source(sandbox, groups=chosen, application=sandbox.sandbox.entra.application_id)
    read = source.read()
    assert emails(read) == {"aws-a": {"p1@example.com"}, "b": {"p2@example.com"}}
    assert read.left_out[guid("g-secret")] == "excluded by the filter 'secret'"
    assert read.warnings == ()


def test_several_roles_service_principals_and_who_is_gone_are_no_trouble(live: Live) -> None:
    twice = [{"type": "USER", "id": "u1"}, {"type": "USER", "id": "u1", "role": "other"}]
    rest = assigned("SERVICE_PRINCIPAL", "s1") + assigned("USER", "gone") + assigned("GROUP", "g-gone")
    sandbox = live(company([person(1)], [team("a", [])], application=twice + rest))
    read = entra_source(sandbox, groups=None, application=sandbox.sandbox.entra.application_id).read()
    assert set(read.users) == {guid("u1")}
    assert read.warnings == (
        "1 service principal among members and assignments cannot sign in to AWS, and were passed over",
        "2 assignments to the application 'AWS IAM Identity Center' of who is not there any more",
    )


def test_who_was_assigned_after_the_listing_is_looked_up(live: Live) -> None:
    data = company([person(1), person(2)], [team("a", ["u1"]), team("b", ["u2"])])
    sandbox = live(data | {"application": assigned("GROUP", "g-b") + assigned("USER", "u2")})
    for listing in ("users.list", "groups.list"):
        sandbox.fail("entra", listing, "short_page")
    read = entra_source(sandbox, groups=None, application=sandbox.sandbox.entra.application_id).read()
    assert emails(read) == {"b": {"p2@example.com"}}


def test_an_application_that_is_not_there_and_one_that_may_not_be_seen_are_told_apart(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    with pytest.raises(SourceError, match=f"There is no enterprise application {guid('other')} in the tenant"):
        entra_source(sandbox, application=guid("other")).read()
    sandbox.sandbox.entra.app.roles.remove("Application.Read.All")
    with pytest.raises(CredentialsError, match=r"lacks the application permission Application\.Read\.All"):
        entra_source(sandbox, application=sandbox.sandbox.entra.application_id).read()


def test_an_assignment_of_an_unknown_kind_stops_the_run(live: Live) -> None:
    sandbox = live(company([person(1)], [], application=assigned("USER", "u1")))
    spoil(sandbox, "appRoleAssignedTo.list", rows(lambda row: row | {"principalType": "Robot"}))
    with pytest.raises(SourceError, match=r"assignment of an unknown kind \(Robot\)"):
        entra_source(sandbox, application=sandbox.sandbox.entra.application_id).read()
