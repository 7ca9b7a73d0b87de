"""The Okta source on a stand-in, as it is built for a run, and ways to change what it is answered."""

from collections.abc import Callable
from typing import Any

import msgspec

from sandbox.calls import Reply
from sandbox.okta.tokens import KEY_ID
from sso_sync.core.model import Directory
from sso_sync.settings import OktaSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.okta.source import OktaSource, make_source
from sso_sync.sources.tools import Tools
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
EVERYTHING = SelectionSettings(include=["*"])


def source(sandbox: LiveSandbox, *, tools: Tools | None = None, attempts: int = 3, **settings: Any) -> OktaSource:
    """Build the source as it is built for a run, with an API token unless a service app is named."""
    okta = sandbox.sandbox.okta
    defaults = OktaSettings(url=okta.url, groups=EVERYTHING)
    secrets = {"api_token": okta.api_token, "private_key": ""}
    if "client_id" in settings:
        secrets["private_key"] = settings.pop("key", None) or okta.app.private_key
    return make_source(msgspec.structs.replace(defaults, **settings), secrets, tools or Tools(), attempts)


def app(sandbox: LiveSandbox) -> Json:
    """Return the settings of the stand-in's service app."""
    return {"client_id": sandbox.sandbox.okta.app.client_id, "key_id": KEY_ID}


def emails(directory: Directory) -> dict[str, set[str]]:
    return {
        group.display_name: {directory.users[user_id].email for user_id in directory.members[group.id]}
        for group in directory.groups.values()
    }


def small() -> Json:
    return company([person(1), person(2)], [team("a", ["u1", "u2"]), team("b", ["u2"])])


def spoil(sandbox: LiveSandbox, operation: str, how: Callable[[Reply], Reply]) -> None:
    """Change every answer of an operation."""
    sandbox.sandbox.switchboard.spoilers.append(lambda _, of, reply: how(reply) if of == operation else reply)
