"""Answers of Entra and Graph with something wrong in them: people set aside or one error, and nobody is lost."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.entra_id.company import APPLICATION_ID, guid
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.model import Directory
from tests.contract.sources.entra_id_place import entra_source
from tests.support.companies import company, person, team
from tests.support.live import LiveSandbox

Json = dict[str, Any]
GARBAGE: list[Any] = [None, 7, True, "", "../x", "\x00", [], [None], {"a": []}]
MISSING = object()
USERS = [guid(f"u{n}") for n in (1, 2, 3)]
COMPANY = company(
    [person(1, entra={"jobTitle": "Chief"}), person(2), person(3)],
    [team("a", ["u1", "u2"], ["g-b"]), team("b", ["u3"])],
    application=[{"type": "GROUP", "id": "g-b"}, {"type": "USER", "id": "u2"}],
)
EXPECTED = {guid("g-a"): set(USERS), guid("g-b"): {USERS[2]}}
LISTINGS = ("users.list", "groups.list", "members.list", "appRoleAssignedTo.list", "applications.get", "batch.answer")
LOGINS = ("openid-configuration", "token")
Place = tuple[Any, ...]


def places(value: Any, path: Place = ()) -> Iterator[Place]:
    """Find every place in a body, the whole of it too; of several rows the first is enough."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def damaged(body: Any, path: Place, value: Any) -> Any:
    """Put a value at a place of a copy, or take away what is there."""
    if not path:
        return {} if value is MISSING else value
    whole = deepcopy(body)
    inner = whole
    for name in path[:-1]:
        if not _has(inner, name):
            return whole  # this very answer has no such place
        inner = inner[name]
    if not _has(inner, path[-1]):
        return whole
    if value is MISSING:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return whole


def _is_shorter(path: Place, value: Any) -> bool:
    return (path == ("value",) and value == []) or (path == ("value", 0) and value is MISSING)


def _has(inner: Any, name: Any) -> bool:
    return name in inner if isinstance(inner, dict) else bool(inner)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("fuzz")) as live:
        yield live


def bodies(sandbox: LiveSandbox) -> dict[str, Json]:
    """Return the first sound answer of each operation of a read."""
    seen: dict[str, Json] = {}

    def note(_system: str, operation: str, reply: Reply) -> Reply:
        if isinstance(reply.body, dict) and reply.status == 200:
            seen.setdefault(operation, reply.body)
        return reply

    with_spoiler(sandbox, note)
    return seen


def with_spoiler(sandbox: LiveSandbox, spoiler: Callable[[str, str, Reply], Reply]) -> Directory:
    spoilers = sandbox.sandbox.switchboard.spoilers
    spoilers.append(spoiler)
    try:
        return entra_source(sandbox, application=APPLICATION_ID, attributes={"title": "jobTitle"}).read()
    finally:
        spoilers.remove(spoiler)


def assert_nobody_is_lost(read: Directory, what: object) -> None:
    aside = {one.source_id for one in read.set_aside}
    for group_id, members in EXPECTED.items():
        assert group_id in read.groups or group_id in aside, what
        assert members <= read.members.get(group_id, frozenset()) | aside, what


@pytest.mark.parametrize("operation", [*LISTINGS, *LOGINS])
def test_whatever_is_damaged_is_noticed_or_does_not_matter(sandbox: LiveSandbox, operation: str) -> None:
    sound = bodies(sandbox)[operation]
    tried = 0
    sentences: list[str] = []
    for path in places(sound):
        for value in (*GARBAGE, MISSING):
            if (operation == "batch.answer" and "body" in path[:-1]) or _is_shorter(path, value):
                continue  # the listings themselves do that; and nobody can tell that rows are missing, save the limits

            def spoil(_system: str, name: str, reply: Reply, path: Place = path, value: Any = value) -> Reply:
                if name != operation or reply.status != 200:
                    return reply
                return Reply(200, damaged(reply.body, path, value), reply.headers)

            tried += 1
            try:
                read = with_spoiler(sandbox, spoil)
            except SsoSyncError as exc:
                sentences.append(str(exc))
            else:
                assert_nobody_is_lost(read, (path, value))
    assert sentences, operation
    assert all(sentence.endswith(".") for sentence in sentences)
    assert tried > len(sentences) or operation in LOGINS
