"""A SCIM token that is replaced in mid-run is fetched once more; one that is not ends the run in a sentence."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from sso_sync.core.errors import CredentialsError
from sso_sync.core.ports import Target
from sso_sync.targets.scim_token import Token
from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.memory import user
from tests.support.targets import make_target


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox], monkeypatch: pytest.MonkeyPatch) -> LiveSandbox:
    started = live(company([], []))
    for name, value in started.environment(scim=True).items():
        monkeypatch.setenv(name, value)
    return started


class Secret:
    """A secret that holds one text after the other, and how often it was read."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts, self.reads = list(texts), 0

    def read(self) -> str:
        self.reads += 1
        text = self.texts.pop(0) if len(self.texts) > 1 else self.texts[0]
        if not text:
            raise CredentialsError("Cannot read the SCIM token.")
        return text


def target_with(sandbox: LiveSandbox, token: str, secret: Secret) -> Target:
    return make_target(sandbox, scim=True, token=token, fetch_token=secret.read)


def test_a_new_token_is_fetched_and_the_run_goes_on(sandbox: LiveSandbox) -> None:
    secret = Secret([sandbox.sandbox.scim_token])
    target = target_with(sandbox, "expired", secret)
    sandbox.calls()
    user_id = target.create_user(user("ann"))
    target.delete_user(user_id)
    assert secret.reads == 1
    assert target.read().users == {}


def test_ten_threads_that_are_refused_fetch_once(sandbox: LiveSandbox) -> None:
    secret = Secret([sandbox.sandbox.scim_token])
    target = target_with(sandbox, sandbox.sandbox.scim_token, secret)
    target.create_user(user("first"))
    sandbox.fail("scim", "CreateUser", "unauthorized", times=0)
    barrier = Barrier(10)

    def create(number: int) -> str:
        barrier.wait(5)
        try:
            return target.create_user(user(f"u{number}"))
        except CredentialsError as exc:
            return str(exc)

    with ThreadPoolExecutor(10) as pool:
        said = list(pool.map(create, range(10)))
    assert all("refused the token" in sentence for sentence in said)
    assert secret.reads == 1


def test_ten_threads_go_on_with_the_token_that_one_of_them_fetched(sandbox: LiveSandbox) -> None:
    secret = Secret([sandbox.sandbox.scim_token])
    target = target_with(sandbox, "expired", secret)
    with ThreadPoolExecutor(10) as pool:
        ids = list(pool.map(lambda number: target.create_user(user(f"u{number}")), range(10)))
    assert len(set(ids)) == 10
    assert secret.reads == 1


@pytest.mark.parametrize("now", ["expired", ""], ids=["unchanged", "unreadable"])
def test_a_refused_token_that_nobody_replaced_is_said_as_such(sandbox: LiveSandbox, now: str) -> None:
    secret = Secret([now])
    with pytest.raises(CredentialsError, match="refused the token"):
        target_with(sandbox, "expired", secret).create_user(user("ann"))
    assert secret.reads == 1


def test_a_new_token_that_is_refused_as_well_is_said_as_such(sandbox: LiveSandbox) -> None:
    secret = Secret(["expired-too"])
    sandbox.calls()
    with pytest.raises(CredentialsError, match="refused the token"):
        target_with(sandbox, "expired", secret).create_user(user("ann"))
    assert secret.reads == 1
    assert sandbox.calls()["scim"] == {"CreateUser": 2}


def test_what_is_no_token_is_refused_whenever_it_comes(sandbox: LiveSandbox) -> None:
    with pytest.raises(CredentialsError, match="blanks"):
        Token("two words")
    with pytest.raises(CredentialsError, match="blanks"):
        target_with(sandbox, "expired", Secret(["two words"])).create_user(user("ann"))
