"""What all stories share."""

from collections.abc import Callable
from typing import Protocol

import pytest

from tests.stories.scene import Json, Scene, config
from tests.support.live import LiveSandbox


class Begin(Protocol):
    """Begins a story with a company; by SCIM unless it is said otherwise."""

    def __call__(self, data: Json, *, scim: bool = True, text: str = config()) -> Scene: ...


@pytest.fixture
def begin(
    live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Begin:
    def start(data: Json, *, scim: bool = True, text: str = config()) -> Scene:
        return Scene(live(data), monkeypatch, capsys, scim=scim, text=text)

    return start
