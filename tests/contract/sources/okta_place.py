"""Okta for the contract suite of sources: the stand-in, read by a service app with a stored key."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from sandbox.company import Company
from sandbox.okta.tokens import SCOPES
from sso_sync.settings import OktaSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.okta.source import OktaSource, make_source
from sso_sync.sources.tools import Tools
from tests.contract.sources.place import Json, What
from tests.support.live import LiveSandbox

PAGE = 200  # of each listing, as docs/okta.md has it
OPERATIONS: dict[What, tuple[str, str]] = {
    "sign_in": ("okta_oauth", "token"),
    "people": ("okta", "listUsers"),
    "groups": ("okta", "listGroups"),
    "members": ("okta", "listGroupUsers"),
}


class OktaPlace:
    """See `place.Place`."""

    name = "Okta"
    nests = False
    sizes: tuple[int, ...] = (100, 101, 200, 201)
    beyond = PAGE + 1

    def __init__(self, sandbox: LiveSandbox) -> None:
        self._sandbox, self._okta = sandbox, sandbox.sandbox.okta
        self._key = self._okta.app.private_key

    def load(self, company: Json) -> None:
        self._sandbox.sandbox.switchboard.faults.clear()
        self._okta.app.granted = SCOPES
        self._sandbox.replace(company)

    def source(self, **settings: Any) -> OktaSource:
        defaults = OktaSettings(
            url=self._okta.url,
            groups=SelectionSettings(include=["*"]),
            client_id=self._okta.app.client_id,
            key_id="sandbox-key",
        )
        return make_source(msgspec.structs.replace(defaults, **settings), {"private_key": self._key}, Tools(), 2)

    def fail(self, what: What, kind: str, **more: Any) -> None:
        self._sandbox.fail(*OPERATIONS[what], kind, **more)

    def forbid(self, what: What) -> None:
        if what == "sign_in":
            self._okta.app.granted = frozenset()
        else:
            self.fail(what, "forbidden", times=0)

    def calls(self) -> int:
        return sum(self._sandbox.calls().get("okta", {}).values())

    def fewest(self, company: Json) -> int:
        users = [user for user in company["users"] if not user.get("archived")]  # the listing leaves them out
        groups = len(company["groups"]) + 1  # Everyone is listed, and not read
        return _pages(len(users)) + _pages(groups) + sum(map(_pages, _sizes(company)))


def _sizes(company: Json) -> Iterator[int]:
    """Count the people of each group once it is flattened, as it has to be to be put into Okta."""
    shown, own = Company(company), {user["id"] for user in company["users"]}
    for group in company["groups"]:
        members = shown.members_of(group["id"], derived=True) or []
        everybody = any(member["type"] == "CUSTOMER" for member in members)
        yield len(own) if everybody else len(own & {member["id"] for member in members})


def _pages(rows: int) -> int:
    return max(1, ceil(rows / PAGE))


@contextmanager
def open_okta(folder: Path) -> Iterator[OktaPlace]:
    """Start an Okta organisation without anybody in it."""
    with LiveSandbox({"domain": "example.com", "users": [], "groups": []}, folder) as sandbox:
        yield OktaPlace(sandbox)
