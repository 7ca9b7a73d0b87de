"""The pattern language: which groups and people a config selects."""

import pytest

from sso_sync.core.selection import GROUP_FIELDS, USER_FIELDS, Filter, Pattern, Selection

ADMINS = {"name": ("AWS Admins",), "email": ("aws-admins@example.com",)}
ANN = {
    "name": ("Ann Doe",),
    "email": ("Ann@Example.com",),
    "org_unit": ("/Sales/Europe",),
    "custom.Access.aws": ("yes", "prod"),
}


def group_matches(text: str, name: str = "AWS Admins", email: str = "aws-admins@example.com") -> bool:
    return Pattern.parse(text, GROUP_FIELDS).matches({"name": (name,), "email": (email,)})


def user_matches(text: str, **changed: str) -> bool:
    record = ANN | {field: (value,) for field, value in changed.items()}
    return Pattern.parse(text, USER_FIELDS, custom=True).matches(record)


def all_of(*texts: str) -> Filter:
    patterns = (Pattern.parse(text, USER_FIELDS, custom=True) for text in texts)
    return Filter(" and ".join(texts), tuple(patterns))


@pytest.mark.parametrize("text", ["aws-*", "AWS-ADMINS@*", "aws a*", "*admins", "AWS?Admins", "*", " aws-* "])
def test_a_bare_glob_matches_the_name_or_the_address_in_any_case(text: str) -> None:
    assert group_matches(text)


@pytest.mark.parametrize("text", ["aws", "admins", "AWS??Admins", "aws-*@example.org", "aws.admins"])
def test_a_bare_glob_must_match_the_whole_name_or_address(text: str) -> None:
    assert not group_matches(text)


@pytest.mark.parametrize("name", ["a.b", "a+b", "[ab]", "a(b", "a|b", "a\\b", "$a^"])
def test_nothing_but_star_and_question_mark_is_special(name: str) -> None:
    assert group_matches(name, name=name)
    assert not group_matches(name, name="ab")


def test_a_star_also_spans_line_breaks() -> None:
    assert group_matches("name:a*z", name="a\nz")


def test_a_named_field_with_a_colon_is_a_glob_on_that_field_alone() -> None:
    assert group_matches("name:aws adm*")
    assert not group_matches("name:aws-adm*")
    assert group_matches("email:AWS-adm*")
    assert group_matches("name : aws adm*")


@pytest.mark.parametrize(
    ("text", "fits"),
    [("name=AWS Admins", True), ("name=aws admins", False), ("name=AWS*", False), ("name=AWS Admin", False)],
)
def test_a_named_field_with_an_equals_sign_is_exact_to_the_letter(text: str, fits: bool) -> None:
    assert group_matches(text) is fits


def test_an_equals_sign_takes_a_star_literally() -> None:
    assert group_matches("name=Team *", name="Team *")


def test_an_exact_address_never_differs_by_case() -> None:
    assert user_matches("email=ann@example.COM")
    assert not user_matches("email=ann@example.co")


@pytest.mark.parametrize("unit", ["/Sales", "/sales", "/Sales/", "/Sales/Europe", "/"])
def test_an_org_unit_with_a_colon_holds_everything_below_it(unit: str) -> None:
    assert user_matches(f"org_unit:{unit}")


@pytest.mark.parametrize("unit", ["/SalesX", "/SalesX/Europe", "/Europe", "/"])
def test_an_org_unit_does_not_hold_its_neighbours(unit: str) -> None:
    assert not user_matches("org_unit:/Sales", org_unit=unit)


def test_the_root_unit_holds_those_who_are_in_no_other() -> None:
    assert user_matches("org_unit:/", org_unit="/")


@pytest.mark.parametrize(
    ("unit", "fits"), [("/Sales", True), ("/Sales/Europe", False), ("/sales", False), ("/SalesX", False)]
)
def test_an_org_unit_with_an_equals_sign_is_that_unit_only(unit: str, fits: bool) -> None:
    assert user_matches("org_unit=/Sales", org_unit=unit) is fits


def test_a_custom_field_matches_if_any_of_its_values_does() -> None:
    assert user_matches("custom.Access.aws=prod")
    assert user_matches("custom.Access.aws:PR*")
    assert not user_matches("custom.Access.aws=PROD")
    assert not user_matches("custom.Access.other=yes")


