"""Answers of Google with something wrong in them: people set aside or one error, and nobody leaves because of it."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import strategies as st

from sso_sync.core.changes import DeleteGroup, DeleteMembership, DeleteUser, UpdateUser
from sso_sync.core.errors import CredentialsError, SourceError, SsoSyncError
from sso_sync.core.limits import Limits
from sso_sync.core.model import Directory
from sso_sync.core.policy import Policy
from sso_sync.core.rules import Rules
from sso_sync.engine.run import Review, Run
from sso_sync.settings import GoogleWorkspaceSettings
from sso_sync.settings.directories.common import SelectionSettings
from sso_sync.sources.google_workspace.retries import Pauses
from sso_sync.sources.google_workspace.sign_in import stored
from sso_sync.sources.google_workspace.source import GoogleWorkspaceSource
from tests.support.companies import company, person, team
from tests.support.google_source import google_api
from tests.support.hostile import (
    GARBAGE,
    TEXTS,
    assert_sentence,
    explore,
    get,
    kind_of,
    places,
    some,
    texts,
    values,
    wrong_for,
)
from tests.support.live import LiveSandbox
from tests.support.memory import MemorySource, MemoryState, MemoryTarget
from tests.support.spoiled import MISSING, Damage, Spoiler, sound, spoiling

GONE = (DeleteUser, DeleteGroup, DeleteMembership)
RICH = {
    "customSchemas": {"AWS": {"access": "true", "roles": [{"value": "a"}, {"value": "b"}]}},
    "orgUnitPath": "/Sales",
    "google": {"organizations": [{"title": "Chief", "primary": True}], "phones": [{"value": "1", "type": "work"}]},
}
COMPANY = company(
    [person(1, **RICH), person(2), person(3, suspended=True), person(4)],
    [team("aws-a", ["u1", "u2", "u3"], ["g-b"]), team("b", ["u4"]), team("aws-c", ["u1", "u2", "u4"])],
)
COMPANY["groups"][0]["members"].append({"type": "USER", "id": "x1", "email": "guest@partner.example"})
SETTINGS = GoogleWorkspaceSettings(
    admin="admin@example.com",
    credentials="unused",
    groups=SelectionSettings(include=["name:aws-*"]),
    attributes={"title": "organizations[?primary].title | [0]", "phone_number": "phones[0].value", "region": "name"},
)
NARROW = msgspec.structs.replace(
    SETTINGS,
    users=SelectionSettings(include=["email:p*", "org_unit:/Sales"], exclude=["name=Nobody", "custom.AWS.access=no"]),
    group_name="email",
)

ERRORS = [
    *(b'{"error": %s}' % part for part in (b"1", b"[]", b'"x"', b"{}", b'{"message": 5}', b'{"message": {}}')),
    b'{"error": {"message": "a\\nb\\u202e", "errors": "x"}}',
    b'{"error": {"errors": [1]}}',
    b'{"error": {"message": "x", "details": 5}}',
]

BAD_TOKENS: list[Any] = ["again", "", None, 5, ["x"], {}, "\ud800", "\n", "x" * 5000]


class Google:
    """A source whose answers can be spoiled."""

    def __init__(self, live: LiveSandbox, spoiler: Spoiler, settings: GoogleWorkspaceSettings) -> None:
        self.spoiler = spoiler
        self._settings = msgspec.structs.replace(settings, admin=live.sandbox.admin, root_url=f"{live.url}/google/")
        self._sign_in = stored(live.key, self._settings.admin)
        pauses = Pauses(first=0.001, longest=0.001, in_all=0.005)
        self._api = google_api(self._settings, self._sign_in, pauses=pauses)
        self._source = self._new()
        self.sound = sound(self.read_whole, spoiler)
        self.whole = self.read_whole()

    def read_whole(self) -> Directory:
        self.spoiler.damage = None
        return self._source.read()

    def _new(self) -> GoogleWorkspaceSource:
        return GoogleWorkspaceSource(self._settings, self._api, self._sign_in)

    def read(self, damage: Damage) -> Directory | SsoSyncError:
        """Read with spoiled answers; anything but a directory or an error of a source is let through."""
        # The domains are read once by a source, with a client that takes longer to make than all the rest.
        source = self._new() if damage.operation in {"domains.list", "token"} else self._source
        self.spoiler.damage = damage
        try:
            return source.read()
        except (SourceError, CredentialsError) as exc:
            assert_sentence(exc)
            return exc
        finally:
            self.spoiler.damage = None


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(COMPANY, tmp_path_factory.mktemp("google")) as running:
        yield running


@pytest.fixture(scope="module", params=["by groups", "narrowed down"])
def google(live: LiveSandbox, request: pytest.FixtureRequest) -> Iterator[Google]:
    with spoiling(live) as spoiler:
        yield Google(live, spoiler, SETTINGS if request.param == "by groups" else NARROW)


def losses(google: Google, content: Directory | SsoSyncError) -> list[Any]:
    """Sync the sound directory, then run with the spoiled one; return what was taken from anybody."""
    target, state = MemoryTarget(unwritable={"description"}), MemoryState()
    policy = Policy(rules=Rules(leavers="deactivate"), limits=Limits())
    Run([MemorySource(google.whole)], target, state, policy).execute("test", Review())
    target.calls.clear()
    before = deepcopy((target.users, target.members))
    run = Run([MemorySource(content)], target, state, policy)
    try:
        outcomes = run.execute("test", Review())
    except SsoSyncError as exc:
        assert_sentence(exc)
        assert not target.calls
        assert (target.users, target.members) == before
        return []
    assert all(isinstance(msgspec.json.decode(record), dict) for record in state.records.values())
    off = [o.change for o in outcomes if isinstance(o.change, UpdateUser) and not o.change.after.active]
    return [o.change for o in outcomes if isinstance(o.change, GONE)] + off


def operations(google: Google) -> list[tuple[str, Any]]:
    wanted = ("users.list", "groups.list", "members.list", "domains.list", "users.get")
    found = {name.split()[1]: body for name, body in google.sound.items() if name.startswith("google ")}
    return [(name, found[name]) for name in wanted if name in found]


def test_every_field_of_another_type_sets_people_aside_or_ends_the_read(google: Google) -> None:
    tried = 0
    for operation, body in operations(google):
        for number, place in enumerate(some(places(body), 3)):
            wrong = wrong_for(get(body, place))
            for new in (wrong[number % len(wrong)], None):
                tried += 1
                damage = Damage(operation, place, new)
                assert not losses(google, google.read(damage)), (damage, "took something from somebody")
    print(f"Google, every field of another type: {tried} inputs")  # noqa: T201 # shown with -rP
    assert tried > 40


def test_every_field_that_is_missing_sets_people_aside_or_ends_the_read(google: Google) -> None:
    # What Google leaves out of every answer where there is nothing: its absence tells nothing.
    silent = {"members", "customSchemas", "access", "orgUnitPath", "nextPageToken"}
    for operation, body in operations(google):
        for place in some(places(body), 2):
            if place and isinstance(place[-1], str) and place[-1] not in silent:
                damage = Damage(operation, place, MISSING)
                assert not losses(google, google.read(damage)), damage


def test_any_damage_is_a_directory_or_an_error_of_the_source(google: Google) -> None:
    names = st.sampled_from([name for name, _ in operations(google)])

    def read(operation: str, at: int, new: Any) -> None:
        content = google.read(Damage(operation, at, new))
        if isinstance(content, Directory):
            msgspec.json.encode((content.users, content.groups, content.left_out, content.set_aside, content.warnings))

    explore("Google, any damage", read, 30, names, st.integers(0, 200), values | texts | st.just(MISSING))


@pytest.mark.parametrize("status", [0, 400, 401, 403, 404, 429, 500])
def test_garbage_is_never_a_directory(google: Google, status: int) -> None:
    names = [("google", name) for name, _ in operations(google)] + [("google", "batch"), ("google_oauth", "token")]
    for number, (system, operation) in enumerate(names):
        for new in some([*GARBAGE, *ERRORS] if number < 2 or status == 0 else ERRORS, 4):
            google.spoiler.struck = 0
            content = google.read(Damage(operation, 0, new, system, status))
            if not google.spoiler.struck or operation == "domains.list":
                continue  # tokens are kept, and without domains externals are told by their status
            harmless = status == 0 and isinstance(content, Directory)
            assert isinstance(content, SsoSyncError) or (harmless and not losses(google, content)), (operation, new)


def test_hostile_text_in_every_field_is_read_or_refused(google: Google) -> None:
    tried = 0
    for operation, body in operations(google):
        found = [place for place in places(body) if kind_of(get(body, place)) == "text"]
        for number, place in enumerate(some(found, 4)):
            for text in (TEXTS[(number * 3 + n) % len(TEXTS)] for n in range(3)):
                tried += 1
                content = google.read(Damage(operation, place, text))
                losses(google, content)
    print(f"Google, hostile text in every field: {tried} inputs")  # noqa: T201 # shown with -rP
    assert tried > 25


def test_a_page_token_that_comes_again_ends_the_read(google: Google) -> None:
    for operation in ("users.list", "groups.list", "members.list"):
        body = dict(operations(google))[operation]
        for token in BAD_TOKENS:
            google.spoiler.damage = None
            raw = (
                msgspec.json.encode(body | {"nextPageToken": token})
                if token != "\ud800"
                else b'{"nextPageToken": "\\ud800"}'
            )
            content = google.read(Damage(operation, 0, raw))
            assert isinstance(content, SourceError) or token == "", (operation, token)


def test_thousands_of_members_and_huge_names_are_read(google: Google) -> None:
    rows = [{"id": f"x{n}", "email": f"x{n}@partner.example", "type": "USER"} for n in range(3000)]
    assert isinstance(google.read(Damage("members.list", ("members",), rows)), Directory)
    content = google.read(Damage("users.list", ("users", 0, "name", "fullName"), "x" * 1_000_000))
    assert isinstance(content, Directory)
    assert "u1" in {record.source_id for record in content.set_aside} or "narrow" in str(google)
