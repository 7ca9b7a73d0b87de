"""A real browser, where there is one, and a stage to deploy on."""

import json
import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from sandbox.demo.pictures import CHROMIUM
from sandbox.demo.stage import Stage
from tests.support.places import COMPANY, Place


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Run the machine's Chromium; TESTS_NEED_CHROMIUM=1 makes its absence a failure instead of a skip."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        if os.environ.get("TESTS_NEED_CHROMIUM"):
            pytest.fail("no Chromium on this machine, and TESTS_NEED_CHROMIUM is set")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def browser(chromium: Browser) -> Iterator[Browser]:
    """Return a browser without any window, and close those that were opened in it."""
    yield chromium
    for context in chromium.contexts:
        context.close()


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder = tmp_path_factory.mktemp("stage")
    (folder / "company.json").write_text(json.dumps(COMPANY))
    with Stage(folder, str(folder / "company.json")) as stage:
        Place(stage, folder / "bootstrap", "").cloud.bootstrap()
        yield stage
