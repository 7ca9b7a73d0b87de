"""What makes two sentences the same."""

import pytest

from sso_sync.core.wording import masked


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("after 31 s", "after 4 s"),
        ("on 2026-11-22T03:20:07Z", "on 2026-11-23T01:00:00Z"),
        ("(RequestId 5f0c9e1b-7a42-4bcd-8e00-aabbccddeeff)", "(RequestId 00000000-7a42-4bcd-8e00-aabbccdd0000)"),
        ("at 10.0.0.1:443", "at 10.0.0.2:443"),
        ("after 31s, 1,000 times", "after 4s, 20 times"),
        ("in run 20261122T032007Z-abcdef", "in run 20261123T032007Z-123456"),
        ("(5F0C9E1B7A42)", "(00000000)"),
    ],
)
def test_numbers_times_and_ids_make_no_other_problem(one: str, other: str) -> None:
    assert masked(f"It failed {one}.") == masked(f"It failed {other}.")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Google is away.", "AWS is away."),
        ("The group 'aws-team1' is gone.", "The group 'aws-prod2' is gone."),
        ("The group aws-team1 is gone.", "The group aws-team2 is gone."),
        ("The group aws-team-1 is gone.", "The group aws-team-2 is gone."),
        ("ann.1@example.com is gone.", "ann.2@example.com is gone."),
        ("The group '1' is gone.", "The group '2' is gone."),
        ('The group "team 20261122" is gone.', 'The group "team 20261123" is gone.'),
        ("It's the group 'o'hara 1' that's gone.", "It's the group 'o'hara 2' that's gone."),
    ],
)
def test_other_words_and_other_names_make_another_problem(one: str, other: str) -> None:
    assert masked(one) != masked(other)
