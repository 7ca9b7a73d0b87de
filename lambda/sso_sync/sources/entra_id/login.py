"""Signing in: msal over the project's own HTTP, and what the access token allows."""

import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from msal import ConfidentialClientApplication  # type: ignore[import-untyped] # msal has no types

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.once import once
from sso_sync.http.causes import cause_of
from sso_sync.http.session import Session
from sso_sync.settings import EntraIdSettings
from sso_sync.sources.entra_id.keys import Key
from sso_sync.sources.entra_id.login_errors import refused

DOING = "sign in to Microsoft Entra ID"


class Login:
    """Gets access tokens for Microsoft Graph; safe for threads, and asks for nothing before the first token."""

    def __init__(self, settings: EntraIdSettings, key: Key, session: Session) -> None:
        self._settings, self._key = settings, key
        self._http = _LoginHttp(settings, session)
        self._lock = threading.Lock()

    def token(self) -> str:
        """Return an access token, a new one where the last is about to end.

        Raises CredentialsError or SourceError.
        """
        with self._lock:
            try:
                answer = self._app.acquire_token_for_client([f"{self._settings.graph_url.rstrip('/')}/.default"])
            except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError) as exc:
                raise _unreadable(type(exc).__name__) from exc  # msal, of an answer in another shape
        token = answer.get("access_token")
        if not isinstance(token, str) or not token:
            raise _unreadable("it holds no access token")
        return token

    @property
    def roles(self) -> frozenset[str] | None:
        """Name the application permissions that the token carries; None if it cannot be read. Raises as `token`."""
        try:
            claims = jwt.decode(self.token(), options={"verify_signature": False})
        except jwt.PyJWTError:
            return None  # Microsoft calls it opaque: its form may change
        roles = claims.get("roles", [])
        return frozenset(roles) if isinstance(roles, list) and all(isinstance(role, str) for role in roles) else None

    @once
    def _app(self) -> ConfidentialClientApplication:
        authority = f"{self._settings.login_url.rstrip('/')}/{self._settings.tenant}"
        return ConfidentialClientApplication(
            self._settings.client_id,
            client_credential=self._key.for_msal(),
            authority=_as_https(authority),
            http_client=self._http,
            instance_discovery=False,  # the settings say which host is trusted; no other one is asked about it
        )


class _LoginHttp:
    """What msal makes its requests with: within time limits, counted, and raising for whatever is no success.

    msal takes https addresses only. Where `login_url` is http, which the settings allow on this machine alone, what
    it asks of that host goes there without TLS.
    """

    def __init__(self, settings: EntraIdSettings, session: Session) -> None:
        self._settings, self._session = settings, session
        session.auth = _as_it_is
        self._plain = settings.login_url.rstrip("/") if settings.login_url.lower().startswith("http://") else ""

    def get(self, url: str, params: Any = None, **_: Any) -> requests.Response:
        return self._send("GET", url, params, None)

    def post(self, url: str, params: Any = None, data: Any = None, **_: Any) -> requests.Response:
        return self._send("POST", url, params, data)

    def close(self) -> None:
        self._session.close()

    def _send(self, method: str, url: str, query: Any, form: Any) -> requests.Response:
        if urlsplit(url).netloc.lower() != urlsplit(self._settings.login_url).netloc.lower():
            raise SourceError(
                f"Cannot {DOING}: its login names an address that is not at {self._settings.login_url}, and the secret "
                "is not sent elsewhere; correct 'login_url' if the tenant is in another cloud."
            )
        if self._plain and url.startswith(_as_https(self._plain)):
            url = self._plain + url.removeprefix(_as_https(self._plain))
        try:
            answer = self._session.whole(lambda: self._session.call(method, url, query=query, form=form))
            body = answer.json()
        except requests.JSONDecodeError as exc:
            raise _unreadable("it is not JSON") from exc
        except RecursionError as exc:
            raise _unreadable("it is nested too deeply") from exc
        except requests.RequestException as exc:
            raise SourceError(
                f"Cannot {DOING}: its login does not answer ({cause_of(exc)}); check the network and "
                "'login_url', then run again."
            ) from exc
        if answer.status_code == 200 and isinstance(body, dict):
            return answer
        raise self._refusal(answer.status_code, body)

    def _refusal(self, status: int, body: object) -> CredentialsError | SourceError:
        """Tell a refusal from a login that does not work."""
        if 400 <= status < 500 and status != 429 and isinstance(body, Mapping) and "error" in body:
            return refused(body, self._settings)
        return _unreadable(f"status {status}")


def _as_it_is(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Prove nothing beside the form: without an auth object a .netrc entry would send its password along."""
    return request


def _as_https(url: str) -> str:
    """Return an address as msal takes it."""
    return f"https://{url.partition('://')[2]}"


def _unreadable(why: str) -> SourceError:
    return SourceError(
        f"Cannot {DOING}: its login gave no usable answer ({why}); nothing was changed, the next run tries again."
    )


def login_operation_of(method: str, _path: str) -> str:
    """Name an operation of the login as it is counted."""
    return "token" if method == "POST" else "login"
