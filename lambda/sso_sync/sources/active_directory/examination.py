"""What doctor looks at: every controller and its certificate, the account, and whether a read would be complete."""

import ssl
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from sso_sync.core.errors import CredentialsError, SsoSyncError
from sso_sync.core.findings import Finding, Mark
from sso_sync.core.selection import Selection
from sso_sync.core.wording import counted
from sso_sync.settings import ActiveDirectorySettings
from sso_sync.sources.active_directory.controller import BindAccount, Controller
from sso_sync.sources.active_directory.entries import Entry
from sso_sync.sources.active_directory.reading import Reading
from sso_sync.sources.active_directory.sign_in import credential, find_account

SOON = 30  # days
DELEGATE = (
    "In Active Directory Users and Computers, right-click the organisational unit, Delegate Control…, add the account, "
    "Create a custom task"
)


class Examination:
    """Looks at one domain without writing; each step catches what it meets. `seen` is the account that signed in."""

    def __init__(
        self,
        settings: ActiveDirectorySettings,
        account: BindAccount,
        selection: Selection,
        controllers: Sequence[Controller],
    ) -> None:
        self._settings, self._account, self._selection = settings, account, selection
        self._controllers = controllers
        self.seen: Entry | None = None

    def findings(self) -> Iterator[Finding]:
        """Look at every controller; the first that lets the account in is read as a run would."""
        was_read = False
        for controller in self._controllers:
            subject = f"{self._settings.label}: {controller.host}"
            try:
                controller.connect()
                yield self._certificate(subject, controller)
                controller.bind()
                yield Finding(f"{subject}: sign in", Mark.GOOD, f"{self._account.user} may sign in.")
                if not was_read:
                    was_read = True
                    yield from self._read(subject, controller)
            except CredentialsError as exc:
                yield Finding(f"{subject}: sign in", Mark.PROBLEM, str(exc), "Correct the account or its password.")
                return  # the same on every other, and each try may help to lock the account
            except SsoSyncError as exc:
                remedy = "Let the subnets reach port 636 of it, and see that its name, certificate and CA are right."
                yield Finding(f"{subject}: reach it", Mark.PROBLEM, str(exc), remedy)
            finally:
                controller.close()

    def _certificate(self, subject: str, controller: Controller) -> Finding:
        certificate = controller.tls.certificate
        end = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
        issuer = dict(pair for part in certificate["issuer"] for pair in part)
        by = issuer.get("commonName") or issuer.get("organizationName") or "a CA without a name"
        days = (end - datetime.now(UTC)).days
        said = f"Its certificate is valid until {end:%Y-%m-%d} and was issued by {by}."
        if days < SOON:
            return Finding(f"{subject}: certificate", Mark.WARNING, said, "Renew it on the domain controller.")
        return Finding(f"{subject}: certificate", Mark.GOOD, said)

    def _read(self, subject: str, controller: Controller) -> Iterator[Finding]:
        reading = Reading(controller, self._settings, self._selection)
        try:
            reading.begin()
            yield Finding(f"{subject}: domain", Mark.GOOD, f"It serves {reading.domain}, where the bases are.")
            yield self._expiry(subject, controller, reading.domain)
            yield self._groups(subject, reading)
            yield self._users(subject, reading)
            listing = reading.listing()
        except SsoSyncError as exc:
            yield Finding(f"{subject}: read", Mark.PROBLEM, str(exc), f"{DELEGATE}; grant what is named.")
            return
        wanted = sum(group.verdict.selected for group in listing.groups.values())
        for warning in reading.warnings:
            yield Finding(f"{subject}: members", Mark.NOTE, f"{warning}.")
        yield Finding(
            f"{subject}: members", Mark.GOOD, f"Groups and members agree in {counted(wanted, 'selected group')}."
        )

    def _expiry(self, subject: str, controller: Controller, domain: str) -> Finding:
        self.seen = find_account(controller, self._account, domain)
        known = credential(self._account, self.seen)
        if known.expires is None:
            return Finding(f"{subject}: account", Mark.NOTE, f"{self._account.user} has no date on which it ends.")
        days = (known.expires - datetime.now(UTC)).days
        said = f"{self._account.user}, or its password, ends on {known.expires:%Y-%m-%d}."
        if days < SOON:
            return Finding(f"{subject}: account", Mark.WARNING, said, f"{known.renewal[0].upper()}{known.renewal[1:]}.")
        return Finding(f"{subject}: account", Mark.GOOD, said)

    @staticmethod
    def _groups(subject: str, reading: Reading) -> Finding:
        groups = reading.groups()
        said = f"{counted(len(groups), 'group')} below {reading.group_base}."
        if groups and any(entry.values.get("member") or entry.more for entry in groups.values()):
            return Finding(f"{subject}: list groups", Mark.GOOD, said)
        return Finding(
            f"{subject}: list groups",
            Mark.WARNING,
            f"{said} None has a member that the account may see.",
            f"{DELEGATE}: Group objects, 'Read all properties'. Or correct 'base' or 'group_base'.",
        )

    @staticmethod
    def _users(subject: str, reading: Reading) -> Finding:
        accounts = reading.accounts()
        hidden = [account for account in accounts.values() if account.hidden]
        said = f"{counted(len(accounts), 'user')} below {reading.user_base}."
        if not accounts:
            remedy = f"{DELEGATE}: User objects, 'Read all properties'. Or correct 'base' or 'user_base'."
            return Finding(f"{subject}: list users", Mark.WARNING, said, remedy)
        if hidden:
            return Finding(
                f"{subject}: list users",
                Mark.PROBLEM,
                f"{said} The {hidden[0].hidden} of {counted(len(hidden), 'user')} cannot be read, such as "
                f"{hidden[0].name.dn}.",
                f"{DELEGATE}: User objects, 'Read Account Restrictions'; for administrators, whose rights do not come "
                "from their unit, grant it on CN=AdminSDHolder,CN=System.",
            )
        return Finding(f"{subject}: list users", Mark.GOOD, said)
