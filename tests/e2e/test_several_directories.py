"""Two directories through the deployed function: a person in both, one that fails, and one that comes back."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.demo.config import source_of
from sandbox.demo.stage import Stage
from tests.support.companies import company
from tests.support.places import COMPANY, PEOPLE, TEAMS, Place

Json = dict[str, Any]
EVERYBODY = {one["email"] for one in PEOPLE}
BOTH = {"p0@example.com", "p1@example.com"}


@pytest.fixture(scope="module")
def place(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Deploy a Google Workspace whose admins are also among the users of an Okta."""
    place = Place(stage, tmp_path_factory.mktemp("several") / "files", "several")
    okta = source_of("okta", stage.environment, ["aws-users"]) | {"group_prefix": "okta-"}
    place.more = {
        "sources": [source_of("google", stage.environment, ["aws-admins"]), okta],
        "merge_people_by": "email",
    }
    deployed = place.deploy()
    assert deployed.succeeded, deployed.reason
    place.store_secrets("google", "okta")
    done = place.cloud.sso_sync("invoke")
    assert done.returncode == 0, done.stderr
    yield place
    place.heal()
    stage.ask("PUT", "/directory", COMPANY)


def signed_in(place: Place) -> set[str]:
    return set(place.stage.ask("GET", "/identity-center")["users"])


def test_a_person_in_both_is_one_user_and_a_failing_directory_takes_nothing_from_anyone(place: Place) -> None:
    assert place.people() == {"aws-admins": BOTH, "okta-aws-users": EVERYBODY}
    assert signed_in(place) == EVERYBODY

    # Okta is away; in Google one of both leaves the admins, and another comes.
    place.stage.ask("DELETE", "/teams/cards")
    place.fail("*", "unavailable", system="okta", times=0)
    admins, users = TEAMS
    others = [{"type": "USER", "id": one} for one in ("u0", "u5")]
    nobody: Json = users | {"members": [{"type": "USER", "id": "u9"}]}
    place.stage.ask("PUT", "/directory", company(COMPANY["users"], [admins | {"members": others}, nobody]))
    told = place.run_on_schedule()
    assert told["failed"]
    assert "Okta could not be read, so what came from it stays as it is" in told["sentence"]
    assert place.people()["okta-aws-users"] == EVERYBODY
    assert "p1@example.com" not in place.people()["aws-admins"]
    assert signed_in(place) == EVERYBODY
    (card,) = (json.dumps(one) for one in place.stage.ask("GET", "/teams/cards"))
    assert "A directory could not be read" in card
    assert place.last_record()["unread"][0]["source"] == "Okta"

    # It is back, and lists few: what that would take away is what a limit refuses.
    place.heal()
    refused = place.run_on_schedule()
    assert "limits.users_leaving" in refused["sentence"]
    assert signed_in(place) == EVERYBODY
    place.stage.ask("PUT", "/directory", COMPANY)
    assert not place.run_on_schedule()["failed"]
    assert place.people() == {"aws-admins": BOTH, "okta-aws-users": EVERYBODY}


def test_the_page_says_where_everybody_comes_from(place: Place, tmp_path: Path) -> None:
    _, page = place.stage.page(place.bucket, "docs/index.html")
    (tmp_path / "index.html").write_bytes(page)
    assert b"Google Workspace and Okta" in page
