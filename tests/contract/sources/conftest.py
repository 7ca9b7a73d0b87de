"""The places that the suite runs against."""

from collections.abc import Iterator

import pytest

from tests.contract.sources.active_directory_place import open_active_directory
from tests.contract.sources.entra_id_place import open_entra_id
from tests.contract.sources.google_workspace_place import open_google_workspace
from tests.contract.sources.okta_place import open_okta
from tests.contract.sources.place import Opens, Place

PLACES: dict[str, Opens] = {
    "google_workspace": open_google_workspace,
    "okta": open_okta,
    "entra_id": open_entra_id,
    "active_directory": open_active_directory,
}


@pytest.fixture(scope="module", params=PLACES)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Open a place for all tests of the module."""
    with PLACES[request.param](tmp_path_factory.mktemp(request.param)) as place:
        yield place


@pytest.fixture
def place(opened: Place) -> Place:
    """Return a place in which nothing fails and nobody is."""
    opened.load({"domain": "example.com", "users": [], "groups": []})
    opened.calls()
    return opened
