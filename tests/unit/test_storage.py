"""State in a folder, and what the keeper makes of what it finds there."""

import json
from pathlib import Path

import pytest

from sso_sync.core.errors import StateError
from sso_sync.core.ledger import Entry, Ledger, Origin
from sso_sync.state.keeper import StateKeeper
from sso_sync.state.storage import FolderStorage

STORE = "d-0123456789"
KEY = f"ledger/{STORE}.json"


@pytest.fixture
def storage(tmp_path: Path) -> FolderStorage:
    return FolderStorage(tmp_path / "state")


@pytest.fixture
def keeper(storage: FolderStorage) -> StateKeeper:
    return StateKeeper(storage, "the state folder", "ours")


def test_a_first_write_succeeds_only_where_nothing_is(storage: FolderStorage) -> None:
    assert storage.put_if("lease.json", b"one", None)
    assert storage.put_if("lease.json", b"two", None) is None
    assert storage.put_if("other.json", b"two", "some tag") is None
    assert storage.get("other.json") is None


def test_a_write_under_an_old_tag_fails(storage: FolderStorage) -> None:
    old = storage.put_if("lease.json", b"one", None)
    new = storage.put_if("lease.json", b"two", old)
    assert new
    assert storage.put_if("lease.json", b"three", old) is None
    stored = storage.get("lease.json")
    assert stored
    assert (stored.body, stored.tag) == (b"two", new)


def test_a_delete_under_an_old_tag_does_nothing(storage: FolderStorage) -> None:
    tag = storage.put_if("lease.json", b"one", None)
    assert tag
    storage.put("lease.json", b"two")
    storage.delete_if("lease.json", tag)
    assert storage.get("lease.json")


def test_writing_leaves_no_other_files_behind(storage: FolderStorage, tmp_path: Path) -> None:
    storage.put("runs/r1.json", b"one")
    storage.put("runs/r1.json", b"two")
    assert [path.name for path in (tmp_path / "state" / "runs").iterdir()] == ["r1.json"]


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StateError, match=r"cannot be used .+ check its path and permissions, or set 'state'"):
        FolderStorage(tmp_path / "file").get("lease.json")


def test_a_store_without_a_ledger_gets_an_empty_one(keeper: StateKeeper) -> None:
    assert keeper.load_ledger(STORE) == Ledger(store_id=STORE)


def test_a_ledger_comes_back_as_it_was_saved(keeper: StateKeeper) -> None:
    ledger = Ledger(
        store_id=STORE,
        users={"ann": Entry("U1", Origin.CREATED), "Ann": Entry("U2", Origin.ADOPTED)},
        groups={"id-devs": Entry("G1", Origin.CREATED)},
    )
    keeper.save_ledger(ledger)
    assert keeper.load_ledger(STORE) == ledger


def test_ledgers_of_two_stores_do_not_mix(keeper: StateKeeper) -> None:
    keeper.save_ledger(Ledger(store_id="d-1", users={"ann": Entry("U1", Origin.CREATED)}))
    assert keeper.load_ledger("d-2").users == {}


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{",
        "{}",
        json.dumps({"store_id": STORE}),
        json.dumps({"version": 2, "store_id": STORE, "deployments": {"ours": []}}),
        json.dumps(
            {
                "version": 2,
                "store_id": STORE,
                "deployments": {"ours": {"users": {"ann": {"aws_id": "U1", "origin": "bought"}}}},
            }
        ),
        json.dumps({"version": 2, "store_id": STORE, "deployments": {"theirs": {"users": {"ann": "U1"}}}}),
    ],
)
def test_a_damaged_ledger_stops_the_run(storage: FolderStorage, keeper: StateKeeper, body: str) -> None:
    storage.put(KEY, body.encode())
    with pytest.raises(StateError, match=f"The ledger {KEY} in the state folder is damaged .+ so nothing is done"):
        keeper.load_ledger(STORE)


def test_a_ledger_of_a_newer_program_stops_the_run(storage: FolderStorage, keeper: StateKeeper) -> None:
    storage.put(KEY, json.dumps({"version": 3, "store_id": STORE, "deployments": {}}).encode())
    with pytest.raises(StateError, match=r"has version 3, and this program knows 2; use the newer program\."):
        keeper.load_ledger(STORE)


def test_a_ledger_of_another_store_stops_the_run(storage: FolderStorage, keeper: StateKeeper) -> None:
    storage.put(KEY, json.dumps({"version": 2, "store_id": "d-other", "deployments": {}}).encode())
    with pytest.raises(StateError, match="belongs to the store d-other"):
        keeper.load_ledger(STORE)


def test_a_ledger_of_the_first_version_becomes_ours(storage: FolderStorage, keeper: StateKeeper) -> None:
    old = {"store_id": STORE, "version": 1, "users": {"ann": {"aws_id": "U1", "origin": "created", "off": True}}}
    storage.put(KEY, json.dumps(old).encode())
    assert keeper.load_ledger(STORE).users == {"ann": Entry("U1", Origin.CREATED, off=True)}


def test_deployments_on_one_store_keep_their_ledgers_in_one_file_and_know_of_each_other(
    storage: FolderStorage, keeper: StateKeeper
) -> None:
    theirs = StateKeeper(storage, "the state folder", "theirs")
    other = theirs.load_ledger(STORE)
    other.users["bob"] = Entry("U2", Origin.CREATED)
    theirs.save_ledger(other)
    own = keeper.load_ledger(STORE)
    assert (own.users, own.others) == ({}, {"U2": "theirs"})
    own.users["ann"] = Entry("U1", Origin.CREATED)
    keeper.save_ledger(own)
    again = theirs.load_ledger(STORE)
    assert (set(again.users), again.others) == ({"bob"}, {"U1": "ours"})


def test_an_object_in_two_ledgers_stops_the_run(storage: FolderStorage, keeper: StateKeeper) -> None:
    section = {"users": {"ann": {"aws_id": "U1", "origin": "created"}}}
    file = {"version": 2, "store_id": STORE, "deployments": {"ours": section, "theirs": section}}
    storage.put(KEY, json.dumps(file).encode())
    with pytest.raises(StateError, match="theirs manages an object that is ours, too"):
        keeper.load_ledger(STORE)


def test_records_are_kept_by_run(storage: FolderStorage, keeper: StateKeeper) -> None:
    keeper.save_record("run-1", b"{}")
    stored = storage.get("runs/run-1.json")
    assert stored
    assert stored.body == b"{}"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b'{"store_id": "\xff"}', "is damaged"),
        (b'{"store_id": "d", "version": 9, "users": {"a": ["U1", "created"]}}', "use the newer program"),
    ],
)
def test_a_ledger_that_cannot_be_read_is_one_sentence(body: bytes, said: str, tmp_path: Path) -> None:
    storage = FolderStorage(tmp_path)
    storage.put("ledger/d.json", body)
    with pytest.raises(StateError, match=said):
        StateKeeper(storage, "the state folder", "ours").load_ledger("d")
