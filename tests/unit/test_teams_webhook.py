"""Posting cards: what counts as posted, and errors that keep the address to themselves."""

from typing import Any

import pytest
import requests

from sso_sync.core.errors import ReportError
from sso_sync.core.report import Verdict
from sso_sync.http.session import Session
from sso_sync.reporters.teams import TeamsWebhook, make_card
from tests.support.reports import ENDINGS

URL = "https://prod.logic.azure.com/workflows/w/triggers/manual/paths/invoke?sig=s3cret"


class Channel(Session):
    """A session whose other end answers as told, or raises."""

    def __init__(self, status: int = 202, text: str = "", error: Exception | None = None) -> None:
        super().__init__()
        self.status, self.text, self.error = status, text, error
        self.posted: list[object] = []

    def call(self, method: str, url: str, body: Any = None, query: Any = None, form: Any = None) -> requests.Response:
        assert (method, url, query, form) == ("POST", URL, None, None)
        self.posted.append(body)
        if self.error:
            raise self.error
        answer = requests.Response()
        answer.status_code, answer.url, answer._content = self.status, url, self.text.encode()  # noqa: SLF001
        return answer


CARD = make_card(ENDINGS[Verdict.DONE])


def post(channel: Channel) -> None:
    TeamsWebhook(URL, channel).post(CARD)


def test_a_card_is_posted_as_it_is() -> None:
    channel = Channel()
    post(channel)
    assert channel.posted == [CARD]


@pytest.mark.parametrize(
    "channel",
    [
        Channel(429),
        Channel(302),
        Channel(404, URL),
        Channel(200, "Webhook message delivery failed: Microsoft Teams endpoint returned HTTP error 413"),
        Channel(error=requests.ConnectionError(f"Max retries exceeded with url: {URL}")),
        Channel(error=requests.exceptions.InvalidURL(URL)),
    ],
)
def test_a_card_that_was_not_posted_is_one_sentence_without_the_address(channel: Channel) -> None:
    with pytest.raises(ReportError, match=r"^Teams [^\n]*\.$") as caught:
        post(channel)
    assert "s3cret" not in str(caught.value)
    assert "azure" not in str(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize("status", [200, 202])
def test_an_accepted_card_is_success(status: int) -> None:
    post(Channel(status, "1"))
