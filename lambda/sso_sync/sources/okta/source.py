"""The source: which of Okta's users and groups are wanted, and who is in what."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence

from sso_sync.core.errors import SourceError
from sso_sync.core.findings import Credential, Finding
from sso_sync.core.model import Directory
from sso_sync.http.session import Session
from sso_sync.settings import OktaSettings
from sso_sync.settings.directories.okta import GROUP_FIELDS, USER_FIELDS
from sso_sync.sources.listing import Filters, ListedGroup, Listing, Person, assemble
from sso_sync.sources.okta.api import CONNECTIONS, SYSTEM, OktaApi, Row, operation_of
from sso_sync.sources.okta.assertions import KmsKey, Signer, StoredKey
from sso_sync.sources.okta.errors import ROLE
from sso_sync.sources.okta.examination import examine
from sso_sync.sources.okta.limits import WindowRetry
from sso_sync.sources.okta.records import (
    BUILT_IN,
    WITHOUT_ACCESS,
    UserMapping,
    check_group,
    decide,
    group_fields,
    required_id,
    to_group,
    user_fields,
    why_unreadable,
)
from sso_sync.sources.okta.sign_in import ApiToken, ServiceApp, SignIn
from sso_sync.sources.tools import Tools

log = logging.getLogger(__name__)
ATTEMPTS = 6  # of each call


def make_source(
    settings: OktaSettings, secrets: Mapping[str, str], tools: Tools, attempts: int = ATTEMPTS
) -> "OktaSource":
    """Make the source from its settings and the API token or private key; raises CredentialsError."""

    def session() -> Session:
        return Session(
            connections=CONNECTIONS,
            attempts=attempts,
            system=SYSTEM,
            operation_of=operation_of,
            calls=tools.calls,
            patience=tools.patience,
            retries=WindowRetry,
        )

    url = settings.url.rstrip("/")
    sign_in: SignIn
    if settings.client_id:
        sign_in = ServiceApp(settings.client_id, url, _signer(settings, secrets, tools), session())
    else:
        sign_in = ApiToken(secrets["api_token"])
    return OktaSource(settings, OktaApi(url, sign_in, session(), tools.calls), sign_in)


def _signer(settings: OktaSettings, secrets: Mapping[str, str], tools: Tools) -> Signer:
    if settings.kms_key:
        return KmsKey(settings.kms_key, settings.key_id, tools.aws)
    return StoredKey(secrets["private_key"], settings.key_id)


class OktaSource:
    """Reads one Okta organisation; see `core.ports.IdentitySource`."""

    def __init__(self, settings: OktaSettings, api: OktaApi, sign_in: SignIn) -> None:
        self._settings, self._api, self._sign_in = settings, api, sign_in
        self._mapping = UserMapping(settings)
        self._filters = Filters.of(settings, GROUP_FIELDS, USER_FIELDS)

    @property
    def name(self) -> str:
        return self._settings.label

    def read(self) -> Directory:
        return assemble(self._read(), self._settings, self._filters)

    def _read(self) -> Listing:
        users = _by_id(self._api.users(), "user")
        if self._settings.include_inactive and self._settings.method == "users_groups":
            users |= _by_id(self._api.users(deactivated=True), "user")
        groups = _by_id(self._api.groups(), "group")
        self._check_groups(groups.values())
        verdicts = {group_id: decide(self._filters.groups, row) for group_id, row in groups.items()}
        members = {
            group_id: _by_id(rows, "member")
            for group_id, rows in self._api.members(i for i, verdict in verdicts.items() if verdict.selected).items()
        }
        # Members come as whole users, read later than the listing: who joined or was deactivated since is right there.
        for found in members.values():
            users |= found
        return Listing(
            people={user_id: self._person(row) for user_id, row in users.items()},
            groups={
                group_id: ListedGroup(to_group(row), group_fields(row), verdicts[group_id])
                for group_id, row in groups.items()
            },
            direct={group_id: found.keys() for group_id, found in members.items()},
        )

    def _check_groups(self, rows: Iterable[Row]) -> None:
        """Raise SourceError if a group cannot be judged, or if only some can be seen.

        Every organisation has the group Everyone, and Okta does not show it to who administers some groups only
        ("List all groups" of its reference). What such an administrator cannot see would look as though it were gone.
        """
        for row in rows:
            check_group(row)
        if not self._settings.limited_administrator and all(row["type"] != BUILT_IN for row in rows):
            raise SourceError(
                "Okta shows no built-in group, as to an administrator of some groups only, so its lists are not "
                f"complete; give the role {ROLE}, or set limited_administrator if what cannot be seen counts as gone."
            )

    def credentials(self) -> Sequence[Credential]:
        return [self._sign_in.credential]

    def examine(self) -> Iterator[Finding]:
        return examine(self.name, self._api, self._sign_in, limited=self._settings.limited_administrator)

    def _person(self, row: Row) -> Person:
        unreadable = why_unreadable(row)
        left_out = "" if unreadable or self._settings.include_inactive else WITHOUT_ACCESS.get(row["status"], "")
        return Person(self._mapping.user(row), user_fields(row), left_out, unreadable)


def _by_id(rows: Iterable[Row], what: str) -> dict[str, Row]:
    return {required_id(row, what): row for row in rows}
