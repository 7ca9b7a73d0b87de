"""One domain controller over one connection: complete listings, in as few searches as its limits allow.

MaxPageSize (1,000 rows) and MaxValRange (1,500 values) are those of Active Directory's LDAP policy.
"""

import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Literal, Self
from urllib.parse import urlsplit

from ldap3 import Connection, Server
from ldap3.core.exceptions import LDAPException
from ldap3.protocol.microsoft import extended_dn_control
from msgspec import Struct
from pyasn1.error import PyAsn1Error

from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls
from sso_sync.sources.active_directory.entries import Entry, entries_of
from sso_sync.sources.active_directory.errors import ControllerError, refused_bind, refused_search, unreachable
from sso_sync.sources.active_directory.names import ObjectName
from sso_sync.sources.active_directory.tls import VerifiedTls, why_refused

SYSTEM = "active_directory"  # as calls are counted
PAGE_SIZE = 1000
MOST_EMPTY_PAGES = 100  # one after the other, each with a cookie for more
_PAGED = "1.2.840.113556.1.4.319"
# What ldap3 lets out when a connection breaks or an answer is no LDAP.
_BROKEN = (LDAPException, PyAsn1Error, OSError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
Answer = tuple[Mapping[str, Any], Sequence[Mapping[str, Any]]]


class BindAccount(Struct, frozen=True):
    """Whom to sign in as: user@domain, the domain and the user with a backslash, or a distinguished name."""

    user: str
    password: str

    def __repr__(self) -> str:
        return f"BindAccount(user={self.user!r})"  # wherever it is logged, the password is not


class Timing(Struct, frozen=True):
    """Whole seconds that a connection and each part of an answer may take, and pauses between rounds of a run."""

    connect: int = 10
    answer: int = 60
    pauses: tuple[float, ...] = (2.0, 8.0, 30.0)


class Controller:
    """A connection to one domain controller while the context lasts; raises SourceError or CredentialsError."""

    def __init__(self, address: str, ca_certificate: str, account: BindAccount, timing: Timing, calls: Calls) -> None:
        parts = urlsplit(address)
        self.host, self._calls, self._account = parts.hostname or "", calls, account
        try:
            self.tls = VerifiedTls(ca_certificate)
        except ssl.SSLError as exc:
            raise SourceError(
                "The setting 'ca_certificate' is not a certificate in PEM form (-----BEGIN CERTIFICATE-----)."
            ) from exc
        server = Server(
            self.host,
            parts.port or 636,
            use_ssl=True,
            tls=self.tls,
            get_info="NO_INFO",
            connect_timeout=timing.connect,
        )
        self._connection = Connection(
            server,
            user=account.user,
            password=account.password,
            authentication="SIMPLE",
            client_strategy="SYNC",  # one thread reads; SAFE_SYNC would copy every row deeply
            auto_bind="NONE",
            auto_referrals=False,
            auto_range=False,
            check_names=False,
            read_only=True,
            receive_timeout=timing.answer,
            return_empty_attributes=False,  # else explicit ranges end in a KeyError
        )

    def __enter__(self) -> Self:
        self.connect()
        self.bind()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def connect(self) -> None:
        """Open the connection and verify the certificate."""
        try:
            self._connection.open(read_server_info=False)
        except _BROKEN as exc:
            self.close()
            if self.tls.refusal:
                raise ControllerError(why_refused(self.tls.refusal, self.host), passing=False) from exc
            raise unreachable(exc, "connect", self.host) from exc

    def bind(self) -> None:
        """Sign in."""
        self._calls.count(SYSTEM, "bind")
        result, _ = self._ask("sign in", "bindResponse", self._connection.bind, read_server_info=False)
        if result["result"] != 0:
            self.close()
            raise refused_bind(result, self._account.user, self.host)

    def close(self) -> None:
        """End the connection; one that is broken already is fine."""
        with suppress(*_BROKEN):
            self._connection.unbind()

    def entry(self, what: str, base: str, attributes: Sequence[str]) -> Entry | None:
        """Read one object by its name, or None if the account sees none there."""
        result, response = self._search(what, base, "(objectClass=*)", attributes, scope="BASE")
        if result["result"] == 32:
            return None
        self._check(result, what, base)
        return next(entries_of(response), None)

    def listing(self, what: str, base: str, condition: str, attributes: Sequence[str]) -> Iterator[Entry]:
        """List every object below a base for which a filter is true, page by page."""
        seen: set[str] = set()
        cookie, empty_pages = b"", 0
        while True:
            result, response = self._search(what, base, condition, attributes, paged_size=PAGE_SIZE, cookie=cookie)
            self._check(result, what, base)
            entries = list(entries_of(response))
            empty_pages = 0 if entries else empty_pages + 1
            if empty_pages > MOST_EMPTY_PAGES or not seen.isdisjoint(entry.name.dn for entry in entries):
                # The cookie tells nothing: Samba sends the same one with every page.
                raise ControllerError(
                    f"Cannot {what}: the pages of {self.host} do not fit together; nothing was changed, the next run "
                    "tries again."
                )
            seen.update(entry.name.dn for entry in entries)
            yield from entries
            cookie = self._cookie(result, what)
            if not cookie:
                return

    def _cookie(self, result: Mapping[str, Any], what: str) -> bytes:
        """Return what the next page is asked for with, empty after the last one."""
        try:
            return bytes(result["controls"][_PAGED]["value"]["cookie"])
        except (LookupError, TypeError) as exc:
            raise ControllerError(
                f"Cannot {what}: {self.host} does not page its answer, so nobody can tell whether it is complete.",
                passing=False,
            ) from exc

    def rest_of(self, entry: Entry, attribute: str, what: str) -> Iterator[ObjectName]:
        """Read the values of an attribute that came in part, to the end."""
        start = entry.more.get(attribute, 0)
        base = f"<GUID={entry.name.guid}>" if entry.name.guid else entry.name.dn
        while start:
            part = self.entry(what, base, [f"{attribute};range={start}-*"])
            following = part.more.get(attribute, 0) if part else 0
            begins = part.first.get(attribute) if part else None
            if part is None or begins != start or not part.values.get(attribute) or 0 < following <= start:
                raise ControllerError(
                    f"Cannot {what}: {self.host} did not send the values of '{entry.name.dn}' from {start} on, so the "
                    "membership is not complete; nothing was changed."
                )
            yield from part.names(attribute)
            start = following

    def _search(
        self,
        what: str,
        base: str,
        condition: str,
        attributes: Sequence[str],
        *,
        scope: Literal["BASE", "SUBTREE"] = "SUBTREE",
        paged_size: int | None = None,
        cookie: bytes = b"",
    ) -> Answer:
        self._calls.count(SYSTEM, what)
        return self._ask(
            what,
            "searchResDone",
            self._connection.search,
            search_base=base,
            search_filter=condition,
            search_scope=scope,
            dereference_aliases="NEVER",
            attributes=list(attributes),
            controls=[extended_dn_control(criticality=True)],
            paged_size=paged_size,
            paged_criticality=True,
            paged_cookie=cookie or None,
        )

    def _ask(self, doing: str, wanted: str, operation: Callable[..., Any], **how: Any) -> Answer:
        try:
            operation(**how)
            result: Mapping[str, Any] = self._connection.result
            if result["type"] != wanted or not isinstance(result["result"], int):
                raise ValueError(f"an answer of the type {result['type']}")
        except _BROKEN as exc:
            self.close()
            raise unreachable(exc, doing, self.host) from exc
        return result, self._connection.response or []

    def _check(self, result: Mapping[str, Any], what: str, base: str) -> None:
        if result["result"] != 0:
            raise refused_search(result, what, self.host, base)
