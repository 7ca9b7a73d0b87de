"""Answers of Identity Center with something wrong in them: errors of a target, and never half of a store."""

import itertools
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import strategies as st

from sso_sync.core.changes import Ref, UpdateGroup, UpdateUser
from sso_sync.core.errors import CredentialsError, SsoSyncError, TargetError
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.policy import Policy
from sso_sync.core.ports import Target
from sso_sync.engine.run import Review, Run
from tests.support.companies import company
from tests.support.hostile import (
    GARBAGE,
    MORE,
    TEXTS,
    WRONG,
    assert_sentence,
    explore,
    get,
    places,
    some,
    texts,
    values,
    wrong_for,
)
from tests.support.live import LiveSandbox
from tests.support.memory import MemorySource, MemoryState, directory, group, user
from tests.support.spoiled import MISSING, Damage, Spoiler, sound, spoiling
from tests.support.targets import make_target

PERSON = {
    "DisplayName": "Ann Lee",
    "Name": {"GivenName": "Ann", "FamilyName": "Lee"},
    "Emails": [{"Value": "ann@example.com", "Type": "work", "Primary": True}],
    "PhoneNumbers": [{"Value": "1", "Type": "work", "Primary": True}],
    "Addresses": [{"Country": "NO", "Type": "work", "Primary": True}],
    "Title": "Chief",
}
ODD = [
    b'{"schemas": 5, "detail": {"x": "\\u202e\\n"}}',
    b'{"__type": 5, "message": {}}',
    b'{"__type": "ConflictException", "Reason": ["x"], "RetryAfterSeconds": "x"}',
    b'{"Resources": 5}',
    b'{"Resources": [{"externalId": {}}]}',
    b'{"id": 5, "UserId": [], "GroupId": {}}',
]
numbers = itertools.count(1)


