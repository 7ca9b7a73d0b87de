"""A run asks with what is signed in, and its plan, its report and its record warn."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from sso_sync.bootstrap.credentials import how_to_keep, of_teams, scim_token
from sso_sync.core.errors import SourceError
from sso_sync.core.findings import Credential
from sso_sync.core.policy import Policy
from sso_sync.core.report import RunReport, Verdict
from sso_sync.engine.run import Review, Run
from sso_sync.settings import settings_of
from tests.support.memory import MemorySource, MemoryState, MemoryTarget, directory, group, user

COMPANY = directory([user("ann")], {group("devs"): ["ann"]})
SOON = datetime.now(UTC) + timedelta(days=20)


class Heard:
    """Keeps the reports of runs."""

    name = "heard"

    def __init__(self) -> None:
        self.reports: list[RunReport] = []

    def report(self, report: RunReport) -> None:
        self.reports.append(report)


class Speechless(MemorySource):
    """A source that does not know with what it signs in."""

    def credentials(self) -> Sequence[Credential]:
        raise SourceError("Nobody tells.")


def credential(what: str, **more: Any) -> Credential:
    return Credential(what=what, kind="a token", stored=True, **{"expires": SOON} | more)


def test_credentials_of_sources_and_of_writing_are_warned_of_together() -> None:
    source, heard, state = MemorySource(COMPANY), Heard(), MemoryState()
    source.signed_in_with = [credential("the directory's key"), credential("a key for ever", expires=None)]
    run = Run(
        [source],
        MemoryTarget(),
        state,
        Policy(),
        reporters=lambda: [heard],
        credentials=lambda: [credential("the SCIM token")],
    )
    sentences = tuple(f"{what} expires on {SOON:%Y-%m-%d}" for what in ("the SCIM token", "the directory's key"))
    assert run.draft().plan.warnings == sentences
    run.execute("test", Review())
    (report,) = heard.reports
    assert (report.verdict, report.expiring) == (Verdict.DONE, sentences)
    record = msgspec.json.decode(list(state.records.values())[-1])
    assert tuple(record["plan"]["warnings"]) == sentences


def test_a_source_that_does_not_say_ends_no_run() -> None:
    run = Run([Speechless(COMPANY)], MemoryTarget(), MemoryState(), Policy())
    assert run.draft().expiring == ()


def test_a_token_lasts_a_year_from_when_it_was_stored_at_most() -> None:
    stored = datetime(2025, 12, 10, tzinfo=UTC)
    assert scim_token("secret:scim-token", stored).expires == datetime(2026, 12, 10, tzinfo=UTC)
    assert scim_token("env:TOKEN", None).expires is None


def test_where_a_new_one_goes_is_where_the_config_says_that_it_is() -> None:
    assert how_to_keep("secret:scim-token") == "store it with 'sso-sync secrets put scim-token --file FILE'"
    assert how_to_keep("env:TOKEN") == "put it into the variable TOKEN"
    assert how_to_keep("./token") == "write it to ./token"
    assert how_to_keep("arn:aws:ssm:us-east-1:1:parameter/x") == "store it in arn:aws:ssm:us-east-1:1:parameter/x"


def test_both_webhooks_are_credentials_and_end_with_their_owner() -> None:
    source = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["*"]}}
    both = settings_of({"sources": [source], "teams": {"problems": "env:PROBLEMS"}}, "the test", {})
    told = list(of_teams(both))
    assert [one.what for one in told] == ["the Teams webhook", "the Teams webhook for problems"]
    assert all(one.stored and one.expires is None for one in told)
    assert not list(of_teams(settings_of({"sources": [source]}, "the test", {})))
