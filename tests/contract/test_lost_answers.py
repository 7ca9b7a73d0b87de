"""A write that happened although its answer never came, or whose object somebody else changes, is made once."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from sso_sync.core.changes import Ref, UpdateGroup, UpdateUser
from sso_sync.core.errors import ChangeError, ChangeRefused, ChangeUnknown
from sso_sync.core.ports import Target
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.memory import MemoryTarget, group, user
from tests.support.targets import make_target

both = pytest.mark.parametrize("scim", [True, False], ids=["scim", "identity-store"])
WRITES = ("create_user", "update_user", "delete_user", "create_group", "update_group", "delete_group", "add", "remove")
WITHOUT_EXTERNAL_ID = {"create_user", "create_group"}  # whose maker nobody can tell afterwards


class Store:
    """A target with two users and two groups, and every kind of write to them."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.ann, self.bob = (target.create_user(user(name)) for name in ("ann", "bob"))
        self.devs, self.ops = (target.create_group(group(name), []) for name in ("devs", "ops"))
        target.add_members(self.devs, [self.ann])
        self.before = target.read()

    def write(self, kind: str) -> None:
        target = self.target
        ann, devs = self.before.users[self.ann], self.before.groups[self.devs]
        writes: dict[str, Callable[[], object]] = {
            "create_user": lambda: target.create_user(user("new")),
            "update_user": lambda: target.update_user(
                UpdateUser(Ref(ann.id, "", "ann"), ann, msgspec.structs.replace(ann, family_name="New"), "")
            ),
            "delete_user": lambda: target.delete_user(self.bob),
            "create_group": lambda: target.create_group(group("new"), []),
            "update_group": lambda: target.update_group(
                UpdateGroup(Ref(devs.id, "", "devs"), devs, msgspec.structs.replace(devs, display_name="New"), "")
            ),
            "delete_group": lambda: target.delete_group(self.ops),
            "add": lambda: target.add_members(self.devs, [self.bob]),
            "remove": lambda: target.remove_members(self.devs, [self.ann]),
        }
        writes[kind]()

    def error_of(self, kind: str) -> ChangeError | None:
        try:
            self.write(kind)
        except ChangeError as exc:
            return exc
        return None

    def shown(self) -> tuple[set[str], dict[str, set[str]]]:
        """Show family names and memberships, whatever the ids are."""
        read = self.target.read()
        people = {f"{u.user_name} {u.family_name}" for u in read.users.values()}
        return people, {
            g.display_name: {read.users[i].user_name for i in read.members[g.id]} for g in read.groups.values()
        }


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


@pytest.fixture
def store(sandbox: LiveSandbox, scim: bool, monkeypatch: pytest.MonkeyPatch) -> Store:
    for name, value in sandbox.environment(scim=scim).items():
        monkeypatch.setenv(name, value)
    return Store(make_target(sandbox, scim=scim))


def written(kind: str) -> tuple[set[str], dict[str, set[str]]]:
    """Show what a write comes to, by the store in memory."""
    store = Store(MemoryTarget())
    store.write(kind)
    return store.shown()


@both
@pytest.mark.parametrize("fault", ["drop_after", pytest.param("drop", marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", WRITES)
def test_a_write_is_made_once_though_its_answer_is_lost(
    store: Store, sandbox: LiveSandbox, scim: bool, kind: str, fault: str
) -> None:
    sandbox.fail("scim" if scim else "identity_store", "*", fault)
    error = store.error_of(kind)
    assert store.shown() == written(kind)
    may_be_unknown = not scim and kind in WITHOUT_EXTERNAL_ID and fault == "drop_after"
    assert error is None or (may_be_unknown and isinstance(error, ChangeUnknown)), error
    assert sandbox.sandbox.switchboard.faults.as_json()[0]["struck"] == 1


@both
@pytest.mark.parametrize("kind", ["update_user", "delete_user", "delete_group", "add", "remove"])
def test_a_write_waits_for_somebody_elses_change_of_the_same(
    store: Store, sandbox: LiveSandbox, scim: bool, kind: str
) -> None:
    sandbox.fail("scim" if scim else "identity_store", "*", "conflict")
    assert store.error_of(kind) is None
    assert store.shown() == written(kind)


@both
@pytest.mark.parametrize("kind", ["create_user", "create_group", "delete_user", "delete_group", "add", "remove"])
def test_what_is_there_or_gone_already_is_never_made_twice(store: Store, kind: str) -> None:
    store.write(kind)
    error = store.error_of(kind)
    assert store.shown() == written(kind)
    assert error is None or (kind in WITHOUT_EXTERNAL_ID and isinstance(error, ChangeRefused)), error


@both
@pytest.mark.parametrize("kind", ["update_user", "update_group"])
def test_a_change_of_what_is_gone_is_refused(store: Store, kind: str) -> None:
    store.target.delete_user(store.ann)
    store.target.delete_group(store.devs)
    with pytest.raises(ChangeRefused, match=r"404|ResourceNotFound"):
        store.write(kind)
