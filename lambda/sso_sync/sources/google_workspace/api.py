"""The Directory API: complete listings, in as few requests as the page sizes allow.

Page sizes (users 500, groups and members 200), the batch limit of 1,000 and the quota are those
of Google's Admin SDK Directory API reference.
"""

import http.client
import json
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn, TypeVar

import google_auth_httplib2
import httplib2
from google.api_core.exceptions import RetryError
from google.auth.exceptions import GoogleAuthError
from google.oauth2.service_account import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.errors import HttpError
from msgspec import Struct

from sso_sync.core.errors import CredentialsError, SourceError, SsoSyncError
from sso_sync.core.records import well_formed
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience, impatient
from sso_sync.sources.google_workspace.errors import Unreadable, is_transient, translate
from sso_sync.sources.google_workspace.retries import OutOfPatience, Pauses, Retries

log = logging.getLogger(__name__)
SYSTEM = "google"  # as calls are counted
TIMEOUT = 60  # seconds
MIN_BATCH, MAX_BATCH = 100, 1000  # parts of one batch request
ROWS_PER_BATCH = 20_000  # members expected in one batch: 1,000 lists of 50 took 87 MB to parse
Row = dict[str, Any]
Answer = TypeVar("Answer")


class MemberPage(Struct, frozen=True):
    """A page of one group's members that is to be fetched; `rows` is how many to expect."""

    group_id: str
    token: str = ""
    rows: int = 0


class DirectoryApi:
    """Reads one customer's directory."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        admin: str,
        customer: str,
        root_url: str,
        governor: RateGovernor,
        calls: Calls | None = None,
        patience: Patience | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self._credentials, self._admin, self._customer = credentials, admin, customer
        self._governor, self._root_url = governor, root_url
        self._calls, self._patience = calls or Calls(), patience or Patience()
        self._retries = Retries(governor, self._patience, pauses or Pauses(), partial(self._calls.pause, SYSTEM))
        self._service = self._build(credentials)

    def users(self, fields: Iterable[str], custom_schemas: frozenset[str] | None) -> list[Row]:
        """List every user; `custom_schemas` None asks for all of them."""
        options: Row = {"projection": "basic"}
        if custom_schemas is None:
            options = {"projection": "full"}
        elif custom_schemas:
            options = {"projection": "custom", "customFieldMask": ",".join(sorted(custom_schemas))}
        mask = f"nextPageToken,users({','.join(sorted(fields))})"
        return list(self._pages("users", self._service.users().list, "users", maxResults=500, fields=mask, **options))

    def groups(self) -> list[Row]:
        """List every group."""
        mask = "nextPageToken,groups(id,email,name,description,directMembersCount)"
        return list(self._pages("groups", self._service.groups().list, "groups", maxResults=200, fields=mask))

    def user(self, user_id: str, fields: Iterable[str]) -> Row | None:
        """Get one user by id, or None."""
        request = self._service.users().get(userKey=user_id, fields=",".join(sorted(fields)), projection="full")
        try:
            return self._execute(request, "get a user", {404: None})
        except _Absent:
            return None

    def domains(self, credentials: Credentials) -> frozenset[str] | None:
        """List the customer's own domains, folded; None if the credentials are not allowed to."""
        service = self._build(credentials)
        request = service.domains().list(customer=self._customer)
        try:
            answer = self._execute(request, "list the domains")
        except CredentialsError as exc:
            log.info("domains are not readable; externals are told by status")
            log.debug("why they are not", extra={"error": str(exc)})
            return None
        domains = _rows(answer, "domains")
        aliases = [alias for domain in domains for alias in _rows(domain, "domainAliases")]
        names = [d.get("domainName") for d in domains] + [a.get("domainAliasName") for a in aliases]
        if not names or not all(isinstance(name, str) and name for name in names):
            raise SourceError("Google lists no domain, or one without a name, so its answer is not complete.")
        return frozenset(str(name).lower() for name in names)

    def members(self, pages: Sequence[MemberPage]) -> Iterator[tuple[MemberPage, list[Row], str]]:
        """Fetch pages of members in batches; yields page, rows and the token of the page after it."""
        self._calls.expect(SYSTEM, "groups", sum(not page.token for page in pages))
        for batch in in_batches(pages):
            answers = self._fetch_batch(batch) if len(batch) > 1 else {}
            for page in batch:
                answer = answers.get(page.group_id)
                if answer is None or (page.rows and not page.token and not answer.get("members")):
                    # It failed for the moment, or it is empty although Google counts members: ask again, alone.
                    answer = self._execute(self._member_request(page), "list the members of a group")
                rows, token = _rows(answer, "members"), _next_token(answer, "members")
                if not token:
                    self._calls.finish(SYSTEM, "groups")
                yield page, rows, token

    def _fetch_batch(self, batch: Sequence[MemberPage]) -> dict[str, Row]:
        """Fetch a batch; parts that failed for the moment are missing from the answer."""
        answers: dict[str, Row] = {}

        def settle(group_id: str, answer: Any, error: HttpError | None) -> None:
            if error is None and isinstance(answer, dict):
                answers[group_id] = answer
            elif error is not None and not is_transient(error):
                self._refuse(error, "list the members of a group")
            elif error is not None:
                self._retries.slow_down_for(error)

        def send() -> None:
            self._governor.wait("directory", len(batch))
            self._count("batch")
            parts = self._service.new_batch_http_request(callback=settle)
            for page in batch:
                request = self._member_request(page)
                self._count(request.methodId)
                parts.add(request, request_id=page.group_id)
            parts.execute()

        self._call(send, "list the members of groups")
        return answers

    def _member_request(self, page: MemberPage) -> Any:
        mask = "nextPageToken,members(id,email,type,status)"
        token = {"pageToken": page.token} if page.token else {}
        return self._service.members().list(groupKey=page.group_id, maxResults=200, fields=mask, **token)

    def _pages(self, what: str, list_method: Any, key: str, **options: Any) -> Iterator[Row]:
        token, seen = "", {""}
        while True:
            paging = {"pageToken": token} if token else {}
            request = list_method(customer=self._customer, **options, **paging)
            answer = self._execute(request, f"list the {what}")
            yield from _rows(answer, key)
            token = _next_token(answer, key)
            if not token:
                return
            if token in seen:
                raise SourceError(f"Google sent the same page of {what} twice, so the listing is not complete.")
            seen.add(token)

    def _execute(self, request: Any, doing: str, absent: Mapping[int, None] | None = None) -> Row:
        def send() -> Row:
            self._governor.wait("directory")
            self._count(request.methodId)
            answer = request.execute()
            if not isinstance(answer, dict):
                raise Unreadable("its answer is not JSON")  # the client hands broken JSON on as text
            return answer

        return self._call(send, doing, absent)

    def _call(self, send: Callable[[], Answer], doing: str, absent: Mapping[int, None] | None = None) -> Answer:
        try:
            return self._retries.call(send)
        except SsoSyncError:
            raise
        except OutOfPatience as exc:
            raise SourceError(impatient(doing, "Google Workspace", self._patience.minutes, str(exc))) from exc
        except RetryError as exc:
            self._refuse(exc.cause or exc, doing)
        except HttpError as exc:
            if exc.status_code in (absent or {}):
                raise _Absent from exc
            self._refuse(exc, doing)
        except (
            GoogleAuthError,
            Unreadable,
            AttributeError,  # the client, of an error whose message is no text
            LookupError,
            RecursionError,  # of JSON that is nested without end
            TypeError,  # google-auth, of a token endpoint's answer that is not JSON
            httplib2.HttpLib2Error,
            http.client.HTTPException,
            OSError,
            ValueError,
        ) as exc:
            self._refuse(exc, doing)

    def _refuse(self, error: BaseException, doing: str) -> NoReturn:
        raise translate(error, doing, self._credentials.service_account_email, self._admin) from error

    def _count(self, method: str) -> None:
        self._calls.count(SYSTEM, method.removeprefix("directory."))

    def _build(self, credentials: Credentials) -> Any:
        """Build the client from the library's own document, with its address replaced.

        The address is replaced in the document because `api_endpoint` leaves batches on the real host.
        """
        document = json.loads(get_static_doc("admin", "directory_v1") or "{}")
        document["rootUrl"] = self._root_url.rstrip("/") + "/"
        transport = google_auth_httplib2.AuthorizedHttp(credentials, http=_Transport(credentials, self._count))
        return build_from_document(document, http=transport)


