"""One suite for both places where state can live: a folder, and S3 as the local AWS speaks it."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from sso_sync.core.errors import StateError
from sso_sync.state.storage import FolderStorage, S3Storage, Storage

BUCKET = "state"


@pytest.fixture(scope="session")
def s3(local_aws: str) -> str:
    client(local_aws).create_bucket(Bucket=BUCKET)
    return local_aws


def client(url: str):  # type: ignore[no-untyped-def] # typed by boto3-stubs' overloads
    return boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="000000000000", aws_secret_access_key="x"
    )


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return FolderStorage(tmp_path / "state")
    return S3Storage(client(request.getfixturevalue("s3")), BUCKET, f"{tmp_path.name}/prefix/")


def test_what_is_not_there_is_none(storage: Storage) -> None:
    assert storage.get("ledger/d-1.json") is None


def test_what_was_put_is_got(storage: Storage) -> None:
    storage.put("ledger/d-1.json", b"one")
    storage.put("ledger/d-1.json", b"two")
    stored = storage.get("ledger/d-1.json")
    assert stored
    assert stored.body == b"two"


def test_a_conditional_write_needs_what_it_expects(storage: Storage) -> None:
    first = storage.put_if("lease.json", b"one", None)
    assert first
    assert storage.put_if("lease.json", b"two", None) is None
    second = storage.put_if("lease.json", b"two", first)
    assert second
    assert second != first
    assert storage.put_if("lease.json", b"three", first) is None
    stored = storage.get("lease.json")
    assert stored
    assert (stored.body, stored.tag) == (b"two", second)


def test_a_conditional_delete_leaves_what_changed(storage: Storage) -> None:
    first = storage.put_if("lease.json", b"one", None)
    assert first
    second = storage.put_if("lease.json", b"two", first)
    assert second
    storage.delete_if("lease.json", first)
    assert storage.get("lease.json")
    storage.delete_if("lease.json", second)
    assert storage.get("lease.json") is None
    storage.delete_if("lease.json", second)


def test_one_of_many_wins_a_race(storage: Storage) -> None:
    with ThreadPoolExecutor(8) as pool:
        wins = list(pool.map(lambda n: storage.put_if("lease.json", str(n).encode(), None), range(16)))
    assert sum(win is not None for win in wins) == 1


def test_a_missing_bucket_is_one_sentence(s3: str) -> None:
    with pytest.raises(StateError, match="NoSuchBucket") as caught:
        S3Storage(client(s3), "no-such-bucket", "").put("x", b"")
    assert "\n" not in str(caught.value)


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StateError, match="cannot be used") as caught:
        FolderStorage(tmp_path / "file").put("x", b"")
    assert "\n" not in str(caught.value)
