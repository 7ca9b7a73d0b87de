"""Whatever Okta answers, nobody loses anything by it: the read fails, or sets aside what it cannot read."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from sandbox.calls import Reply
from sandbox.okta.tokens import KEY_ID
from sso_sync.core.errors import CredentialsError, SourceError, SsoSyncError
from sso_sync.core.model import AttributeName, Directory
from sso_sync.settings import OktaSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.okta.source import OktaSource, make_source
from sso_sync.sources.tools import Tools
from tests.support.companies import company, person, team
from tests.support.hostile import GARBAGE, as_json, assert_sentence, get, places, put, some, without, wrong_for
from tests.support.live import LiveSandbox

Json = dict[str, Any]
OPERATIONS = ("listUsers", "listGroups", "listGroupUsers")
PEOPLE = [person(1, okta={"profile": {"title": "Engineer", "costCenter": 7}}), person(2)]
COMPANY = company(PEOPLE, [team("a", ["u1", "u2"], description="all")])
ATTRIBUTES: dict[AttributeName, str] = {"title": "profile.title", "cost_center": "profile.costCenter"}
# What Okta leaves out where there is nothing, or what nobody looks at: its absence tells nothing.
SILENT = {"title", "costCenter", "description", "firstName", "lastName"}
Change = Callable[[Reply], Reply]


class Okta:
    """A source whose answers can be spoiled; `sound` are the rows of each operation."""

    def __init__(self, live: LiveSandbox) -> None:
        self._live, self._changes = live, dict[str, Change]()
        self.sound: dict[str, list[Json]] = {}
        live.sandbox.switchboard.spoilers.append(self._spoiled)
        self.whole = self._source(app=False).read()

    def _spoiled(self, _system: str, operation: str, reply: Reply) -> Reply:
        if operation in OPERATIONS and reply.body:
            self.sound.setdefault(operation, next(iter(reply.body.values())))
        return self._changes[operation](reply) if operation in self._changes else reply

    def _source(self, *, app: bool) -> OktaSource:
        okta, groups = self._live.sandbox.okta, SelectionSettings(include=["*"])
        settings = OktaSettings(url=okta.url, groups=groups, attributes=ATTRIBUTES)
        if not app:
            return make_source(settings, {"api_token": okta.api_token}, Tools(), 1)
        settings = msgspec.structs.replace(settings, client_id=okta.app.client_id, key_id=KEY_ID)
        return make_source(settings, {"private_key": okta.app.private_key}, Tools(), 1)

    def read(self, operation: str, raw: bytes, status: int = 0) -> Directory | SsoSyncError:
        """Read with other bytes as every answer of an operation."""
        self._changes = {operation: lambda r: replace(r, raw=raw, headers={}, status=status or r.status)}
        try:
            return self._source(app=operation == "token").read()
        except (SourceError, CredentialsError) as exc:
            assert_sentence(exc)
            return exc
        finally:
            self._changes = {}

    def loses_nobody(self, content: Directory | SsoSyncError) -> bool:
        """Tell whether everybody and every membership is still there, or known to be unreadable."""
        if isinstance(content, SsoSyncError):
            return True
        aside = {one.source_id: one.groups for one in content.set_aside}
        if not self.whole.groups.keys() <= content.groups.keys() | aside.keys():
            return False
        return all(
            user_id in content.members.get(group_id, ()) or group_id in aside or group_id in aside.get(user_id, ())
            for group_id, members in self.whole.members.items()
            for user_id in members
        )


@pytest.fixture(scope="module")
def okta(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Okta]:
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("okta")) as live:
        yield Okta(live)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_field_of_another_type_sets_people_aside_or_ends_the_read(okta: Okta, operation: str) -> None:
    rows = okta.sound[operation]
    for number, place in enumerate(some(places(rows[:1]), 2)):
        wrong = wrong_for(get(rows, place))
        for new in (wrong[number % len(wrong)], None):
            content = okta.read(operation, as_json(put(rows, place, new)))
            assert okta.loses_nobody(content), (operation, place, new)


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_field_that_is_missing_sets_people_aside_or_ends_the_read(okta: Okta, operation: str) -> None:
    rows = okta.sound[operation]
    for place in some(places(rows[-1:]), 2):
        if place and isinstance(place[-1], str) and place[-1] not in SILENT:
            content = okta.read(operation, as_json(without(rows, (len(rows) - 1, *place[1:]))))
            assert okta.loses_nobody(content), (operation, place)


@pytest.mark.parametrize("operation", [*OPERATIONS, "token"])
def test_garbage_is_never_a_directory(okta: Okta, operation: str) -> None:
    for number, new in enumerate(GARBAGE):
        for status in some((0, (400, 401, 403, 500)[number % 4]), 1 if number % 3 == 0 else 2):
            content = okta.read(operation, new, status)
            is_empty = new == b"[]" and status == 0  # nobody is listed: that may be so, and members come whole
            assert isinstance(content, SsoSyncError) or (is_empty and operation != "listGroups"), (operation, new)
