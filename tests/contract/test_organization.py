"""Names of AWS accounts, from the local AWS and from one that says no."""

import http.server
import itertools
import json
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from sso_sync.aws.organization import account_names
from sso_sync.core.errors import PermissionMissing, SsoSyncError, TargetError
from sso_sync.http.boto import Aws
from sso_sync.http.patience import Patience

Json = dict[str, Any]
NUMBERS = itertools.count(1)
Answers = Callable[[Json], tuple[int, Json]]  # request → status, body


class Organization:
    """Answers as Organizations does: AWS JSON 1.1, whatever is asked."""

    def __init__(self, answers: Answers) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert self.headers["X-Amz-Target"] == "AWSOrganizationsV20161128.ListAccounts"
                status, body = answers(asked)
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def end(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Answers], None]]:
    started: list[Organization] = []

    def start(answers: Answers) -> None:
        started.append(Organization(answers))
        reach(monkeypatch, started[-1].url)

    yield start
    for organization in started:
        organization.end()


def reach(monkeypatch: pytest.MonkeyPatch, url: str, account: str = "000000000000") -> None:
    variables = {"AWS_ENDPOINT_URL": url, "AWS_REGION": "us-east-1", "AWS_DEFAULT_REGION": "us-east-1"}
    for name, value in (variables | {"AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "x"}).items():
        monkeypatch.setenv(name, value)


def names(attempts: int = 1) -> dict[str, str]:
    return dict(account_names(Aws(attempts=attempts), Patience(10)))


def test_every_account_of_the_organisation_has_its_name(local_aws: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reach(monkeypatch, local_aws, f"{os.getpid() % 1_000_000:06}{next(NUMBERS):06}")
    organizations: Any = boto3.Session().client("organizations")  # of this test's own credentials
    for name in ("Production", "<b>Sandbox</b>"):
        organizations.create_account(AccountName=name, Email=f"{len(name)}@example.com")
    assert set(names().values()) == {"Master Account", "Production", "<b>Sandbox</b>"}
    assert all(len(account) == 12 for account in names())


def test_pages_are_followed_as_far_as_a_run_waits_for(answering: Callable[[Answers], None]) -> None:
    def page(asked: Json) -> tuple[int, Json]:
        number = int(asked.get("NextToken", "0"))
        return 200, {"Accounts": [{"Id": f"{number:012}", "Name": f"n{number}"}], "NextToken": str(number + 1)}

    answering(page)
    assert len(dict(account_names(Aws(attempts=1), Patience(10), per_second=10_000))) == 100


def test_outside_an_organisation_there_are_no_names(answering: Callable[[Answers], None]) -> None:
    answering(lambda _: (400, {"__type": "AWSOrganizationsNotInUseException", "Message": "Your account is not …"}))
    assert names() == {}


@pytest.mark.parametrize(
    ("status", "body", "error", "sentence"),
    [
        (400, {"__type": "AccessDeniedException", "Message": "no"}, PermissionMissing, "lacks the permission List"),
        (400, {"__type": "TooManyRequestsException", "Message": "slow"}, TargetError, "TooManyRequestsException"),
        (500, {"__type": "ServiceException", "Message": "away"}, TargetError, "ServiceException"),
        (200, {"Accounts": [{"Id": "111111111111"}]}, TargetError, "answer is broken"),
        (200, {}, TargetError, "answer is broken"),
    ],
)
def test_names_that_cannot_be_read_are_one_sentence(
    answering: Callable[[Answers], None], status: int, body: Json, error: type[SsoSyncError], sentence: str
) -> None:
    answering(lambda _: (status, body))
    with pytest.raises(error, match=sentence):
        names()


def test_a_throttled_call_is_tried_again(answering: Callable[[Answers], None]) -> None:
    left = [(400, {"__type": "TooManyRequestsException", "Message": "slow"})]
    answering(lambda _: left.pop() if left else (200, {"Accounts": [{"Id": "111111111111", "Name": "Production"}]}))
    assert names(attempts=2) == {"111111111111": "Production"}