class Store:
    """A store in the sandbox with two people in two groups, read and written through spoiled answers."""

    def __init__(self, live: LiveSandbox, spoiler: Spoiler, target: Target) -> None:
        self.live, self.spoiler, self.target = live, spoiler, target
        store = live.sandbox.store
        users = [
            store.create_user(PERSON | {"UserName": name, "Emails": [{"Value": f"{name}@example.com"}]}, "test", name)
            for name in ("ann", "bob")
        ]
        groups = [store.create_group({"DisplayName": name, "Description": "d"}, "test") for name in ("a", "b")]
        for made in groups:
            for one in users:
                store.create_membership(made["GroupId"], one["UserId"], "test")
        self.sound = sound(target.read, spoiler)
        self.whole = target.read()

    def read(self, damage: Damage) -> Directory | SsoSyncError:
        """Read with spoiled answers; anything but a directory or an error of a target is let through."""
        self.spoiler.damage = damage
        try:
            return self.target.read()
        except (TargetError, CredentialsError) as exc:
            assert_sentence(exc)
            return exc
        finally:
            self.spoiler.damage = None

    def write(self, call: Callable[[], object], damage: Damage) -> SsoSyncError | None:
        """Write with spoiled answers, in the same way."""
        self.spoiler.damage = damage
        try:
            call()
        except (TargetError, CredentialsError) as exc:
            assert_sentence(exc)
            return exc
        finally:
            self.spoiler.damage = None
            self._clean()
        return None

    def _clean(self) -> None:
        """Leave what was there at first, so that reading stays short."""
        store = self.live.sandbox.store
        for group_id in store.groups.keys() - self.whole.groups.keys():
            store.delete_group(group_id)
        for user_id in store.users.keys() - self.whole.users.keys():
            store.delete_user(user_id)

    def calls(self) -> dict[str, Callable[[], Callable[[], object]]]:
        """Return every way to write: what makes each ready, and returns the call itself."""
        made, target = self.live.sandbox.store, self.target

        def name() -> str:
            return f"n{next(numbers)}"

        def some_user() -> User:
            raw = made.create_user(PERSON | {"UserName": name(), "Emails": []}, "test")
            return user(raw["UserName"], id=raw["UserId"])

        def some_group(members: int) -> tuple[Group, list[str]]:
            raw = made.create_group({"DisplayName": name()}, "test")
            ids = [some_user().id for _ in range(members)]
            for user_id in ids:
                made.create_membership(raw["GroupId"], user_id, "test")
            return group(raw["DisplayName"], id=raw["GroupId"]), ids

        def updating_user() -> Callable[[], object]:
            before = some_user()
            after = user(name(), id=before.id)
            return lambda: target.update_user(UpdateUser(Ref(before.id, "s", "x"), before, after, "r"))

        def updating_group() -> Callable[[], object]:
            before, _ = some_group(0)
            after = group(name(), id=before.id, description="new", external_id=name())
            return lambda: target.update_group(UpdateGroup(Ref(before.id, "s", "x"), before, after, "r"))

        def removing() -> Callable[[], object]:
            chosen, ids = some_group(1)
            self.spoiler.damage = None
            target.read()
            return lambda: target.remove_members(chosen.id, ids)

        def adding() -> Callable[[], object]:
            chosen, someone = some_group(0)[0], some_user()
            return lambda: target.add_members(chosen.id, [someone.id])

        def deleting_user() -> Callable[[], object]:
            chosen = some_user()
            return lambda: target.delete_user(chosen.id)

        def deleting_group() -> Callable[[], object]:
            chosen = some_group(0)[0]
            return lambda: target.delete_group(chosen.id)

        return {
            "create_user": lambda: partial(target.create_user, user(name())),
            "create_group": lambda: partial(target.create_group, group(name()), []),
            "update_user": updating_user,
            "update_group": updating_group,
            "delete_user": deleting_user,
            "delete_group": deleting_group,
            "add_members": adding,
            "remove_members": removing,
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return tmp_path_factory.mktemp("targets")


@pytest.fixture(scope="module", params=["scim", "identity_store"])
def store(folder: Any, request: pytest.FixtureRequest) -> Iterator[Store]:
    patch = pytest.MonkeyPatch()
    with LiveSandbox(company([], []), folder) as live, spoiling(live) as spoiler:
        for name, value in live.environment(scim=True).items():
            patch.setenv(name, value)
        yield Store(live, spoiler, make_target(live, scim=request.param == "scim"))
    patch.undo()


@pytest.fixture
def reading(store: Store) -> Store:
    if not hasattr(store.target, "_token"):
        pytest.skip("both read by the same API")
    return store


def listings(store: Store) -> list[tuple[str, Any]]:
    return [(name.split()[1], body) for name, body in store.sound.items() if "List" in name]


def test_every_field_of_another_type_ends_the_read_or_is_none_that_counts(reading: Store) -> None:
    tried = ended = 0
    for operation, body in listings(reading):
        for number, place in enumerate(some(places(body), 2)):
            wrong = [*wrong_for(get(body, place)), MISSING]
            for new in (wrong[-1], wrong[number % len(wrong)]) if MORE == 1 else wrong:
                if (new == MISSING and not place) or (place == (place or "x")[:1] and new in ("", {})):
                    continue  # botocore reads an empty text or object in place of a listing as an empty listing
                tried += 1
                content = reading.read(Damage(operation, place, new))
                if isinstance(content, SsoSyncError):
                    ended += 1
                elif new != MISSING:
                    assert_whole(content, reading.whole)
    print(f"Identity Store, every field of another type: {tried} inputs")  # noqa: T201 # shown with -rP
    assert tried / 3 < ended < tried


def assert_whole(content: Directory, whole: Directory) -> None:
    """See to it that everybody and everything is there, with texts that can be written."""
    assert content.users.keys() == whole.users.keys()
    assert content.groups.keys() == whole.groups.keys()
    for one in content.users.values():
        for text in (one.user_name, one.email, one.display_name, one.given_name, *one.attributes.values()):
            assert isinstance(text, str)
            text.encode()
    assert all(one.display_name for one in content.groups.values())


def test_hostile_text_in_every_field_is_read_or_refused(reading: Store) -> None:
    def read(which: int, at: int, text: Any) -> None:
        operation, body = listings(reading)[which % len(listings(reading))]
        found = [place for place in places(body) if isinstance(get(body, place), str)]
        content = reading.read(Damage(operation, found[at % len(found)], text))
        if isinstance(content, Directory):
            assert_run_survives(reading, content)

    explore(
        "Identity Store, hostile text", read, 60, st.integers(0, 9), st.integers(0, 99), st.sampled_from(TEXTS) | texts
    )


def assert_run_survives(store: Store, actual: Directory) -> None:
    """Plan from such a store: a draft, or an error of the tree."""
    sound_store = store.target

    class Spoiled:
        store_id, unwritable, concurrency = sound_store.store_id, sound_store.unwritable, 1
        members_per_create = members_per_change = 1

        @staticmethod
        def read() -> Directory:
            return actual

    content = directory([user("ann"), user("new")], {group("a"): ["ann", "new"]})
    run: Any = Run([MemorySource(content)], Spoiled(), MemoryState(), Policy())  # type: ignore[arg-type] # drafts only
    try:
        run.draft()
    except SsoSyncError as exc:
        assert_sentence(exc)


def test_garbage_ends_the_read_and_nothing_is_written(reading: Store) -> None:
    tried = 0
    for operation, _ in listings(reading):
        for status in some((0, 400, 403, 404), 4):
            for garbage in GARBAGE:
                tried += 1
                assert isinstance(reading.read(Damage(operation, 0, garbage, "identity_store", status)), SsoSyncError)
    print(f"Identity Store, garbage: {tried} inputs")  # noqa: T201 # shown with -rP
    writes = {
        name for name in reading.live.calls().get("identity_store", {}) if not name.startswith(("List", "Describe"))
    }
    before = reading.live.emails_by_group()
    reading.spoiler.damage = Damage("ListUsers", 0, GARBAGE[4], "identity_store")
    state = MemoryState()
    run = Run([MemorySource(directory([], {}))], reading.target, state, Policy())
    with pytest.raises(TargetError):
        run.execute("test", Review())
    reading.spoiler.damage = None
    assert (writes, state.saves, reading.live.emails_by_group()) == (set(), 0, before)


def test_a_write_whose_answer_is_broken_is_an_error_of_the_target_or_done(store: Store) -> None:
    system = "scim" if hasattr(store.target, "_token") else "identity_store"
    calls, tried = store.calls(), 0
    for number, ready in enumerate(calls.values()):
        for status in some((0, 201, 400, 401, 403, 404, 409), 1 if number < 2 else 4):
            for new in some([*GARBAGE, *ODD], 6):
                if status == 409 and new not in ODD:
                    continue  # a collision is tried again for seconds
                tried += 1
                store.write(ready(), Damage("*", 0, new, system, status))
    print(f"{system}, broken answers to writes: {tried} inputs")  # noqa: T201 # shown with -rP
    assert tried > 30


def test_any_answer_to_a_write_is_an_error_of_the_target_or_done(store: Store) -> None:
    calls = store.calls()

    def write(name: str, at: int, new: Any, system: str) -> None:
        store.write(calls[name](), Damage("*", at, new, system))

    junk = values | texts | st.just(MISSING) | st.sampled_from(WRONG)
    systems = st.sampled_from(["scim", "identity_store"])
    explore("any answers to writes", write, 40, st.sampled_from(sorted(calls)), st.integers(0, 60), junk, systems)
