"""What a run wants to know of boto3's calls, and to say about their retries."""

from typing import Any

from botocore.exceptions import ClientError
from botocore.hooks import BaseEventHooks

from sso_sync.http.calls import Calls, said_of
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience

THROTTLED = {"ThrottlingException", "Throttling", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
SHORTEST_HOLD, LONGEST_HOLD = 1.0, 60.0  # seconds
LONGEST_BACKOFF = 20.0  # seconds, in boto3's standard mode
_IMPATIENT = "SsoSyncImpatient"


def count_calls(events: BaseEventHooks, calls: Calls) -> None:
    """Count every attempt of every client that is made with these events."""

    def count(event_name: str, operation_name: str, **_: object) -> None:
        calls.count(event_name.split(".")[1], operation_name)

    events.register("request-created", count)


def watch_pauses(events: BaseEventHooks, calls: Calls) -> None:
    """Note what boto3 waits for before it tries again; it does so by itself."""

    def note(event_name: str, response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: object) -> None:
        answer = response[1] if response else {}
        throttled, status = answer.get("Error", {}).get("Code") in THROTTLED, _status(answer)
        if response is None or throttled or status >= 500:
            pause = max(_hold(answer), _backoff(attempts))
            calls.pause(event_name.split(".")[1], said_of(status, throttled=throttled), pause)

    events.register_first("needs-retry", note)


def watch_retries(events: BaseEventHooks, service: str, governor: RateGovernor, patience: Patience) -> None:
    """Slow a service's calls when it throttles one of them, and forbid retries when the run's patience is used up."""

    def judge(response: tuple[Any, dict[str, Any]] | None, attempts: int, **_: object) -> bool | None:
        """Answer False to forbid a retry; None leaves it to boto3."""
        answer = response[1] if response else {}
        hold = _hold(answer)
        if response and not hold and _status(answer) < 500:
            return None
        granted = patience.grant(max(hold, _backoff(attempts)))
        if hold:
            governor.slow_down(hold if granted else 0)
        if granted:
            return None
        note_impatience(answer, patience)
        return False

    events.register_first(f"needs-retry.{service}", judge)  # type: ignore[arg-type] # the stubs want no answer


def note_impatience(answer: dict[str, Any], patience: Patience) -> None:
    """Note in an error's answer that it was not tried again, because the run's patience is used up."""
    answer.setdefault("ResponseMetadata", {})[_IMPATIENT] = patience.minutes


def minutes_of_patience(error: ClientError) -> float | None:
    """Return for how long the run had waited when it gave up retrying what has this error; None if it did not."""
    metadata: dict[str, Any] = {**error.response.get("ResponseMetadata", {})}
    return metadata.get(_IMPATIENT)


def _backoff(attempts: int) -> float:
    """Return how many seconds boto3 waits at most after so many attempts."""
    return float(min(2.0 ** (attempts - 1), LONGEST_BACKOFF))


def _hold(answer: dict[str, Any]) -> float:
    """Return for how long an answer asks everybody to wait, in seconds; 0 if it does not."""
    asked = _number(answer.get("RetryAfterSeconds"))
    if answer.get("Error", {}).get("Code") in THROTTLED:
        return min(max(asked, SHORTEST_HOLD), LONGEST_HOLD)
    return min(asked, LONGEST_HOLD) if _status(answer) == 503 else 0.0


def _number(value: object) -> float:
    """Return a number of seconds; 0 for anything else, for less, and for what never ends."""
    number = value if isinstance(value, int | float) else 0.0
    return float(number) if 0 < number <= LONGEST_HOLD * 1000 else 0.0


def _status(answer: dict[str, Any]) -> int:
    return int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
