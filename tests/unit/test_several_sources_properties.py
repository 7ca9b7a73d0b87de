"""Whatever happens to two directories, nobody loses what one gives while it cannot be read, and all is well after."""

from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from sso_sync.core.errors import SourceError
from sso_sync.core.model import Directory, User
from sso_sync.core.policy import Policy
from sso_sync.core.rules import Rules
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

NAMES = ("ann", "bob", "cy", "dora")
TEAMS = {"Google": ("devs", "ops"), "Okta": ("okta-a", "okta-b")}

# One source: who of NAMES is in which of its two teams; whoever is in none is not there.
Content = Mapping[str, tuple[bool, bool]]
contents = st.fixed_dictionaries({name: st.tuples(st.booleans(), st.booleans()) for name in NAMES})
# What happens between runs: a new content of each source, or None where it cannot be read.
days = st.tuples(st.none() | contents, st.none() | contents)


def record(source: str, name: str) -> User:
    return user(name, id=f"{source}-{name}", external_id=f"{source}-{name}")


def made(source: str, content: Content) -> Directory:
    people = {name: record(source, name) for name, teams in content.items() if any(teams)}
    members = {
        group(team, id=f"{source}-{team}", external_id=f"{source}-{team}"): [
            people[name].id for name, teams in content.items() if teams[number]
        ]
        for number, team in enumerate(TEAMS[source])
    }
    return directory(list(people.values()), members)


class World:
    def __init__(self) -> None:
        self.target, self.state = MemoryTarget(), MemoryState()
        self.known: dict[str, Content] = {}
        self.late: dict[str, set[str]] = {source: set() for source in TEAMS}

    def run(self, google: Content | None, okta: Content | None) -> None:
        today = {"Google": google, "Okta": okta}
        sources = [MemorySource(SourceError("away") if c is None else made(name, c)) for name, c in today.items()]
        for source, name in zip(sources, today, strict=True):
            source.name = name
        run = Run(sources, self.target, self.state, Policy(rules=Rules(), limits=None), merge_by="email")
        try:
            run.execute("test", Review())
        except SourceError:
            return
        for one, other in (("Google", "Okta"), ("Okta", "Google")):
            content = today[one]
            if content is not None and today[other] is None:
                # Who is new here and known there cannot be told to be the same person before both are read.
                self.late[one] |= people(content) - people(self.known.get(one, {})) & people(self.known.get(other, {}))
        if None not in today.values():
            self.late = {source: set() for source in TEAMS}
        self.known |= {name: content for name, content in today.items() if content is not None}

    def of(self, source: str) -> dict[str, set[str]]:
        """Show who is in the groups of one source, by first name."""
        held = self.target.named_members()
        return {team: {name.partition("@")[0] for name in held.get(team, set())} for team in TEAMS[source]}


def wanted(source: str, content: Content) -> dict[str, set[str]]:
    return {
        team: {name for name, teams in content.items() if teams[number]} for number, team in enumerate(TEAMS[source])
    }


def people(content: Content) -> set[str]:
    return {name for name, teams in content.items() if any(teams)}


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.lists(days, min_size=1, max_size=6))
def test_every_directory_is_followed_as_it_was_last_read(history: list[tuple[Content | None, Content | None]]) -> None:
    world = World()
    for google, okta in history:
        ids = {record.user_name: aws_id for aws_id, record in world.target.users.items()}
        today, before = {"Google": google, "Okta": okta}, dict(world.known)
        # A directory that lists nobody any more is not believed, so that such days say nothing here.
        if any(content is not None and not people(content) for content in today.values()):
            continue
        unsure = set().union(*world.late.values())
        world.run(google, okta)
        unsure |= set().union(*world.late.values())
        for source, content in world.known.items():
            for team, names in wanted(source, content).items():
                assert world.of(source)[team] - unsure == names - unsure
        everybody = set().union(*map(people, world.known.values()))
        held = {record.user_name.partition("@")[0] for record in world.target.users.values()}
        assert held - unsure == everybody - unsure
        stayed = {
            n for source, content in world.known.items() for n in people(before.get(source, {})) & people(content)
        }
        for record in world.target.users.values():
            if record.user_name.partition("@")[0] in stayed - unsure:
                assert ids[record.user_name] == record.id, "whoever stays in one of them is the same user"
    world.run(*(world.known.get(source) for source in TEAMS))
    calls = len(world.target.calls)
    world.run(*(world.known.get(source) for source in TEAMS))
    assert len(world.target.calls) == calls, "and then there is nothing to do"
