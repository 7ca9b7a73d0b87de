"""An explanation on the terminal says of members only what is known."""

import io

import pytest
from rich.console import Console

from sso_sync.core.explanations import GroupExplained, Origin
from sso_sync.core.keeping import UNREAD
from sso_sync.entrypoints.cli.explained import print_explanation


@pytest.mark.parametrize(
    ("members", "left_out", "by_aws", "said"),
    [
        (3, "", False, "3: 2 directly, 1 through groups below"),
        (0, "", False, "none"),
        (0, UNREAD, False, "not known, its directory could not be read"),
        (0, "", True, "known to AWS alone, which syncs them"),
    ],
)
def test_members_are_none_only_where_that_is_known(members: int, left_out: str, by_aws: bool, said: str) -> None:
    group = GroupExplained(
        name="admins",
        email="",
        verdict="is in AWS",
        directory=Origin(source_id="g1", listed=True, left_out=left_out),
        aws=None,
        members=members,
        nested=min(members, 1),
        by_aws=by_aws,
    )
    text = io.StringIO()
    print_explanation(group, Console(file=text, width=100, highlight=False))
    (line,) = (line for line in text.getvalue().splitlines() if line.strip().startswith("Members"))
    assert line.strip().removeprefix("Members").strip() == said
