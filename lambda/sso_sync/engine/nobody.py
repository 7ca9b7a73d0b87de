"""The source of a deployment that is being removed: a directory in which nobody is wanted."""

from collections.abc import Iterator, Sequence

from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory


class Nobody:
    """Reads as empty; see `core.ports.IdentitySource`. Never to be run under limits, which would refuse it."""

    name = "nobody (the deployment is being removed)"

    def read(self) -> Directory:
        return Directory.of([], [], {})

    def credentials(self) -> Sequence[Credential]:
        return ()

    def examine(self) -> Iterator[Finding]:
        yield from ()
