"""The ways of writing that a story is told by."""

import pytest

# By SCIM in every run of the tests, by the Identity Store API as well where there is time: both ways have the
# contract suites of their own.
both = pytest.mark.parametrize(
    "scim", [True, pytest.param(False, marks=pytest.mark.long)], ids=["scim", "identity-store"]
)