class _Absent(Exception):
    """The object that was asked for does not exist."""


class _Transport(httplib2.Http):
    """Counts the requests for tokens, which google-auth makes by itself."""

    def __init__(self, credentials: Credentials, count: Callable[[str], None]) -> None:
        super().__init__(timeout=TIMEOUT)  # type: ignore[no-untyped-call] # httplib2 has no types
        self._token_uri, self._count = credentials._token_uri, count  # noqa: SLF001 # nothing public tells it

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        """Refuse to be copied, at once.

        With each request google-auth copies its transport, keys and all, to look up in the background in which
        regions the account may work; the Directory API has none, and a tenth of a second is long.
        """
        raise TypeError("a transport is not copied")

    def request(self, uri: str, *arguments: Any, **named: Any) -> Any:
        if uri == self._token_uri:
            self._count("token")
        return super().request(uri, *arguments, **named)  # type: ignore[no-untyped-call] # as above


def _rows(answer: Row, key: str) -> list[Row]:
    """Return the rows of a page; Google leaves an empty list out. Raises SourceError for anything else."""
    rows = answer.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"Google's answer has no list of {key}, so it is not complete; nothing was changed.")
    return rows


def _next_token(answer: Row, key: str) -> str:
    """Return the token of the page after this one, empty for the last; raises SourceError for what is no token."""
    token = answer.get("nextPageToken", "")
    if not isinstance(token, str) or well_formed(token) != token:
        raise SourceError(f"Google's answer does not say where its list of {key} goes on, so it is not complete.")
    return token


def in_batches(pages: Sequence[MemberPage]) -> Iterator[Sequence[MemberPage]]:
    """Cut pages into batches of 100 to 1,000, as many as their expected rows allow in memory."""
    start, rows = 0, 0
    for end, page in enumerate(pages):
        size = end - start
        if size >= MAX_BATCH or (size >= MIN_BATCH and rows + page.rows > ROWS_PER_BATCH):
            yield pages[start:end]
            start, rows = end, 0
        rows += page.rows
    if start < len(pages):
        yield pages[start:]
