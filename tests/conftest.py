"""What all tests share. No test may reach beyond this machine: an audit hook sees to it."""

import logging
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
from botocore.loaders import create_loader
from cryptography.hazmat.primitives import serialization

from sandbox.directory import load
from sandbox.ministack import Ministack
from tests.support.live import LiveSandbox
from tests.support.loopback import sitecustomize as loopback_guard

Json = dict[str, Any]
DATA = Path(os.environ.get("SSO_SYNC_TEST_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
LONGEST = (  # files, by the seconds that they take
    "test_deployed_runs.py",
    "test_sources.py",
    "test_deployed_directories.py",
    "test_docs_page.py",
    "test_function.py",
    "test_deployment.py",
    "test_doctor.py",
    "test_faults.py",
    "test_sandbox_process.py",
    "test_every_directory.py",
    "test_open_facts.py",
    "test_a_real_organisation.py",
)
assert loopback_guard


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest files: workers share the files, and none must wait for another's last."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONGEST)))


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the developer's own AWS and sso-sync settings out of every test."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "SSO_SYNC_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    monkeypatch.chdir(tmp_path)
    logging.getLogger("sso_sync").setLevel(logging.NOTSET)  # an earlier test's --quiet is not this one's


@pytest.fixture(scope="session", autouse=True)
def _what_stays_the_same_is_read_once() -> Iterator[None]:
    """Share botocore's loader of service models, and private keys: to read one takes 30 ms and more.

    Programs read them when they start; here hundreds start in one process.
    """
    loader, read_key = create_loader(), cache(serialization.load_pem_private_key)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda _path: loader)
        patch.setattr(serialization, "load_pem_private_key", read_key)
        yield


@pytest.fixture(scope="session")
def rust_directory() -> Json:
    """Return a real organisation's structure; it is not part of the project."""
    path = DATA / "directory-rust-lang.json"
    if not path.exists():
        pytest.skip(f"the directory of a real organisation is not there: {path.name} (set SSO_SYNC_TEST_DATA)")
    return load(path)


@pytest.fixture(scope="session")
def local_aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run a local AWS for all tests of this process; each uses names of its own. Returns its address."""
    with Ministack(tmp_path_factory.mktemp("aws") / "ministack") as aws:
        yield aws.url


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Callable[..., LiveSandbox]]:
    """Start stand-ins for a company; they end with the test."""
    running: list[LiveSandbox] = []

    def start(company: Json, **how: Any) -> LiveSandbox:
        sandbox = LiveSandbox(company, tmp_path, **how)
        running.append(sandbox.__enter__())
        return sandbox

    yield start
    for sandbox in running:
        sandbox.__exit__(None, None, None)
