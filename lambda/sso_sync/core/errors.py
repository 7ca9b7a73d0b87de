"""Every error that a user can meet, as one tree.

    SsoSyncError                exit code 1 unless said otherwise
    ├── SettingsError           mistakes in the config, all of them at once
    ├── ConfigAltered           the deployed config was changed by hand; exit code 3
    ├── CredentialsError        a credential is missing, malformed or refused
    │   ├── CredentialsAwaited  nobody has stored it yet, so there is nothing to run with
    │   └── PermissionMissing   it may not do what it is to do
    ├── SourceError             the directory could not be read completely
    ├── TargetError             Identity Center could not be read or written at all
    │   └── ChangeError         one change failed; those that do not need it go on
    │       ├── ChangeRefused   the service understood and said no
    │       │   └── ValueRefused  because of a value in it: without that value it may pass
    │       └── ChangeUnknown   no usable answer: it may or may not have happened
    ├── StateError              ledger, lease or run records cannot be used
    │   ├── RunInProgress       another run holds the lease
    │   └── LedgerConflict      the ledger changed since it was loaded
    ├── ReportError             people could not be told about a run; never ends one
    ├── UnknownName             nobody and nothing is called what was asked for
    ├── LimitExceeded           a safety limit forbids the plan; exit code 3
    └── Interrupted             a person or the platform asked to stop

A message is one sentence that names the cause and the next step. Adapters translate vendor
errors into this tree once, with ``raise … from exc``; nothing above them knows a vendor error.
"""

from collections.abc import Sequence

from sso_sync.core.wording import counted, one_line

LONGEST_SENTENCE, LONGEST_MISTAKE = 20_000, 500  # characters
MOST_MISTAKES = 100  # that are shown


class SsoSyncError(Exception):
    """Base of every error that is reported to a user as a sentence.

    Names and vendors' words may be in it, so that it is made one line without anything that cannot be seen.
    """

    exit_code = 1

    def __init__(self, sentence: str = "") -> None:
        super().__init__(one_line(sentence, LONGEST_SENTENCE))


class SettingsError(SsoSyncError):
    """What `where` names, such as the config, has mistakes; `mistakes` holds each as "path: what is wrong"."""

    def __init__(self, where: str, mistakes: Sequence[str]) -> None:
        self.mistakes = tuple(one_line(mistake, LONGEST_MISTAKE) for mistake in mistakes)
        shown = list(self.mistakes[:MOST_MISTAKES])
        if len(self.mistakes) > MOST_MISTAKES:
            shown.append(f"… and {len(self.mistakes) - MOST_MISTAKES} more")
        super().__init__()
        self.where = one_line(where, LONGEST_MISTAKE)
        head = f"{self.where} has {counted(len(self.mistakes), 'mistake')}:"
        self.args = ("\n  - ".join((head, *shown)),)


class ConfigAltered(SsoSyncError):
    """What a deployment put in place was changed by hand; nothing was written."""

    exit_code = 3


class CredentialsError(SsoSyncError):
    """A credential is missing, malformed or refused."""


class CredentialsAwaited(CredentialsError):
    """Secrets of the deployment hold no value yet; `names` are those that do not."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = tuple(names)
        super().__init__(
            f"Waiting for credentials: nothing is stored yet in {', '.join(self.names)}; store a value with "
            "'sso-sync secrets put NAME --file FILE'."
        )


class PermissionMissing(CredentialsError):
    """The AWS role may not call `operation`, such as ListAccounts, or a directory's grant of this name is missing."""

    def __init__(self, sentence: str, operation: str) -> None:
        self.operation = operation
        super().__init__(sentence)


class SourceError(SsoSyncError):
    """The directory could not be read completely, so nothing may be concluded from it."""


class TargetError(SsoSyncError):
    """Identity Center could not be read or written."""


class ChangeError(TargetError):
    """One change failed; it is recorded and the run goes on without what depends on it."""


class ChangeRefused(ChangeError):
    """The service understood the change and refused it, so nothing happened."""


class ValueRefused(ChangeRefused):
    """The service does not accept a value in the change; without that value it may."""


class ChangeUnknown(ChangeError):
    """The service gave no usable answer after every retry, so the change may have happened."""


class StateError(SsoSyncError):
    """The ledger, the lease or the run records cannot be read or written."""


class RunInProgress(StateError):
    """Another run holds the lease."""


class LedgerConflict(StateError):
    """Another run has written the ledger since it was loaded."""


class ReportError(SsoSyncError):
    """People could not be told about a run; the message holds no address that is a secret."""


class UnknownName(SsoSyncError):
    """Nobody and nothing is called what was asked for."""


class LimitExceeded(SsoSyncError):
    """A safety limit forbids the plan; nothing was written."""

    exit_code = 3


class Interrupted(SsoSyncError):
    """The run was asked to stop; what was done is recorded and the next run continues."""
