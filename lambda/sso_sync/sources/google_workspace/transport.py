"""The wire under the vendor's client: where requests go, and how tokens are asked for."""

import http.client
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit

import google_auth_httplib2
import httplib2
from google.auth import impersonated_credentials
from google.auth.exceptions import TransportError
from google.oauth2 import service_account
from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc

Credentials = service_account.Credentials | impersonated_credentials.Credentials  # with a key, and without one
TIMEOUT = 60  # seconds
# Where Google gives tokens, and what each call there is counted as. google-auth has these addresses built in.
SIGN_IN = {
    "https://sts.googleapis.com/": "exchange",
    "https://iamcredentials.googleapis.com/": "signJwt",
    "https://oauth2.googleapis.com/": "token",
}
LATER = frozenset({429, 500, 502, 503, 504})


def build_service(root_url: str, http: Any) -> Any:
    """Build the client from the library's own document, with its address replaced.

    The address is replaced in the document because `api_endpoint` leaves batches on the real host.
    """
    document = json.loads(get_static_doc("admin", "directory_v1") or "{}")
    document["rootUrl"] = root_url.rstrip("/") + "/"
    return build_from_document(document, http=http)


def authorized(credentials: Credentials, root_url: str, count: Callable[[str], None]) -> Any:
    """Make what sends requests with an access token of the credentials, and asks for one first."""
    return google_auth_httplib2.AuthorizedHttp(credentials, http=Transport(credentials, root_url, count))


class Transport(httplib2.Http):
    """Counts the requests for tokens, which google-auth makes by itself, and tells which may be made again.

    Where `root_url` is not Google's own, requests for tokens go below it too, each to a path that begins with
    the name of the host that it was for.
    """

    def __init__(self, credentials: Credentials, root_url: str, count: Callable[[str], None]) -> None:
        super().__init__(timeout=TIMEOUT)  # type: ignore[no-untyped-call] # httplib2 has no types
        self._count, self._elsewhere = count, "" if _is_googles(root_url) else root_url.rstrip("/") + "/"
        self._sign_in = {**SIGN_IN}
        token_uri = getattr(credentials, "_token_uri", None)  # nothing public tells it; without a key there is none
        if token_uri:
            self._sign_in[token_uri] = "token"

    def __deepcopy__(self, memo: dict[int, Any]) -> NoReturn:
        """Refuse to be copied, at once.

        With each request google-auth copies its transport, keys and all, to look up in the background in which
        regions the account may work; the Directory API has none, and a tenth of a second is long.
        """
        raise TypeError("a transport is not copied")

    def request(self, uri: str, *arguments: Any, **named: Any) -> Any:
        operation = next((name for address, name in self._sign_in.items() if uri.startswith(address)), "")
        if not operation:
            return super().request(uri, *arguments, **named)  # type: ignore[no-untyped-call] # as above
        return self._ask_for_token(self._where(uri), operation, *arguments, **named)

    def _ask_for_token(self, uri: str, operation: str, *arguments: Any, **named: Any) -> Any:
        """Ask; raises a TransportError that may be retried, where google-auth would lose the status, or wait itself."""
        self._count(operation)
        try:
            response, content = super().request(uri, *arguments, **named)  # type: ignore[no-untyped-call] # as above
        except (httplib2.HttpLib2Error, http.client.HTTPException) as exc:
            raise TransportError(str(exc) or type(exc).__name__, retryable=True) from exc
        if response.status in LATER:
            status = f"{response.status} {HTTPStatus(response.status).phrase}"
            raise TransportError(f"{urlsplit(uri).hostname} answered {status}", retryable=True)
        return response, content

    def _where(self, uri: str) -> str:
        moves = self._elsewhere and uri.startswith(tuple(SIGN_IN))
        return self._elsewhere + uri.removeprefix("https://") if moves else uri


def _is_googles(root_url: str) -> bool:
    return f".{urlsplit(root_url).hostname}".endswith(".googleapis.com")
