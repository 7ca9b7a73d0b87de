"""Where Google's directory comes from is known afterwards, without one more call."""

from collections.abc import Callable
from typing import Any

from sso_sync.core.model import Directory
from sso_sync.core.paths import Way, ways_in
from sso_sync.core.provenance import ChosenBy, Named, Provenance
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import FilterSettings, SelectionSettings
from sso_sync.sources.google_workspace import make_source
from sso_sync.sources.tools import Tools
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[[Json], LiveSandbox]
ADMINS = FilterSettings(match="aws-*", description="access to AWS")


def outsider(member_id: str, **more: str) -> Json:
    return {"type": "USER", "id": member_id, "email": f"{member_id}@partner.example"} | more


def nested() -> Json:
    """Make aws-admins ← platform ← crew, and groups that nobody asked for."""
    crew = team("crew", ["u1", "u2"])
    crew["members"] += [outsider("x1"), outsider("x2", type="EXTERNAL"), outsider("g-x", type="GROUP")]
    whole = team("everyone", ["u3"])
    whole["members"].append({"type": "CUSTOMER", "id": "C01"})
    groups = [
        team("aws-admins", ["u3"], ["g-platform"]),
        team("platform", [], ["g-crew"]),
        crew,
        team("aws-everyone", [], ["g-everyone"]),
        whole,
        team("aws-legacy", ["u4"]),
        team("party", ["u4"]),
    ]
    return company([person(1), person(2, suspended=True), person(3), person(4)], groups)


def read(sandbox: LiveSandbox, **settings: Any) -> tuple[Directory, Provenance]:
    chosen: Json = {"groups": SelectionSettings(include=[ADMINS], exclude=["aws-legacy"])} | settings
    source = make_source(
        GoogleWorkspaceSettings(admin=sandbox.sandbox.admin, root_url=f"{sandbox.url}/google/", **chosen),
        {"credentials": sandbox.key},
        Tools(),
    )
    directory = source.read()
    assert directory.provenance is not None
    return directory, directory.provenance


def test_the_filter_that_selected_a_group_is_known_with_its_description(live: Live) -> None:
    directory, provenance = read(live(nested()))
    by = ChosenBy("aws-*", "access to AWS")
    assert provenance.chosen_groups == {"g-aws-admins": by, "g-aws-everyone": by}
    assert directory.left_out["g-aws-legacy"] == "excluded by the filter 'aws-legacy'"
    assert directory.left_out["g-party"] == "matched by no include filter"


def test_direct_members_and_nesting_of_every_walked_group_are_known(live: Live) -> None:
    _, provenance = read(live(nested()))
    assert provenance.direct == {
        "g-aws-admins": ("u3",),
        "g-platform": (),
        "g-crew": ("u1", "u2", "x1", "x2"),
        "g-aws-everyone": (),
        "g-everyone": ("u3",),
    }
    assert provenance.below == {
        "g-aws-admins": ("g-platform",),
        "g-platform": ("g-crew",),
        "g-aws-everyone": ("g-everyone",),
    }
    assert provenance.everybody == {"g-everyone"}
    assert ways_in(provenance, "u1") == {
        "g-aws-admins": (Way(("g-aws-admins", "g-platform", "g-crew")),),
        "g-aws-everyone": (Way(("g-aws-everyone", "g-everyone"), everybody=True),),
        "g-crew": (Way(("g-crew",)),),
        "g-everyone": (Way(("g-everyone",), everybody=True),),
        "g-platform": (Way(("g-platform", "g-crew")),),
    }


def test_people_and_groups_from_outside_are_left_out_by_name(live: Live) -> None:
    directory, provenance = read(live(nested()))
    for member_id in ("x1", "x2", "g-x"):
        assert directory.left_out[member_id] == "from outside the company"
    assert provenance.outside == {"x1", "x2"}
    assert provenance.people["x1"] == Named("", "x1@partner.example")
    assert provenance.groups["g-x"] == Named("", "g-x@partner.example")
    assert directory.warnings == ("2 members from outside the company were left out",)


def test_whoever_is_not_among_the_users_is_known_by_name_all_the_same(live: Live) -> None:
    directory, provenance = read(live(nested()), groups=SelectionSettings(include=["aws-admins"]))
    assert provenance.people.keys() == {"u2", "u4", "x1", "x2"}
    assert provenance.people["u2"] == Named("Given2 Family2", "p2@example.com")
    assert (directory.left_out["u2"], directory.left_out["u4"]) == (
        "suspended in Google Workspace",
        "in no selected group",
    )
    assert provenance.groups["g-party"] == Named("party", "party@example.com")


def test_groups_are_called_as_in_identity_center(live: Live) -> None:
    _, provenance = read(live(nested()), group_name="email")
    assert provenance.groups["g-crew"] == Named("crew@example.com", "crew@example.com")


def test_the_filter_that_selected_a_person_or_rejected_them_is_known(live: Live) -> None:
    people = SelectionSettings(include=[FilterSettings(match="p*", description="people")], exclude=["p3@*"])
    directory, provenance = read(live(nested()), method="users_groups", users=people)
    assert provenance.chosen_people["u1"] == ChosenBy("p*", "people")
    assert "u3" not in provenance.chosen_people
    assert directory.left_out["u3"] == "excluded by the filter for users 'p3@*'"


def test_somebody_whom_no_filter_for_people_matches_is_told_so(live: Live) -> None:
    directory, _ = read(live(nested()), users=SelectionSettings(include=["p1@*"]))
    assert directory.left_out["u4"] == "matched by no include filter for users"


def test_without_filters_for_people_none_is_named(live: Live) -> None:
    _, provenance = read(live(nested()))
    assert provenance.chosen_people == {}


def test_it_costs_no_call(live: Live) -> None:
    """Two listings, the domains, and the members of five groups in three waves."""
    sandbox = live(nested())
    sandbox.calls()
    read(sandbox)
    calls = sandbox.calls()
    assert calls["google"] == {"users.list": 1, "groups.list": 1, "domains.list": 1, "batch": 2, "members.list": 1}
    assert calls["google_in_batch"] == {"members.list": 4}
