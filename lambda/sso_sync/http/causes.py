"""Why a request got no answer, in a few words."""

import requests


def cause_of(exc: requests.RequestException) -> str:
    """Return what lies below the wrappings of requests and urllib3, on one line."""
    reason = getattr(exc.args[0], "reason", exc.args[0]) if exc.args else exc
    return str(reason).split(": ", 1)[-1][:200]
