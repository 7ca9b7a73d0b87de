"""Two directories in memory and one store, for tests of several sources in one run."""

from collections.abc import Mapping, Sequence

from sso_sync.core.errors import SsoSyncError
from sso_sync.core.joining import MergeKey
from sso_sync.core.model import Directory, Group, User
from sso_sync.core.policy import Policy
from sso_sync.core.report import RunReport
from sso_sync.core.rules import Rules
from sso_sync.engine.drafting import Draft
from sso_sync.engine.run import Review, Run
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

DEVS, OKTA = group("devs"), group("okta-team")


class Named(MemorySource):
    def __init__(self, name: str, content: Directory | SsoSyncError) -> None:
        super().__init__(content)
        self.name = name


class World:
    """A Google Workspace and an Okta, both in memory, and one store."""

    def __init__(self, merge_by: MergeKey | None = None, **rules: object) -> None:
        self.google, self.okta = Named("Google", directory([], {})), Named("Okta", directory([], {}))
        self.target, self.state, self.merge_by = MemoryTarget(), MemoryState(), merge_by
        self.policy = Policy(rules=Rules(**rules))  # type: ignore[arg-type] # names of its fields
        self.reports: list[RunReport] = []

    name = "the test"

    def report(self, report: RunReport) -> None:
        self.reports.append(report)

    def run(self, *sources: MemorySource) -> RunReport:
        """Run with both, or with the sources that are given."""
        self._made(*sources).execute("test", Review())
        return self.reports[-1]

    def drafted(self) -> Draft:
        """Plan, and write nothing."""
        return self._made().draft()

    def _made(self, *sources: MemorySource) -> Run:
        return Run(
            sources or [self.google, self.okta],
            self.target,
            self.state,
            self.policy,
            merge_by=self.merge_by,
            reporters=lambda: [self],
        )

    @property
    def held(self) -> Mapping[str, set[str]]:
        return self.target.named_members()

    @property
    def names(self) -> set[str]:
        return {record.user_name for record in self.target.users.values()}

    def id_of(self, name: str) -> str:
        """Return the AWS id of a person."""
        (aws_id,) = [one.id for one in self.target.users.values() if one.user_name.startswith(f"{name}@")]
        return aws_id


def okta_user(name: str, **changed: object) -> User:
    """Make the user of a person in Okta: another id, the same name and address."""
    return user(name, id=f"00u{name}", external_id=f"00u{name}", **changed)


def of(people: Sequence[User], groups: Mapping[Group, Sequence[User]]) -> Directory:
    return directory(people, {team: [person.id for person in members] for team, members in groups.items()})


def loaded(merge_by: MergeKey | None = "email") -> World:
    """Make a world with Ann in both, Bob in Google and Cy in Okta alone, synced once."""
    world = World(merge_by)
    ann, bob, cy = user("ann"), user("bob"), okta_user("cy")
    world.google.content = of([ann, bob], {DEVS: [ann, bob]})
    world.okta.content = of([okta_user("ann"), cy], {OKTA: [okta_user("ann"), cy]})
    world.run()
    return world
