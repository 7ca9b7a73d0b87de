"""What was read in GroupSync and coto of the filters of identity-sync, and what sso-sync does in its place."""

from collections.abc import Callable

import pytest
import requests

from tests.support.ad_sync import DOMAIN, Sync, a_company
from tests.support.live import LiveSandbox


@pytest.fixture
def begin(
    live: Callable[..., LiveSandbox], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Sync]:
    return lambda *groups: Sync(live(a_company(groups)), monkeypatch, capsys)


def test_tokens_of_pages_are_sent_back_as_they_came_whatever_is_in_them(begin: Callable[..., Sync]) -> None:
    """GroupSync, tokens of pages in addresses: what has to be encoded in them is not, so that page two fails."""
    sync = begin("aws-last")
    sync.start()
    for number in range(250):
        sync.profile.put_filter("GROUP", f"other-{number}", DOMAIN)
    sync.profile.put_filter("GROUP", "aws-last", DOMAIN)
    sync.configure(["aws-last"])
    assert sync.apply() == 0
    assert "aws-last is managed from now on" in sync.said, "it is on the third page"
    assert sync.calls() == {"ListSyncFilters": 4}


def test_nothing_goes_through_the_console(begin: Callable[..., Sync]) -> None:
    """coto, the console's own API: a session and a CSRF token of the console are imitated, and break with it."""
    sync = begin("aws")
    asked: list[str] = []
    sync.live.sandbox.switchboard.witnesses.append(lambda system, *_: asked.append(system))
    assert sync.apply() == 0
    assert set(asked) == {"identity_sync", "sso_admin"}, "with IAM's signature alone"
    unsigned = requests.get(f"{sync.live.url}/identity-sync/v0/profiles/x", timeout=5)
    assert unsigned.headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"


def test_only_what_it_has_created_goes_with_a_stack(begin: Callable[..., Sync]) -> None:
    """GroupSync, what is not in the config: filters that somebody made by hand are deleted with the next change."""
    sync = begin("aws-a", "aws-b", "by-hand")
    sync.start()
    sync.profile.put_filter("GROUP", "by-hand", DOMAIN)
    sync.configure(["aws-a", "aws-b"])
    assert sync.apply() == 0
    sync.configure(["aws-b"])
    assert sync.apply() == 0
    assert sync.filters() == {"aws-b", "by-hand"}
