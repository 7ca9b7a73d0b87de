"""What tests of Entra ID have in common."""

from collections.abc import Callable
from typing import Any

from sandbox.calls import Reply
from sso_sync.core.model import Directory
from tests.support.live import LiveSandbox

Json = dict[str, Any]


def emails(directory: Directory) -> dict[str, set[str]]:
    return {
        group.display_name: {directory.users[user_id].email for user_id in directory.members[group.id]}
        for group in directory.groups.values()
    }


def spoil(sandbox: LiveSandbox, operation: str, how: Callable[[Json], Json]) -> None:
    """Put another body in place of an operation's."""

    def spoiler(system: str, name: str, reply: Reply) -> Reply:
        is_meant = system == "entra" and name == operation and reply.status == 200 and reply.body
        return Reply(200, how(dict(reply.body or {})), reply.headers) if is_meant else reply

    sandbox.sandbox.switchboard.spoilers.append(spoiler)


def rows(change: Callable[[Json], Json]) -> Callable[[Json], Json]:
    """Change every row of a listing."""
    return lambda body: body | {"value": [change(dict(row)) for row in body["value"]]}
