"""Okta's management API: complete listings, in as few requests as the page sizes allow.

Pages of 200 are what Okta's reference recommends for users, groups and members; more "affects performance and
accuracy". Where a listing goes on, its Link header says, and that address is followed as it is.
"""

import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import requests

from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls, said_of
from sso_sync.http.session import Session
from sso_sync.sources.okta.errors import LATER, no_answer, refused
from sso_sync.sources.okta.limits import Windows
from sso_sync.sources.okta.sign_in import TOKEN_PATH, ApiToken, SignIn

Row = dict[str, Any]
SYSTEM = "okta"  # as calls are counted
PAGE = "200"
# Calls at once. Okta allows 15 to 75 for everybody together, and the calls that it allows in a minute are used up
# by fewer than these.
CONNECTIONS = 4
RENEWALS = 2  # of the sign-in for one page: a token that has ended, a nonce that is wanted
# What no filter or expression should look at, left out where Okta knows how ("Content-Type header" of List users).
CONTENT_TYPE = "application/json; okta-response=omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"
_OPERATIONS = re.compile(r"/api/v1/(users|groups)(/[^/?]+/users)?(?:[?]|$)")


def operation_of(method: str, path: str) -> str:
    """Name a call as Okta's reference does, such as listGroupUsers: each has a limit of its own."""
    if path.partition("?")[0].endswith(TOKEN_PATH):
        return "token"
    found = _OPERATIONS.search(path)
    if not found:
        return method
    return "listGroupUsers" if found[2] else f"list{found[1].capitalize()}"


class OktaApi:
    """Reads one organisation."""

    def __init__(
        self, url: str, sign_in: SignIn, session: Session, calls: Calls, windows: Windows | None = None
    ) -> None:
        self._url, self._sign_in, self._session, self._calls = url, sign_in, session, calls
        self._session.auth = sign_in
        self._session.headers.update({"Accept": "application/json", "Content-Type": CONTENT_TYPE})
        self._windows = windows or Windows(lambda seconds: calls.pause(SYSTEM, said_of(429, throttled=True), seconds))

    def users(self, *, deactivated: bool = False) -> list[Row]:
        """List every user who is not deactivated, or everybody who is: Okta's plain listing leaves them out."""
        query = {"filter": 'status eq "DEPROVISIONED"'} if deactivated else {}
        return list(self._pages("users", "/users", query))

    def groups(self) -> list[Row]:
        """List every group."""
        return list(self._pages("groups", "/groups", {}))

    def members(self, group_ids: Iterable[str]) -> dict[str, list[Row]]:
        """List the members of groups, whole users, several groups at once."""
        wanted = list(group_ids)
        self._calls.expect(SYSTEM, "groups", len(wanted))
        with ThreadPoolExecutor(CONNECTIONS) as pool:
            reading = [pool.submit(self._members, group_id) for group_id in wanted]
            try:
                return {group_id: one.result() for group_id, one in zip(wanted, reading, strict=True)}
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _members(self, group_id: str) -> list[Row]:
        found = list(self._pages("members of a group", f"/groups/{group_id}/users", {}))
        self._calls.finish(SYSTEM, "groups")
        return found

    def look(self, what: str, path: str, query: dict[str, str]) -> list[Row]:
        """Get one page of a listing, to see what it answers."""
        return _rows(self._get(f"{self._url}/api/v1{path}", query, f"list the {what}"), what)

    def _pages(self, what: str, path: str, query: dict[str, str]) -> Iterator[Row]:
        first = f"{self._url}/api/v1{path}"
        url, asked, seen = first, {"limit": PAGE, **query}, set[str]()
        while True:
            answer = self._get(url, asked, f"list the {what}")
            yield from _rows(answer, what)
            following = _next(answer)
            if not following:
                return
            if not _same_place(following, first):
                raise SourceError(
                    f"Okta's list of {what} goes on at another address than it began ({_place(following)}), so it is "
                    "not followed; set 'url' to the address that Okta itself uses."
                )
            if following in seen:
                raise SourceError(f"Okta sent the same page of {what} twice, so the listing is not complete; {LATER}.")
            seen.add(following)
            url, asked = following, {}

    def _get(self, url: str, query: dict[str, str], doing: str) -> requests.Response:
        answer = self._send(url, query, doing)
        for _ in range(RENEWALS):
            if not self._sign_in.renew(answer):
                break
            answer = self._send(url, query, doing)
        if answer.status_code != 200:
            app = not isinstance(self._sign_in, ApiToken)
            raise refused(answer, doing, self._session.patience, app=app)
        return answer

    def _send(self, url: str, query: dict[str, str], doing: str) -> requests.Response:
        operation = operation_of("GET", url)
        self._windows.wait(operation)
        try:
            answer = self._session.whole(lambda: self._session.call("GET", url, query=query))
        except requests.RequestException as exc:
            raise no_answer(exc, doing, self._session.patience) from exc
        self._windows.heed(operation, answer.headers)
        return answer


def _rows(answer: requests.Response, what: str) -> list[Row]:
    try:
        rows = answer.json()
    except (RecursionError, ValueError) as exc:
        raise SourceError(f"Okta's list of {what} is not JSON, so it is not complete; {LATER}.") from exc
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SourceError(f"Okta's answer is no list of {what}, so it is not complete; {LATER}.")
    return rows


def _next(answer: requests.Response) -> str:
    """Return the address of the page after this one, nothing for the last; a link to itself is none."""
    return str(answer.links.get("next", {}).get("url", ""))


def _same_place(url: str, first: str) -> bool:
    return _place(url) == _place(first) and urlsplit(url).path == urlsplit(first).path


def _place(url: str) -> str:
    """Return scheme, host and port, in one form."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    except ValueError:
        return "no address"
    return f"{parts.scheme}://{parts.hostname}:{port}"
