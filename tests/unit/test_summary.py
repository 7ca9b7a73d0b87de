"""What a run is said to have come to: never more than it has."""

from typing import Any

import pytest

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.scope import Scope
from sso_sync.reporters.summary import approvers, summary
from tests.support.reports import STARTED, joins, made, planned

REFUSAL = Refusal.of("d-1", "c", {"key": "ann leaves devs"}, ["too many"], "run", STARTED)


@pytest.mark.parametrize(
    ("of_the_run", "said"),
    [
        ({}, "Identity Center follows the directory."),
        ({"waiting": REFUSAL}, "Identity Center follows the directory, save for what waits for approval."),
        ({"held": ("a group",)}, "Identity Center follows the directory, save for what nobody has allowed."),
        ({"scope": Scope(group="devs")}, "that is all of what was asked for (the group 'devs' alone)."),
        ({"scope": Scope(additive=True)}, "that is all of what was asked for (nothing taken away)."),
        ({"scope": Scope(created=True)}, "what the deployment had created is removed."),
    ],
    ids=str,
)
def test_only_a_run_that_saw_everything_says_that_the_directory_is_followed(
    of_the_run: dict[str, Any], said: str
) -> None:
    assert summary(made(joins("ann", "devs"), **of_the_run)) == f"1 change made; {said}"
    assert summary(planned(**of_the_run)) == f"There was nothing to change; {said}"


def test_an_approver_is_called_by_the_end_of_the_arn() -> None:
    arns = ("arn:aws:sts::111122223333:assumed-role/Approver/ann@example.com", "arn:aws:iam::111122223333:root")
    approved = tuple(Approval("digest", arn, STARTED) for arn in arns)
    assert approvers(made(approved=approved)) == "ann@example.com, root"
