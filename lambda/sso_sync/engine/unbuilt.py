"""A source that could not be built, such as with a key that is none: it cannot be read, and others go on."""

from collections.abc import Iterator, Sequence

from sso_sync.core.errors import CredentialsError
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory


class Unbuilt:
    """Raises when it is read what kept it from being built; see `core.ports.IdentitySource`."""

    def __init__(self, name: str, error: CredentialsError) -> None:
        self.name, self._error = name, error

    def read(self) -> Directory:
        raise self._error

    def credentials(self) -> Sequence[Credential]:
        return ()

    def examine(self) -> Iterator[Finding]:
        yield from ()
