"""How calls are signed: by an API token, or by access tokens that a service app asks for."""

import re
import threading
import time
from collections.abc import Collection
from typing import Any, Protocol

import requests
from msgspec import Struct

from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.findings import Credential
from sso_sync.http.session import Session
from sso_sync.sources.okta.assertions import Signer, assertion
from sso_sync.sources.okta.dpop import Proofs
from sso_sync.sources.okta.errors import json_of, no_answer, refused_token, scopes_missing

SCOPES = ("okta.users.read", "okta.groups.read")
TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 # the path of an address
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ADAPTATIONS = 3  # to what the token endpoint wants: a proof, a nonce, and anew after an answer that was lost
USED_OF_LIFETIME = 0.9  # after which a token is renewed
SIGNING_IN = "sign in to Okta"


class SignIn(Protocol):
    """Signs requests, as an auth object of requests."""

    credential: Credential

    def begin(self) -> None:
        """Sign in, where that takes a call of its own; raises CredentialsError or SourceError."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request; raises as `begin` does."""

    def renew(self, answer: requests.Response) -> bool:
        """Tell whether it is worth sending again what this answer refuses, signed anew."""


class ApiToken:
    """An API token: it acts as the person who made it."""

    credential = Credential(
        what="the Okta API token",
        kind="an API token, stored; it ends after 30 days without use, and with the account of who made it",
        stored=True,
        renewal="create one in the Okta Admin Console (Security, API, Tokens) as a read-only administrator",
    )

    def __init__(self, text: str) -> None:
        if not re.fullmatch(r"[!-~]{1,4096}", text):
            raise CredentialsError(
                "The Okta API token has blanks, line breaks or other characters that no token has; store it again, "
                "as one line and alone."
            )
        self._text = text

    def begin(self) -> None:
        pass

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"SSWS {self._text}"
        return request

    def renew(self, answer: requests.Response) -> bool:  # noqa: ARG002 # there is no other token
        return False


class _Token(Struct, frozen=True):
    """An access token, when it is to be renewed, and whether it needs proofs."""

    text: str
    until: float
    bound: bool


class ServiceApp:
    """A service app: it proves by its key who it is, and gets a token for an hour; safe for threads."""

    def __init__(self, client_id: str, url: str, signer: Signer, session: Session) -> None:
        self._client_id, self._url, self._signer = client_id, f"{url}{TOKEN_PATH}", signer
        self.credential = signer.credential
        self._proofs, self._proving = Proofs(), False
        self._session = session
        self._session.auth = self._prove  # an auth object, because a .netrc entry would add a header
        self._token: _Token | None = None
        self._lock = threading.Lock()

    def begin(self) -> None:
        self._current()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        token = self._current()
        request.headers["Authorization"] = f"{'DPoP' if token.bound else 'Bearer'} {token.text}"
        if token.bound:
            request.headers["DPoP"] = self._proofs.proof(request.method or "", request.url or "", token.text)
        return request

    def renew(self, answer: requests.Response) -> bool:
        if answer.status_code not in {400, 401}:
            return False
        challenge = answer.headers.get("WWW-Authenticate", "")
        if "use_dpop_nonce" in challenge:
            return self._note_nonce(answer)
        if "invalid_dpop_proof" in challenge:
            return _was_repeated(answer)
        return answer.status_code == 401 and self._renew_token(answer)

    def _current(self) -> _Token:
        with self._lock:
            if self._token is None or time.monotonic() >= self._token.until:
                self._token = self._fetch()
            return self._token

    def _renew_token(self, answer: requests.Response) -> bool:
        """Get another token than the one that was refused; many threads that meet the refusal get one."""
        refused = str(answer.request.headers.get("Authorization", "")).partition(" ")[2]
        with self._lock:
            if self._token is not None and self._token.text == refused:
                self._token = self._fetch()
            return True

    def _fetch(self) -> _Token:
        answer = self._ask()
        for _ in range(ADAPTATIONS):
            if answer.status_code == 200 or not self._adapts_to(answer):
                break
            answer = self._ask()
        if answer.status_code != 200:
            raise refused_token(answer, self._client_id, SCOPES)
        return _token_in(answer)

    def _ask(self) -> requests.Response:
        try:
            return self._session.whole(self._ask_once)
        except requests.RequestException as exc:
            raise no_answer(exc, SIGNING_IN, self._session.patience) from exc

    def _ask_once(self) -> requests.Response:
        form = {
            "grant_type": "client_credentials",
            "scope": " ".join(SCOPES),
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion(self._client_id, self._url, self._signer),
        }
        return self._session.call("POST", self._url, form=form)

    def _prove(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._proving:
            request.headers["DPoP"] = self._proofs.proof(request.method or "", self._url)
        return request

    def _adapts_to(self, answer: requests.Response) -> bool:
        """Do what a refusal asks for; tell whether there was something that had not been done."""
        error = json_of(answer).get("error")
        if error == "use_dpop_nonce":
            self._proving = True
            return self._note_nonce(answer)
        if error == "invalid_dpop_proof" and not self._proving:
            self._proving = True
            return True
        # An attempt whose answer was lost may have used up the assertion, or the proof.
        return error in {"invalid_client", "invalid_dpop_proof"} and _was_repeated(answer)

    def _note_nonce(self, answer: requests.Response) -> bool:
        nonce = answer.headers.get("DPoP-Nonce", "")
        self._proofs.note(answer.url, nonce)
        return bool(nonce)


def _token_in(answer: requests.Response) -> _Token:
    body = json_of(answer)
    text, kind, seconds = body.get("access_token"), str(body.get("token_type", "")).lower(), body.get("expires_in")
    if not isinstance(text, str) or not re.fullmatch(r"[!-~]+", text) or kind not in {"bearer", "dpop"}:
        raise SourceError(f"Cannot {SIGNING_IN}: its answer has no access token; the next run tries again.")
    lifetime = seconds if isinstance(seconds, int) and not isinstance(seconds, bool) else 0
    missing = _missing(body.get("scope"))
    if missing:
        raise scopes_missing(missing)
    return _Token(text, time.monotonic() + lifetime * USED_OF_LIFETIME, kind == "dpop")


def _missing(granted: Any) -> Collection[str]:
    """Name the scopes that were asked for and not granted; an answer without scopes grants them all (RFC 6749, 5.1)."""
    return [scope for scope in SCOPES if scope not in granted.split()] if isinstance(granted, str) else []


def _was_repeated(answer: requests.Response) -> bool:
    """Tell whether the same request was sent before, and its answer was lost."""
    retries = getattr(answer.raw, "retries", None)
    return bool(retries and retries.history)
