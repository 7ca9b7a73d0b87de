"""What an examination is made of: steps side by side, bounded in time, and where to click for a permission."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from sso_sync.aws.grants import grant_to
from sso_sync.bootstrap.doctor.conducting import Step, conduct
from sso_sync.bootstrap.doctor.known import Known
from sso_sync.bootstrap.doctor.sources import SourceStep
from sso_sync.bootstrap.ground import Ground
from sso_sync.core.errors import SettingsError, TargetError
from sso_sync.core.findings import Credential, Finding, Mark
from sso_sync.core.model import Directory
from sso_sync.http.boto import Aws
from sso_sync.settings import settings_of


def finds(*subjects: str) -> Iterator[Finding]:
    for subject in subjects:
        yield Finding(subject, Mark.GOOD, "It is there.")


def soon() -> float:
    return time.monotonic() + 5


def test_steps_run_at_the_same_time_and_tell_in_their_order() -> None:
    meeting = threading.Barrier(2)

    def meets(name: str) -> Iterator[Finding]:
        meeting.wait(5)
        yield from finds(name)

    steps = [Step("a", lambda: meets("a")), Step("b", lambda: meets("b"))]
    assert [finding.subject for finding in conduct(steps, soon())] == ["a", "b"]


def test_a_step_that_does_not_end_is_left_behind_with_what_it_has_found() -> None:
    release = threading.Event()

    def hangs() -> Iterator[Finding]:
        yield from finds("slow: first")
        release.wait(30)

    began = time.monotonic()
    found = list(conduct([Step("slow", hangs), Step("b", lambda: finds("b"))], time.monotonic() + 0.1))
    release.set()
    assert time.monotonic() - began < 5
    assert [(finding.subject, finding.mark) for finding in found] == [
        ("slow: first", Mark.GOOD),
        ("slow", Mark.PROBLEM),
        ("b", Mark.GOOD),
    ]


class Slow:
    """A source that finds nothing amiss, and then takes its time to say with what it signs in."""

    name = "slow"

    def __init__(self, release: threading.Event) -> None:
        self._release = release

    def read(self) -> Directory:
        raise NotImplementedError

    def examine(self) -> Iterator[Finding]:
        yield from finds("sign-in")

    def credentials(self) -> Sequence[Credential]:
        self._release.wait(30)
        return [Credential(what="its key", kind="a key", stored=True)]


def source_step(release: threading.Event) -> SourceStep:
    settings = settings_of({"sources": [{"type": "ad_sync", "domain": "x", "groups": [{"name": "a"}]}]}, "it", {})
    known = Known(Ground(settings, Path(), None, Aws("us-east-1"), None))
    return SourceStep(known, lambda *_: Slow(release), 0, settings.sources[0])


def test_a_source_that_does_not_say_with_what_it_signs_in_is_left_behind() -> None:
    release = threading.Event()
    step = source_step(release)
    found = list(conduct([Step("slow", step.examine)], time.monotonic() + 0.1))
    assert ([finding.mark for finding in found], step.credentials) == ([Mark.GOOD, Mark.PROBLEM], ())
    release.set()


def test_with_what_a_source_signs_in_is_known_once_it_was_looked_at() -> None:
    release = threading.Event()
    release.set()
    step = source_step(release)
    assert [finding.mark for finding in conduct([Step("slow", step.examine)], soon())] == [Mark.GOOD]
    assert [one.what for one in step.credentials] == ["its key"]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (TargetError("AWS is away."), "AWS is away."),
        (SettingsError("x", ["a: bad", "b: bad"]), "a: bad; b: bad"),
        (KeyError("x"), "This is a bug in sso-sync (KeyError: 'x')."),
    ],
)
def test_a_step_that_raises_has_found_a_problem_and_the_others_go_on(error: Exception, said: str) -> None:
    def raises() -> Iterator[Finding]:
        yield from finds("a: first")
        raise error

    found = list(conduct([Step("a", raises), Step("b", lambda: finds("b"))], soon()))
    assert [finding.subject for finding in found] == ["a: first", "a", "b"]
    assert (found[1].mark, found[1].said) == (Mark.PROBLEM, said)


@pytest.mark.parametrize(
    ("caller", "said"),
    [
        ("arn:aws:sts::1:assumed-role/Operator/ann", "Allow the role Operator s3:GetObject (IAM console, Roles, Oper"),
        ("arn:aws:iam::1:role/x/Sync", "Allow the role Sync s3:GetObject (IAM console, Roles, Sync,"),
        ("arn:aws:iam::1:user/ann", "Allow the user ann s3:GetObject (IAM console, Users, ann,"),
        (
            "arn:aws:sts::1:assumed-role/AWSReservedSSO_Power_User_0123456789abcdef/ann@example.com",
            "Allow s3:GetObject in the permission set Power_User (IAM Identity Center console, Permission sets,",
        ),
        ("", "Allow s3:GetObject to whoever runs this."),
    ],
)
def test_a_grant_says_where_to_click_for_this_caller(caller: str, said: str) -> None:
    assert grant_to(caller, "s3:GetObject").startswith(said)
