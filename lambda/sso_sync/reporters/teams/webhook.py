"""Posting cards to a channel, by the address that a Workflow of Teams gives."""

import requests

from sso_sync.core.errors import ReportError
from sso_sync.http.session import Session
from sso_sync.reporters.teams.blocks import Json

# Connectors of the older kind answer 200 and put the failure into the text.
_FAILED_INSIDE = b"microsoft teams endpoint returned http error"
_ADVICE = {
    400: "the workflow does not take this message",
    401: "the address is not valid any more; store the workflow's new one",
    403: "the address is not valid any more; store the workflow's new one",
    404: "the workflow is gone; make a new one and store its address",
    410: "the workflow is gone; make a new one and store its address",
    413: "the message is too large",
    429: "too many messages, even after waiting",
}


class TeamsWebhook:
    """Posts cards to one address, which is a secret: whoever has it can post."""

    def __init__(self, url: str, session: Session) -> None:
        self._url, self._session = url, session

    def post(self, card: Json) -> None:
        """Post a card; raises ReportError, which never holds the address."""
        problem = ""
        try:
            problem = _problem(self._session.call("POST", self._url, card))
        except requests.RequestException as exc:
            problem = f"Teams could not be reached ({type(exc).__name__}); check the network and the stored address."
        if problem:  # raised here, because in the handler it would carry the exception whose text has the address
            raise ReportError(problem)


def _problem(answer: requests.Response) -> str:
    """Say what is wrong with an answer, or nothing."""
    if not 200 <= answer.status_code < 300:
        advice = _ADVICE.get(answer.status_code, "the card was not posted")
        return f"Teams answered {answer.status_code}: {advice}."
    if _FAILED_INSIDE in answer.content.lower():
        return f"Teams answered {answer.status_code}, but its text says that the card was not posted."
    return ""
