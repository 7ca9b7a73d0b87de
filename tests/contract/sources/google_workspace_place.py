"""Google Workspace for the contract suite of sources: the stand-in, read by the source as it is built for a run."""

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import Any

import msgspec

from sandbox.google.token import DELEGATED_SCOPES
from sso_sync.core.ports import IdentitySource
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.sign_in import stored
from tests.contract.sources.place import Json, What
from tests.support.google_source import google_source
from tests.support.live import LiveSandbox

USERS_PAGE, GROUPS_PAGE, MEMBERS_PAGE = 500, 200, 200
FEWEST_PARTS, MOST_PARTS, MOST_ROWS = 100, 1000, 20_000  # of a batch, as docs/google-workspace.md has it
OPERATIONS: dict[What, tuple[str, str]] = {
    "sign_in": ("google_oauth", "token"),
    "people": ("google", "users.list"),
    "groups": ("google", "groups.list"),
    "members": ("google", "members.list"),
}


class GoogleWorkspacePlace:
    """See `place.Place`."""

    name = "Google Workspace"
    nests = True
    sizes: tuple[int, ...] = (199, 200, 201, 500, 501)
    beyond = USERS_PAGE + 1

    def __init__(self, sandbox: LiveSandbox) -> None:
        self._sandbox, self._admin = sandbox, sandbox.sandbox.admin

    def load(self, company: Json) -> None:
        self._sandbox.sandbox.switchboard.faults.clear()
        self._sandbox.sandbox.tokens.delegated = DELEGATED_SCOPES
        self._sandbox.replace(company)

    def source(self, **settings: Any) -> IdentitySource:
        defaults = GoogleWorkspaceSettings(
            admin=self._admin, groups=SelectionSettings(include=["*"]), root_url=f"{self._sandbox.url}/google/"
        )
        chosen = msgspec.structs.replace(defaults, **settings)
        sign_in = stored(self._sandbox.key, chosen.admin)
        return google_source(chosen, sign_in)

    def fail(self, what: What, kind: str, **more: Any) -> None:
        self._sandbox.fail(*OPERATIONS[what], kind, **more)

    def forbid(self, what: What) -> None:
        if what == "sign_in":
            self._sandbox.sandbox.tokens.delegated = frozenset()
        else:
            self.fail(what, "forbidden", times=0)

    def calls(self) -> int:
        return sum(self._sandbox.calls().get("google", {}).values())

    def fewest(self, company: Json) -> int:
        users, groups = len(company["users"]), company["groups"]
        return max(1, ceil(users / USERS_PAGE)) + max(1, ceil(len(groups) / GROUPS_PAGE)) + _of_members(company)


def _of_members(company: Json) -> int:
    """Count the batches, page after page of all groups; and the list of domains where members are from outside."""
    counts = [len(group["members"]) for group in company["groups"]]
    batches, page = 0, 0
    while waiting := [count for count in counts if page == 0 or count > page * MEMBERS_PAGE]:
        batches += _batches([min(MEMBERS_PAGE, count) for count in waiting])
        page += 1
    own = {record["id"] for record in (*company["users"], *company["groups"])}
    ids = {m["id"] for g in company["groups"] for m in g["members"] if m["type"] in {"USER", "GROUP"}}
    return batches + bool(ids - own)


def _batches(rows: list[int]) -> int:
    """Count the batches of groups that have so many rows on a page."""
    batches, parts, held = 0, MOST_PARTS, 0
    for more in rows:
        if parts == MOST_PARTS or (parts >= FEWEST_PARTS and held + more > MOST_ROWS):
            batches, parts, held = batches + 1, 0, 0
        parts, held = parts + 1, held + more
    return batches


@contextmanager
def open_google_workspace(folder: Path) -> Iterator[GoogleWorkspacePlace]:
    """Start a Google Workspace without anybody in it."""
    with LiveSandbox({"domain": "example.com", "users": [], "groups": []}, folder) as sandbox:
        yield GoogleWorkspacePlace(sandbox)
