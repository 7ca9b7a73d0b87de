"""Requests to Microsoft Graph, alone or twenty in a batch, each tried again for as long as it is worth it.

Batches: "Combine multiple HTTP requests using JSON batching" of the Graph documentation. Costs in resource units, and
what a tenant of the smallest kind has of them: its page on throttling limits.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
import requests
from msgspec import Struct

from sso_sync.core.errors import SourceError
from sso_sync.http.calls import Calls, said_of
from sso_sync.http.causes import cause_of
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import impatient
from sso_sync.http.session import Session
from sso_sync.sources.entra_id.answers import Answer, is_passing, refused, unusable

SYSTEM = "entra"  # as calls are counted
BATCH = 20  # requests
UNITS_PER_SECOND = 350.0
QUOTA_SHARE = 0.9  # the rest is for others who use the same app registration
ATTEMPTS = 6
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 20.0  # seconds, where Graph does not say for how long
NEARLY_THROTTLED = 0.8  # of the limit: from there on Graph tells how much is used


class Request(Struct, frozen=True):
    """Something to be read: `path` is below the version; `doing` is for sentences, `units` what it costs.

    `permission` is the least one that it needs; `may_fail` names statuses that are an answer too.
    """

    path: str
    doing: str
    permission: str
    units: int = 1
    may_fail: frozenset[int] = frozenset()

    def following(self, path: str) -> "Request":
        """Return the request for the next page, which is there: no status but success is an answer of it."""
        return msgspec.structs.replace(self, path=path, may_fail=frozenset())


class Wire:
    """Gets answers with access tokens; each request of a batch is tried `attempts` times."""

    def __init__(
        self,
        url: str,
        session: Session,
        token: Callable[[], str],
        governor: RateGovernor,
        calls: Calls,
        attempts: int = ATTEMPTS,
    ) -> None:
        self.root = f"{url.rstrip('/')}/v1.0"
        self._session, self._token, self._governor = session, token, governor
        self._calls, self._attempts = calls, attempts
        self._bearer = ""
        session.auth = self._prove  # an auth object, because a .netrc entry would replace a plain header

    def _prove(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._bearer}"
        return request

    def answers(self, asked: Sequence[Request]) -> Sequence[Answer]:
        """Get the answers to at most 20 requests, in their order; raises CredentialsError or SourceError."""
        if len(asked) == 1:
            return [self._alone(asked[0])]
        answers: dict[int, Answer] = {}
        for attempt in range(self._attempts):
            missing = [number for number in range(len(asked)) if number not in answers]
            fresh = dict(zip(missing, self._batch([asked[number] for number in missing]), strict=True))
            passing = {n: answer for n, answer in fresh.items() if is_passing(answer, asked[n].may_fail)}
            answers |= fresh
            if not passing or attempt == self._attempts - 1:
                break
            self._hold(list(passing.values()), attempt, asked[0].doing)
            answers = {number: answer for number, answer in answers.items() if number not in passing}
        return [answers[number] for number in range(len(asked))]

    def _hold(self, passing: Sequence[Answer], attempt: int, doing: str) -> None:
        """Hold all requests for as long as those ask for that failed for the moment."""
        pause = max(answer.retry_after for answer in passing) or min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
        said = said_of(passing[0].status, throttled=passing[0].status == 429)
        if not self._session.patience.grant(pause):
            raise SourceError(impatient(doing, "Microsoft Graph", self._session.patience.minutes, said))
        self._calls.pause(SYSTEM, said, pause)
        self._governor.slow_down(pause)

    def _alone(self, request: Request) -> Answer:
        answer = self._call("GET", f"{self.root}{request.path}", request.doing, request.units)
        self._slow_down([answer])
        return answer

    def _batch(self, asked: Sequence[Request]) -> list[Answer]:
        doing = asked[0].doing
        parts = [{"id": str(number), "method": "GET", "url": one.path} for number, one in enumerate(asked, 1)]
        units = sum(one.units for one in asked)
        whole = self._call("POST", f"{self.root}/$batch", doing, units, {"requests": parts})
        if whole.status != 200:
            raise refused(whole, doing, asked[0].permission)
        answers = _parts_of(whole, doing)
        if sorted(answer_id for answer_id, _ in answers) != sorted(part["id"] for part in parts):
            raise unusable(doing, "a batch without one answer to each of its requests")
        by_id = dict(answers)
        ordered = [by_id[part["id"]] for part in parts]
        self._slow_down(ordered)
        return ordered

    def _call(self, method: str, url: str, doing: str, units: int, body: dict[str, Any] | None = None) -> Answer:
        self._bearer = self._token()  # before anything is counted: it may not come
        self._governor.wait("graph", units)
        try:
            response = self._session.whole(lambda: self._session.call(method, url, body))
            return Answer.of(response.status_code, response.headers, response.json())
        except requests.JSONDecodeError as exc:
            raise unusable(doing, "it is not JSON") from exc
        except RecursionError as exc:
            raise unusable(doing, "it is nested too deeply") from exc
        except requests.RequestException as exc:
            said, patience = cause_of(exc), self._session.patience
            if patience.used_up:
                raise SourceError(impatient(doing, "Microsoft Graph", patience.minutes, said)) from exc
            raise unusable(doing, said) from exc

    def _slow_down(self, answers: Iterable[Answer]) -> None:
        """Slow down before Graph refuses: it tells when most of the quota is used."""
        if any(answer.used >= NEARLY_THROTTLED for answer in answers):
            self._governor.slow_down(0)


def _parts_of(whole: Answer, doing: str) -> list[tuple[str, Answer]]:
    """Take a batch's answer apart, by the ids of its requests: they come in any order."""
    parts = whole.body.get("responses") if isinstance(whole.body, dict) else None
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise unusable(doing, "a batch of another shape")
    told = ("status", "headers", "body")
    return [(str(part.get("id")), Answer.of(*(part.get(name) for name in told))) for part in parts]


def operation_of(method: str, url: str) -> str:
    """Name an operation as it is counted, from its method and the address or path, such as "GET users"."""
    return f"{method} {re.split('[?/(]', url.partition('/v1.0/')[2])[0]}"
