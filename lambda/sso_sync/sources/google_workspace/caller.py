"""Calls of the Directory API: counted, governed, retried, and their errors made sentences."""

import copy
import http.client
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, NoReturn, TypeVar

import google_auth_httplib2
import httplib2
from google.api_core.exceptions import RetryError
from google.auth.exceptions import GoogleAuthError
from googleapiclient.errors import HttpError

from sso_sync.core.errors import SourceError, SsoSyncError
from sso_sync.core.records import well_formed
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience, impatient
from sso_sync.sources.google_workspace.errors import Unreadable, translate
from sso_sync.sources.google_workspace.retries import OutOfPatience, Pauses, Retries
from sso_sync.sources.google_workspace.transport import Credentials, authorized, build_service

SYSTEM = "google"  # as calls are counted
Row = dict[str, Any]
Answer = TypeVar("Answer")


class Absent(Exception):
    """The object that was asked for does not exist."""


class Caller:
    """Makes calls as one service account for one administrator; `calls` counts them, `service` makes requests."""

    def __init__(
        self,
        credentials: Credentials,
        *,
        admin: str,
        root_url: str,
        governor: RateGovernor,
        calls: Calls | None = None,
        patience: Patience | None = None,
        pauses: Pauses | None = None,
    ) -> None:
        self.calls = calls or Calls()
        self._admin, self._root_url, self._governor = admin, root_url, governor
        self._patience = patience or Patience()
        self._retries = Retries(governor, self._patience, pauses or Pauses(), partial(self.calls.pause, SYSTEM))
        self._take(credentials)
        self.service = build_service(root_url, self._http)

    def _take(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._http = authorized(credentials, self._root_url, self._count)

    def using(self, credentials: Credentials) -> "Caller":
        """Return the same with other credentials, such as those for other scopes."""
        other = copy.copy(self)
        other._take(credentials)  # noqa: SLF001 # one of our own
        return other

    def sign_in(self) -> None:
        """Ask for an access token; raises CredentialsError or SourceError."""
        request = google_auth_httplib2.Request(self._http.http)
        refresh: Callable[[Any], None] = self._credentials.refresh
        self._call(lambda: refresh(request), "sign in")

    def execute(self, request: Any, doing: str, absent: Mapping[int, None] | None = None) -> Row:
        """Send one request; raises Absent for the statuses of `absent`, else CredentialsError or SourceError."""

        def send() -> Row:
            self._governor.wait("directory")
            self._count(request.methodId)
            answer = request.execute(http=self._http)
            if not isinstance(answer, dict):
                raise Unreadable("its answer is not JSON")  # the client hands broken JSON on as text
            return answer

        return self._call(send, doing, absent)

    def batch(
        self, requests: Mapping[str, Any], settle: Callable[[str, Any, HttpError | None], None], doing: str
    ) -> None:
        """Send requests by name in one batch, and `settle` each answer; raises as `execute` does."""

        def send() -> None:
            self._governor.wait("directory", len(requests))
            self._count("batch")
            parts = self.service.new_batch_http_request(callback=settle)
            for name, request in requests.items():
                self._count(request.methodId)
                parts.add(request, request_id=name)
            parts.execute(http=self._http)

        self._call(send, doing)

    def pages(self, what: str, list_method: Any, key: str, **options: Any) -> Iterator[Row]:
        """Yield the rows of all pages of a listing; raises as `execute` does."""
        token, seen = "", {""}
        while True:
            paging = {"pageToken": token} if token else {}
            answer = self.execute(list_method(**options, **paging), f"list the {what}")
            yield from rows_of(answer, key)
            token = next_token(answer, key)
            if not token:
                return
            if token in seen:
                raise SourceError(f"Google sent the same page of {what} twice, so the listing is not complete.")
            seen.add(token)

    def slow_down_for(self, error: BaseException) -> None:
        """Slow all calls if the error of one part of a batch says that it was throttled."""
        self._retries.slow_down_for(error)

    def refuse(self, error: BaseException, doing: str) -> NoReturn:
        """Raise what an error means."""
        raise translate(error, doing, self._credentials.service_account_email, self._admin) from error

    def _call(self, send: Callable[[], Answer], doing: str, absent: Mapping[int, None] | None = None) -> Answer:
        try:
            return self._retries.call(send)
        except SsoSyncError:
            raise
        except OutOfPatience as exc:
            raise SourceError(impatient(doing, "Google Workspace", self._patience.minutes, str(exc))) from exc
        except RetryError as exc:
            self.refuse(exc.cause or exc, doing)
        except HttpError as exc:
            if exc.status_code in (absent or {}):
                raise Absent from exc
            self.refuse(exc, doing)
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
            self.refuse(exc, doing)

    def _count(self, method: str) -> None:
        self.calls.count(SYSTEM, method.removeprefix("directory."))


def rows_of(answer: Row, key: str) -> list[Row]:
    """Return the rows of a page; Google leaves an empty list out. Raises SourceError for anything else."""
    rows = answer.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"Google's answer has no list of {key}, so it is not complete; nothing was changed.")
    return rows


def next_token(answer: Row, key: str) -> str:
    """Return the token of the page after this one, empty for the last; raises SourceError for what is no token."""
    token = answer.get("nextPageToken", "")
    if not isinstance(token, str) or well_formed(token) != token:
        raise SourceError(f"Google's answer does not say where its list of {key} goes on, so it is not complete.")
    return token
