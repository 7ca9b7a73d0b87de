"""Answers about instances and account assignments with something wrong in them: a value, or an error of a target."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sandbox.identity_center.assignments import replace_assignments
from sso_sync.aws.assignments import AssignmentReader
from sso_sync.aws.instances import find_store_id
from sso_sync.core.errors import CredentialsError, SettingsError, SsoSyncError, TargetError
from sso_sync.http.boto import Aws
from tests.support.clients import assignment
from tests.support.companies import company
from tests.support.hostile import GARBAGE, assert_sentence, get, places, some, wrong_for
from tests.support.live import LiveSandbox
from tests.support.spoiled import MISSING, Damage, Spoiler, sound, spoiling

NAME = {"GivenName": "Ann", "FamilyName": "Lee"}


@pytest.fixture
def spoiler(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Spoiler, Callable[[], object]]]:
    patch = pytest.MonkeyPatch()
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("sso-admin")) as live, spoiling(live) as made:
        for name, value in live.environment(scim=True).items():
            patch.setenv(name, value)
        store, aws = live.sandbox.store, Aws("us-east-1", attempts=1)
        user = store.create_user({"UserName": "ann", "DisplayName": "Ann", "Name": NAME}, "test")["UserId"]
        arn = live.sandbox.instances.organisation_arn
        replace_assignments(store, arn, [assignment("user", "ann", account * 12) for account in "12"])

        def read() -> object:
            reader = AssignmentReader(aws, store.store_id, 100_000)
            return (
                find_store_id(aws),
                reader.of("user", [user]),
                reader.permission_set(next(iter(store.permission_sets))),
            )

        yield made, read
    patch.undo()


def outcome(spoiler: Spoiler, read: Callable[[], object], damage: Damage) -> Any:
    spoiler.damage = damage
    try:
        return read()
    except (TargetError, CredentialsError, SettingsError) as exc:
        assert_sentence(exc)
        return exc
    finally:
        spoiler.damage = None


def test_any_damage_is_a_value_or_an_error_of_the_target(spoiler: tuple[Spoiler, Callable[[], object]]) -> None:
    made, read = spoiler
    tried = ended = 0
    for name, body in sound(read, made).items():
        for number, place in enumerate(some(places(body), 2)):
            wrong = wrong_for(get(body, place))
            for new in (wrong[number % len(wrong)], MISSING, GARBAGE[number % len(GARBAGE)]):
                if new != MISSING or place:
                    tried += 1
                    ended += isinstance(outcome(made, read, Damage(name.split()[1], place, new)), SsoSyncError)
    print(f"sso-admin, every field of another type: {tried} inputs")  # noqa: T201 # shown with -rP
    assert 0 < ended < tried
