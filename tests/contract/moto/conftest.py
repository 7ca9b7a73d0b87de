"""One pair of sides for all tests of a module: each test asks for empty stores."""

from collections.abc import Iterator

import pytest

from tests.contract.moto.pair import Pair, running_pair


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    with running_pair(tmp_path_factory.mktemp("pair")) as both:
        yield both
