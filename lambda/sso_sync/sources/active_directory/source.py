"""The source: which of a domain's users and groups are wanted, read from the first controller that can."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar

from sso_sync.core.errors import SourceError
from sso_sync.core.findings import Credential, Finding, Mark
from sso_sync.core.model import Directory
from sso_sync.http.patience import impatient
from sso_sync.settings import ActiveDirectorySettings
from sso_sync.settings.directories.active_directory import GROUP_FIELDS, USER_FIELDS
from sso_sync.sources.active_directory.controller import SYSTEM, BindAccount, Controller, Timing
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.errors import ControllerError
from sso_sync.sources.active_directory.examination import Examination
from sso_sync.sources.active_directory.reading import Reading
from sso_sync.sources.active_directory.sign_in import credential, find_account, parse_account
from sso_sync.sources.listing import Filters, assemble
from sso_sync.sources.tools import Tools

log = logging.getLogger(__name__)
Result = TypeVar("Result")


def make_source(settings: ActiveDirectorySettings, secrets: Mapping[str, str], tools: Tools) -> "ActiveDirectorySource":
    """Make the source from its settings, and the account and the CA where they are kept; raises CredentialsError."""
    account = parse_account(secrets["credentials"])
    return ActiveDirectorySource(settings, account, secrets.get("ca_certificate", settings.ca_certificate), tools)


class ActiveDirectorySource:
    """Reads one domain; see `core.ports.IdentitySource`. Every read has one controller: others may lag behind."""

    def __init__(
        self,
        settings: ActiveDirectorySettings,
        account: BindAccount,
        ca_certificate: str,
        tools: Tools,
        timing: Timing | None = None,
    ) -> None:
        self.settings, self._account, self._ca_certificate = settings, account, ca_certificate
        self._tools, self._timing = tools, timing or Timing()
        self._seen: Entry | None = None
        self._filters = Filters.of(settings, GROUP_FIELDS, USER_FIELDS)

    @property
    def name(self) -> str:
        return self.settings.label

    def read(self) -> Directory:
        return self._on_one(self._read)

    def _read(self, controller: Controller) -> Directory:
        with controller:
            reading = Reading(controller, self.settings, self._filters.groups)
            listing = reading.listing()
            self._seen = find_account(controller, self._account, reading.domain)
        return assemble(listing, self.settings, self._filters, reading.warnings)

    def credentials(self) -> Sequence[Credential]:
        return [credential(self._account, self._seen)]

    def examine(self) -> Iterator[Finding]:
        try:
            controllers = self._controllers()
        except SourceError as exc:
            yield Finding(f"{self.name}: ca_certificate", Mark.PROBLEM, str(exc), "Store the CA's certificate as PEM.")
            return
        examination = Examination(self.settings, self._account, self._filters.groups, controllers)
        yield from examination.findings()
        self._seen = examination.seen or self._seen

    def _controllers(self) -> list[Controller]:
        what = (self._ca_certificate, self._account, self._timing, self._tools.calls)
        return [Controller(server, *what) for server in self.settings.servers]

    def _on_one(self, work: Callable[[Controller], Result]) -> Result:
        """Do work on the first controller that can; on the next it begins anew, so that nothing is mixed.

        A refused password ends it: another try on another controller would help to lock the account.
        """
        failures: list[ControllerError] = []
        for pause in (*self._timing.pauses, None):
            failures = []
            for controller in self._controllers():
                try:
                    return work(controller)
                except ControllerError as exc:
                    log.info("a controller failed", extra={"controller": controller.host, "error": str(exc)})
                    failures.append(exc)
            if pause is None or not any(failure.passing for failure in failures):
                break
            self._wait(pause, failures[0])
        raise _none_left(failures)

    def _wait(self, pause: float, failure: ControllerError) -> None:
        if not self._tools.patience.grant(pause):
            raise SourceError(
                impatient("read Active Directory", self.name, self._tools.patience.minutes, str(failure).rstrip("."))
            ) from failure
        self._tools.calls.pause(SYSTEM, "does not answer", pause)
        time.sleep(pause)


def _none_left(failures: Sequence[ControllerError]) -> SourceError:
    """Return what to raise when no controller could be read: one sentence, or what each of them said."""
    said = list(dict.fromkeys(map(str, failures)))
    made = SourceError(said[0] if len(said) == 1 else f"No domain controller could be read: {' '.join(said)}")
    made.__cause__ = failures[0]
    return made
