"""One kind of HTTP session for everything that is not a vendor's client: retries, time limits, TLS."""

from collections.abc import Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import LocationParseError
from urllib3.util import Retry

from sso_sync import __version__

CONNECT_TIMEOUT, READ_TIMEOUT = 5.0, 30.0  # seconds
MAX_RETRY_AFTER = 60  # seconds: whoever asks for more is better asked again by the next run
TRANSIENT = frozenset({429, 500, 502, 503, 504})


class Session(requests.Session):
    """A session that retries what is worth retrying, waits as told, and never waits for ever.

    Every method is retried: callers treat "already there" and "already gone" as done.
    """

    def __init__(self, *, connections: int = 10, attempts: int = 6) -> None:
        super().__init__()
        retry = Retry(
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
        self, method: str, url: str, body: Mapping[str, Any] | None = None, query: Mapping[str, str] | None = None
    ) -> requests.Response:
        """Send a request with JSON, within time limits; a redirect is returned, not followed."""
        timeout = (CONNECT_TIMEOUT, READ_TIMEOUT)
        try:
            return self.request(method, url, json=body, params=query, timeout=timeout, allow_redirects=False)
        except LocationParseError as exc:  # requests lets this one of urllib3 through
            raise requests.exceptions.InvalidURL(str(exc)) from exc
