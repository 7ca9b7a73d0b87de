"""The order in which everything is looked at."""

import time
from collections.abc import Callable, Iterator, Sequence

from sso_sync.aws.deployment_examination import examine_deployment
from sso_sync.aws.examination import is_unreachable, who
from sso_sync.bootstrap import credentials
from sso_sync.bootstrap.doctor.center import examine_center
from sso_sync.bootstrap.doctor.conducting import Step, conduct
from sso_sync.bootstrap.doctor.known import NOT_SIGNED_IN, Known, not_looked_at
from sso_sync.bootstrap.doctor.secrets import examine_secrets
from sso_sync.bootstrap.doctor.sources import MakeSource, SourceStep
from sso_sync.bootstrap.doctor.telling import examine_telling
from sso_sync.bootstrap.ground import Ground
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Credential, Finding, Mark, in_a_line
from sso_sync.targets.identity_store_reader import IdentityStoreReader

LONGEST = 60.0  # seconds that somebody waits for all of it
MakeReader = Callable[[str], IdentityStoreReader]


class Examination:
    """Looks at everything, goes on after each problem, and writes nothing.

    `make_reader` builds what reads the store of this id. `findings` comes first: `credentials` are those of
    what it could look at, and asks nobody any more.
    """

    def __init__(self, ground: Ground, make_source: MakeSource, make_reader: MakeReader) -> None:
        self._ground, self._settings, self._make_reader = ground, ground.settings, make_reader
        self._known = Known(ground)
        self._sources = [
            SourceStep(self._known, make_source, number, source) for number, source in enumerate(self._settings.sources)
        ]

    def findings(self, seconds: float = LONGEST) -> Iterator[Finding]:
        """Yield everything that is found, each system after the other, in the same order every time."""
        until = time.monotonic() + seconds
        known = self._known
        yield from conduct([Step("AWS: sign-in", self._sign_in)], until)
        yield from conduct([Step("Deployment: stack", self._deployment)], until)
        yield from conduct([Step("Secrets: all", lambda: examine_secrets(known))], until)
        yield from conduct(
            [
                *(Step(f"{source.name}: everything", source.examine) for source in self._sources),
                Step("Identity Center: everything", lambda: examine_center(known, self._make_reader)),
                Step("Documentation: bucket", lambda: examine_telling(known)),
            ],
            until,
        )

    def credentials(self) -> Sequence[Credential]:
        """List with what is signed in everywhere, as far as it could be built."""
        of_sources = [one for source in self._sources for one in source.credentials]
        own = credentials.of_writing(self._settings, self._ground.secrets)
        return [*of_sources, *own, *credentials.of_teams(self._settings)]

    def _sign_in(self) -> Iterator[Finding]:
        known, subject = self._known, "AWS: sign-in"
        try:
            known.caller = who(self._ground.aws)
        except SsoSyncError as exc:
            # Where only this one service cannot be reached a run may succeed all the same.
            known.signed_in = is_unreachable(exc)
            yield Finding(subject, Mark.WARNING if known.signed_in else Mark.PROBLEM, in_a_line(exc))
        else:
            yield Finding(subject, Mark.GOOD, f"You are {known.caller}.")

    def _deployment(self) -> Iterator[Finding]:
        known, subject = self._known, "Deployment: stack"
        if not self._ground.is_deployed:
            yield Finding(
                subject, Mark.NOTE, "The config has no section 'deployment', so that runs are made from here."
            )
        elif not known.signed_in:
            yield not_looked_at(subject, NOT_SIGNED_IN)
        else:
            deployment = self._ground.deployment
            known.deployed = True
            yield from examine_deployment(self._ground.aws, self._settings, deployment, known.caller)
