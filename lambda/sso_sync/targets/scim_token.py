"""The SCIM token: sent with every request, and fetched anew when it is refused in mid-run."""

import logging
import re
import threading
from collections.abc import Callable

import requests

from sso_sync.core.errors import CredentialsError, SsoSyncError

log = logging.getLogger(__name__)


class Token(requests.auth.AuthBase):
    """Sends a token; as an auth object, because a .netrc entry would replace a plain header.

    `fetch` reads the secret once more. Safe for threads. Raises CredentialsError for what is no token.
    """

    def __init__(self, text: str, fetch: Callable[[], str] | None = None) -> None:
        self._text, self._fetch = _checked(text), fetch or (lambda: text)
        self._given_up = ""
        self._lock = threading.Lock()

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._text}"
        return request

    def renew(self, answer: requests.Response) -> bool:
        """Tell whether there is another token than the one that this answer refuses; fetches it if need be.

        Many threads that meet a refusal at the same time fetch once.
        """
        refused = str(answer.request.headers.get("Authorization", "")).removeprefix("Bearer ")
        with self._lock:
            if self._text == refused != self._given_up:
                self._text = self._fetched()
                self._given_up = refused if self._text == refused else ""
            return self._text != refused

    def _fetched(self) -> str:
        try:
            text = self._fetch()
        except SsoSyncError as exc:
            log.warning("the SCIM token was refused, and could not be read once more", extra={"error": str(exc)})
            return self._text
        return _checked(text)


def _checked(text: str) -> str:
    if not re.fullmatch(r"[!-~]{1,4096}", text):
        raise CredentialsError(
            "The SCIM token has blanks, line breaks or other characters that no token has; store it again, as one "
            "line and alone."
        )
    return text
