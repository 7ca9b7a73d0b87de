"""One directory: built, looked at by itself, and asked with what it signs in."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress

import msgspec

from sso_sync.bootstrap.doctor.known import Known
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Credential, Finding, Mark, in_a_line
from sso_sync.core.ports import IdentitySource
from sso_sync.settings import SourceSettings
from sso_sync.settings.references import source_path

MakeSource = Callable[[SourceSettings, str, Mapping[str, str]], IdentitySource]


class SourceStep:
    """One source of the config; `make` builds it from its settings, its path, and the texts of secrets.

    `credentials` are with what it signs in, once it was looked at to the end.
    """

    def __init__(self, known: Known, make: MakeSource, number: int, settings: SourceSettings) -> None:
        self._known, self._make, self._settings = known, make, settings
        self._path = f"{source_path(number)}."
        self.credentials: Sequence[Credential] = ()
        self.name = settings.label

    def examine(self) -> Iterator[Finding]:
        """Yield what the source finds of itself, or why it cannot be built."""
        unread = [
            what for setting, _, what in self._settings.secrets() if self._path + setting not in self._known.texts
        ]
        if unread:
            said = f"It was not looked at, because {' and '.join(unread)} cannot be read (see Secrets)."
            yield Finding(f"{self.name}: sign-in", Mark.NOTE, said)
            return
        try:
            source = self._make(self._settings, self._path, self._known.texts)
        except SsoSyncError as exc:
            yield Finding(f"{self.name}: sign-in", Mark.PROBLEM, in_a_line(exc))
            return
        for finding in source.examine():
            yield self._named(finding)
        with suppress(SsoSyncError):  # what was found has said why
            self.credentials = source.credentials()  # here, as it may ask the directory, and time is bounded here

    def _named(self, finding: Finding) -> Finding:
        """Put the source's own name before what was looked at: there may be two of one type."""
        begins = f"{self.name}: "
        what = finding.subject.removeprefix(begins).removeprefix(f"{self._settings.LABEL}: ")
        return msgspec.structs.replace(finding, subject=f"{begins}{what}")
