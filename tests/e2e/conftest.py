"""A real browser, where there is one."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from sandbox.demo.pictures import CHROMIUM


@pytest.fixture
def browser() -> Iterator[Browser]:
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