def test_a_custom_field_may_have_a_name_with_blanks_and_dashes() -> None:
    pattern = Pattern.parse("custom.Job Data.cost-center=42", USER_FIELDS, custom=True)
    assert pattern.field == "custom.Job Data.cost-center"


def test_a_record_without_the_field_does_not_match() -> None:
    assert not Pattern.parse("org_unit:/", USER_FIELDS).matches({"name": ("Ann",)})


def test_several_patterns_must_all_match() -> None:
    assert all_of("org_unit:/Sales", "custom.Access.aws=yes").matches(ANN)
    assert not all_of("org_unit:/Sales", "custom.Access.aws=no").matches(ANN)


def test_selected_is_what_any_include_matches() -> None:
    selection = Selection((all_of("nobody"), all_of("ann*")))
    assert selection.selects(ANN)
    assert not selection.selects({"name": ("Bob",)})


def test_exclude_wins_over_include() -> None:
    assert not Selection((all_of("*"), all_of("email=ann@example.com")), (all_of("ann*"),)).selects(ANN)


def test_the_first_include_that_matches_is_the_one_that_selects() -> None:
    verdict = Selection((all_of("bob*"), all_of("ann*"), all_of("*"))).decide(ANN)
    assert (verdict.selected, verdict.by and verdict.by.text) == (True, "ann*")


def test_the_exclude_that_rejects_is_named() -> None:
    verdict = Selection((all_of("*"),), (all_of("bob*"), all_of("email=ann@example.com"))).decide(ANN)
    assert not verdict.selected
    assert verdict.why_not() == "excluded by the filter 'email=ann@example.com'"
    assert verdict.why_not("for users") == "excluded by the filter for users 'email=ann@example.com'"


def test_where_no_include_matches_no_exclude_is_blamed() -> None:
    verdict = Selection((all_of("bob*"),), (all_of("ann*"),)).decide(ANN)
    assert (verdict.selected, verdict.by) == (False, None)
    assert verdict.why_not() == "matched by no include filter"
    assert verdict.why_not("for users") == "matched by no include filter for users"


def test_an_exclude_of_several_patterns_needs_all_of_them() -> None:
    assert Selection((all_of("*"),), (all_of("ann*", "org_unit:/Support"),)).selects(ANN)


def test_filters_that_match_nothing_are_idle() -> None:
    selection = Selection((all_of("ann*"), all_of("amn*"), all_of("*", "org_unit=/Nowhere")), (all_of("typo"),))
    assert [f.text for f in selection.idle([ADMINS, ANN])] == ["amn*", "* and org_unit=/Nowhere", "typo"]


def test_every_filter_is_idle_where_there_are_no_records() -> None:
    assert len(Selection((all_of("*"),)).idle([])) == 1


def test_the_schemas_of_custom_fields_are_known_from_includes_and_excludes() -> None:
    selection = Selection((all_of("custom.Access.aws=yes", "*"),), (all_of("custom.HR.leaver=yes"),))
    assert selection.custom_schemas == {"Access", "HR"}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "a pattern must not be empty; write * for everything"),
        ("   ", "a pattern must not be empty; write * for everything"),
        ("name:", "'name:' says nothing after ':'"),
        ("email= ", "'email=' says nothing after '='"),
        ("nmae=Ann", "'nmae' is not a field to match on; use one of name, email"),
        ("org_unit:/Sales", "'org_unit' is not a field to match on; use one of name, email"),
        ("custom.A.b=1", "'custom.A.b' is not a field to match on; use one of name, email"),
    ],
)
def test_a_mistake_in_a_group_pattern_is_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        Pattern.parse(text, GROUP_FIELDS)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("text", ["custom.Access=yes", "custom.A.b.c=yes", "custom..b=yes", "title=Boss"])
def test_a_mistake_in_a_field_of_people_names_the_custom_form_too(text: str) -> None:
    with pytest.raises(ValueError, match=r"use one of name, email, org_unit, custom\.SCHEMA\.FIELD"):
        Pattern.parse(text, USER_FIELDS, custom=True)
