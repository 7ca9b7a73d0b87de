"""One kind of HTTP session for everything that is not a vendor's client: retries, time limits, TLS."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError

from sso_sync import __version__
from sso_sync.http.calls import Calls, said_of
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.http.retries import JudgedRetry

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 30.0  # seconds
BROKEN_OFF = (0.2, 1.0)  # seconds before what only reads is sent again, if its answer broke off
MAX_RETRY_AFTER = 60  # seconds: whoever asks for more is better asked again by the next run
TRANSIENT = frozenset({429, 500, 502, 503, 504})


class Session(requests.Session):
    """A session that retries what is worth retrying, waits as told, and never waits for ever.

    Every method is retried: callers treat "already there" and "already gone" as done. Attempts are
    counted in `calls` under `system` and what `operation_of` makes of method and path; a system that
    throttles one call slows all that `governor` lets through; no retry outlasts `patience`. `retries` is for
    a system that says in words of its own how long to wait.
    """

    def __init__(
        self,
        *,
        connections: int = 10,
        attempts: int = 6,
        system: str = "http",
        operation_of: Callable[[str, str], str] = lambda method, _: method,
        calls: Calls | None = None,
        governor: RateGovernor | None = None,
        patience: Patience | None = None,
        retries: type[JudgedRetry] = JudgedRetry,
    ) -> None:
        super().__init__()
        self._system, self._operation_of, self._calls = system, operation_of, calls or Calls()
        self._governor, self.patience = governor, patience or Patience()
        retry = retries.by(
            self._may_retry,
            total=attempts - 1,
            connect=min(3, attempts - 1),
            backoff_factor=0.3,
            backoff_jitter=0.3,
            backoff_max=20,
            status_forcelist=TRANSIENT,
            allowed_methods=None,
            respect_retry_after_header=True,
            retry_after_max=MAX_RETRY_AFTER,
            raise_on_status=False,
        )
        adapter = HTTPAdapter(max_retries=retry, pool_maxsize=connections)
        self.mount("https://", adapter)
        self.mount("http://", adapter)
        self.headers["User-Agent"] = f"sso-sync/{__version__}"

    def call(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """Send a request with JSON or a form, within time limits; a redirect is returned, not followed."""
        timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
        self._count(method, url)
        try:
            return self.request(method, url, json=body, params=query, data=form, timeout=timeout, allow_redirects=False)
        except LocationParseError as exc:  # requests lets this one of urllib3 through
            raise requests.exceptions.InvalidURL(str(exc)) from exc

    def whole(self, send: Callable[[], requests.Response]) -> requests.Response:
        """Return the answer to what only reads; sends it again if the answer breaks off, where urllib3 retries no more.

        `send` makes a call of this session.
        """
        for pause in BROKEN_OFF:
            try:
                return send()
            except requests.exceptions.ChunkedEncodingError:
                if not self.patience.grant(pause):
                    raise
                self._calls.pause(self._system, said_of(0), pause)
                time.sleep(pause)
        return send()

    def _may_retry(self, method: str, path: str, status: int, pause: float, asked: bool) -> bool:
        granted = self.patience.grant(pause)
        if self._governor and (status == 429 or (status == 503 and asked)):
            self._governor.slow_down(pause if granted else 0)
        if granted:
            self._calls.pause(self._system, said_of(status, throttled=status == 429), pause)
            self._count(method, path)
        return granted

    def _count(self, method: str, path: str) -> None:
        self._calls.count(self._system, self._operation_of(method, path))
