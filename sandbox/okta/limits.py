"""Rate limits as Okta's answers tell them, and the limit of calls at once ("Rate limit best practices")."""

import math
from email.utils import formatdate

from sandbox.clock import Clock
from sandbox.quotas import Quotas
from sandbox.refusal import Refusal
from sandbox.switches import Switches


class Limits:
    """Says on every answer how many calls are left, and counts calls that are under way."""

    def __init__(self, quotas: Quotas, switches: Switches, clock: Clock) -> None:
        self._quotas, self._switches, self._clock = quotas, switches, clock
        self.under_way = 0

    def check_concurrency(self) -> None:
        """Raise a refusal if more calls are under way than may be."""
        if self.under_way > self._switches.okta_concurrency:
            raise Refusal("throttle", "Too many requests at once.", at_once=True)

    def headers(self, operation: str, refusal: Refusal | None) -> dict[str, str]:
        """Return what an answer tells."""
        now, window = self._clock.now(), self._quotas.okta_window(operation)
        limit, left, reset = window.per_window, window.left(now), window.ends(now)
        if refusal and refusal.kind == "throttle" and left:  # nobody has used it up: of calls at once, or asked for
            limit, left, reset = (0 if refusal.details.get("at_once") else limit), 0, now
        return {
            "Date": formatdate(now, usegmt=True),
            "X-Rate-Limit-Limit": str(limit),
            "X-Rate-Limit-Remaining": str(left),
            "X-Rate-Limit-Reset": str(math.ceil(reset)),
        }
