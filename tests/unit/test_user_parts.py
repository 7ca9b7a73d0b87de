"""A bad value of an optional attribute costs only itself."""

from typing import Any

import msgspec
import pytest

from sso_sync.core.changes import Change, CreateUser, Ref, UpdateUser
from sso_sync.core.errors import ChangeRefused, ChangeUnknown
from sso_sync.core.model import Directory, User
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.replay import after
from sso_sync.engine.units import Unit
from tests.support.memory import MemoryTarget, user

MIXED = {"title": "Engineer", "phone_number": "bad", "locality": "Bern", "country": "bad", "department": "IT"}
GOOD = {"title": "Engineer", "department": "IT"}


@pytest.fixture
def target() -> MemoryTarget:
    made = MemoryTarget()
    made.refused_values = {"bad"}
    return made


def run(target: MemoryTarget, change: Change) -> Outcome:
    (outcome,) = Unit((change,)).run(target, lambda _, ref: ref.id)
    return outcome


def stored(target: MemoryTarget, **changed: object) -> User:
    record = user("ann", id="U1", **changed)
    target.put_user(record)
    return record


def update(before: User, **changed: Any) -> UpdateUser:
    after = msgspec.structs.replace(before, **changed)
    return UpdateUser(Ref(before.id, before.external_id, before.user_name), before, after, "changed")


def test_a_user_is_created_without_the_bad_values(target: MemoryTarget) -> None:
    outcome = run(target, CreateUser(user("ann", attributes=MIXED), "joins"))
    (made,) = target.users.values()
    assert (outcome.result, outcome.aws_id) == (Result.DONE, made.id)
    assert made.attributes == GOOD
    assert set(outcome.lost) == {"phone_number", "locality", "country"}  # an address is written as a whole
    assert str(outcome.error) == "phone_number: not valid. country: not valid."


def test_nothing_is_asked_twice_for_values_that_are_accepted(target: MemoryTarget) -> None:
    outcome = run(target, CreateUser(user("ann", attributes=GOOD), "joins"))
    assert (outcome.result, outcome.lost, outcome.error) == (Result.DONE, (), None)
    (made,) = target.users.values()
    run(target, update(made, attributes={"title": "Boss"}))
    assert [call for call, _ in target.calls] == ["create_user", "update_user"]


def test_an_update_writes_the_mandatory_attributes_and_the_good_optional_ones(target: MemoryTarget) -> None:
    before = stored(target, attributes={"title": "old", "phone_number": "1"})
    outcome = run(target, update(before, family_name="New", attributes=MIXED))
    assert outcome.result is Result.DONE
    assert set(outcome.lost) == {"phone_number", "locality", "country"}
    assert target.users["U1"].family_name == "New"
    assert target.users["U1"].attributes == GOOD | {"phone_number": "1"}


def test_an_update_that_is_refused_as_a_whole_fails(target: MemoryTarget) -> None:
    before = stored(target)
    alone = run(target, update(before, attributes={"phone_number": "bad"}))
    assert (alone.result, alone.lost) == (Result.FAILED, ())
    assert len(target.calls) == 1
    both = run(target, update(before, attributes={"phone_number": "bad", "title": "bad"}))
    assert (both.result, both.lost) == (Result.FAILED, ())


def test_a_refusal_that_is_not_about_values_is_not_split(target: MemoryTarget) -> None:
    target.failures["create_user", "ann@example.com"] = ChangeRefused("the name is taken")
    outcome = run(target, CreateUser(user("ann", attributes=MIXED), "joins"))
    assert (outcome.result, str(outcome.error)) == (Result.FAILED, "the name is taken")
    assert len(target.calls) == 1


def test_no_more_parts_are_tried_when_one_gets_no_answer(target: MemoryTarget) -> None:
    before = stored(target)
    change = update(before, family_name="New", attributes=MIXED)
    silent = Silent(target, "department")
    (outcome,) = Unit((change,)).run(silent, lambda _, ref: ref.id)
    assert (outcome.result, type(outcome.error)) == (Result.DONE, ChangeUnknown)
    assert set(outcome.lost) == MIXED.keys()
    assert silent.tried == 3


class Silent(MemoryTarget):
    """A store that gives no answer when one attribute is written by itself."""

    def __init__(self, store: MemoryTarget, attribute: str) -> None:
        super().__init__()
        self.users, self.refused_values = store.users, store.refused_values
        self._attribute, self.tried = attribute, 0

    def update_user(self, change: UpdateUser) -> None:
        self.tried += 1
        if change.after.attributes.keys() - change.before.attributes.keys() == {self._attribute}:
            raise ChangeUnknown("no answer")
        super().update_user(change)


def test_what_was_lost_is_not_said_to_be_in_the_store(target: MemoryTarget) -> None:
    before = stored(target, attributes={"phone_number": "1"})
    changes: list[Change] = [
        CreateUser(user("bob", attributes=MIXED), "joins"),
        update(before, family_name="New", attributes=MIXED),
    ]
    actual = Directory.of([before], [], {})
    outcomes = [run(target, change) for change in changes]
    assert after(actual, outcomes).users == target.users
