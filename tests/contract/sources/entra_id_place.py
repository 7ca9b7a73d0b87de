"""Microsoft Entra ID for the contract suite of sources: the stand-in, read with a client secret."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from sandbox.entra_id.company import EntraCompany
from sandbox.entra_id.registration import ROLES
from sso_sync.http.patience import Patience
from sso_sync.settings import EntraIdSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.entra_id.source import EntraIdSource, make_source
from sso_sync.sources.tools import Tools
from tests.contract.sources.place import Json, What
from tests.support.live import LiveSandbox

PAGE, BATCH = 999, 20  # of each listing, and of requests in one call, as docs/entra-id.md has it
PATIENCE = 1.5  # seconds: Graph's Retry-After is one second here
OPERATIONS: dict[What, tuple[str, str]] = {
    "sign_in": ("entra_login", "token"),
    "people": ("entra", "users.list"),
    "groups": ("entra", "groups.list"),
    "members": ("entra", "members.list"),
}
PERMISSIONS: dict[What, str] = {
    "people": "User.Read.All",
    "groups": "GroupMember.Read.All",
    "members": "Member.Read.Hidden",
}


class EntraIdPlace:
    """See `place.Place`."""

    name = "Microsoft Entra ID"
    nests = True
    sizes: tuple[int, ...] = (998, 999, 1000)
    beyond = PAGE + 1

    def __init__(self, sandbox: LiveSandbox) -> None:
        self._sandbox, self._entra = sandbox, sandbox.sandbox.entra
        self._secret = self._entra.app.secrets[0].text

    def load(self, company: Json) -> None:
        self._sandbox.sandbox.switchboard.faults.clear()
        self._entra.app.roles = set(ROLES)
        self._entra.app.disabled = False
        self._sandbox.replace(company)

    def source(self, **settings: Any) -> EntraIdSource:
        return entra_source(self._sandbox, secret=self._secret, **settings)

    def fail(self, what: What, kind: str, **more: Any) -> None:
        self._sandbox.fail(*OPERATIONS[what], kind, **more)

    def forbid(self, what: What) -> None:
        if what == "sign_in":
            self._entra.app.disabled = True
        elif what == "members":
            raise NotImplementedError  # who may list groups may list their members
        else:
            self._entra.app.roles.discard(PERMISSIONS[what])

    def calls(self) -> int:
        return sum(self._sandbox.calls().get("entra", {}).values())

    def fewest(self, company: Json) -> int:
        """Count pages of users and groups side by side, and of the members of twenty groups in one call."""
        shown = EntraCompany(company)
        waiting = [_pages(len(members)) for members in shown.members.values()]
        calls = max(_pages(len(shown.users)), _pages(len(shown.groups)))
        while waiting:
            calls += ceil(len(waiting) / BATCH)
            waiting = [pages - 1 for pages in waiting if pages > 1]
        return calls


def _pages(rows: int) -> int:
    return max(1, ceil(rows / PAGE))


def entra_source(sandbox: LiveSandbox, secret: str = "", tools: Tools | None = None, **settings: Any) -> EntraIdSource:
    """Make the source on every group, with retries that do not wait long."""
    entra = sandbox.sandbox.entra
    defaults = EntraIdSettings(
        tenant=entra.tenant_id,
        client_id=entra.app.client_id,
        client_secret="unused",
        groups=SelectionSettings(include=["*"]),
        graph_url=entra.graph_url,
        login_url=entra.login_url,
    )
    chosen = msgspec.structs.replace(defaults, **settings)
    key = secret or entra.app.secrets[0].text
    tools = tools or Tools(patience=Patience(PATIENCE))
    return make_source(chosen, {"client_secret": key, "certificate": key}, tools, attempts=2)


@contextmanager
def open_entra_id(folder: Path) -> Iterator[EntraIdPlace]:
    """Start a tenant without anybody in it."""
    with LiveSandbox({"domain": "example.com", "users": [], "groups": []}, folder) as sandbox:
        yield EntraIdPlace(sandbox)
