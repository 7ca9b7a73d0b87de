"""What the Okta script and the provisioning of Entra do and do not do, as far as it is not about reading them."""

import pytest

from tests.stories.conftest import Begin
from tests.stories.scene import config
from tests.stories.ways import both
from tests.support.companies import company, person, team


@both
def test_people_can_be_put_into_groups_that_exist_and_nothing_else_be_done(begin: Begin, scim: bool) -> None:
    """Okta script, what it does: groups that exist in AWS get members, and nobody is ever taken out."""
    data = company([person(1), person(2)], [team("aws", ["u1"]), team("unknown-to-aws", ["u2"])])
    scene = begin(data, scim=scim, text=config(more="identity_center: {groups: existing_only}"))
    aws = scene.put_group("aws", scene.put_user("own"))
    assert scene.apply("--additive") == 0
    assert scene.groups() == {"aws": aws}
    assert scene.members() == {"aws": {"own", "p1"}}
    scene.sandbox.replace(company([person(2)], [team("aws", ["u2"])]))
    assert scene.apply("--additive") == 0
    assert scene.members() == {"aws": {"own", "p1", "p2"}}


def test_groups_that_only_begin_with_the_name_that_was_asked_for_are_not_meant(begin: Begin) -> None:
    """Okta script, groups by prefix: it stops if several begin so."""
    data = company([person(1), person(2)], [team("aws", ["u1"]), team("aws-admins", ["u2"])])
    scene = begin(data, scim=False)
    assert scene.apply("--group", "aws") == 0
    assert scene.members() == {"aws": {"p1"}}


@pytest.mark.parametrize(("by", "adopted"), [("[email]", True), ("[]", False)])
def test_the_config_says_by_what_people_are_matched_who_are_there_already(begin: Begin, by: str, adopted: bool) -> None:
    """Entra, matching precedence: it is part of the mapping what comes first, userName or externalId.

    awslabs/ssosync#166 (users are matched by their address, and it may change).
    """
    center = f"identity_center: {{match_users_by: {by}}}"
    scene = begin(company([person(1)], [team("aws", ["u1"])]), text=config(more=center))
    theirs = scene.put_user("p1")
    assert scene.apply() == 0
    assert scene.users() == {"p1@example.com": theirs}
    assert scene.members() == {"aws": {"p1"} if adopted else set()}
    assert ("Set aside" in scene.out) is not adopted
