"""Plans and results on the terminal: a diff to read, in which names are only names."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from sso_sync.core.changes import (
    Adopt,
    Change,
    CreateGroup,
    CreateMembership,
    CreateUser,
    DeleteGroup,
    DeleteMembership,
    DeleteUser,
    Ref,
    UpdateUser,
)
from sso_sync.core.errors import ChangeRefused, ValueRefused
from sso_sync.core.model import SetAside
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.tally import describe, describe_plan
from sso_sync.entrypoints.cli.plan_text import print_plan
from sso_sync.entrypoints.cli.render import print_summary, summary_as_json
from sso_sync.entrypoints.cli.terminal import plain
from tests.support.memory import group, user

ANN, DEVS = Ref("U1", "ann", "ann@example.com"), Ref("G1", "id-devs", "devs")


def shown(plan: Plan, limit: int | None = None, *, waits: bool = False) -> str:
    """Show a plan as it arrives in a pipe."""
    text = io.StringIO()
    print_plan(plan, Console(file=text, width=80, highlight=False, soft_wrap=True), limit, waits=waits)
    return text.getvalue()


def drawn(plan: Plan, width: int = 80) -> list[str]:
    """Show a plan as it is on a terminal of this width, without colours."""
    text = io.StringIO()
    print_plan(plan, Console(file=text, width=width, highlight=False))
    return text.getvalue().splitlines()


def summary(*outcomes: Outcome) -> str:
    text = io.StringIO()
    print_summary(outcomes, Console(file=text, width=200, highlight=False))
    return text.getvalue()


def test_a_plan_reads_like_a_diff() -> None:
    after = user("bob", id="U2", active=False, attributes={"title": "Chief"})
    changes: list[Change] = [
        CreateUser(user("cem"), "in the directory"),
        UpdateUser(Ref("U2", "bob", "bob@example.com"), user("bob", id="U2"), after, "differs"),
        DeleteUser(ANN, "suspended"),
        Adopt("group", DEVS, "already there"),
        CreateGroup(group("new"), "in the directory"),
        DeleteGroup(Ref("G2", "id-old", "old"), 3, "gone"),
        CreateMembership(DEVS, Ref("", "cem", "cem@example.com"), "member"),
        DeleteMembership(DEVS, ANN, "suspended"),
    ]
    aside = [SetAside("user", "dot", "dot@example.com", "it has no family name")]
    plan = Plan.of("d-1", changes, set_aside=aside, warnings=["one filter matches nothing"])
    counts = (
        "1 adoption, 1 new user, 1 user switched off, 1 deleted user, 1 new group, 1 deleted group, "
        "1 membership given, 1 membership taken away; 1 record set aside."
    )
    assert shown(plan).splitlines() == [
        "Users",
        "  + cem@example.com (Cem Doe)  in the directory",
        "  - bob@example.com: switched off; title: '' → 'Chief'  differs",
        "  - ann@example.com  suspended",
        "",
        "Groups",
        "  = devs is managed from now on  already there",
        "  + new  in the directory",
        "  - old and its 3 memberships  gone",
        "",
        "Members of devs",
        "  - ann@example.com  suspended",
        "  + cem@example.com",
        "",
        "Set aside",
        "  ! user dot@example.com  it has no family name",
        "",
        "Warning: one filter matches nothing",
        f"Plan: {counts}",
    ]


def test_a_plan_without_changes_says_so() -> None:
    assert shown(Plan.of("d-1", [])) == "Plan: nothing to do, Identity Center equals the directory.\n"


def test_markup_in_names_is_shown_as_text() -> None:
    sly = user("sly", display_name="[red]Sly[/red] [/] [link=http://x]y[/link]")
    plan = Plan.of("d-1", [CreateUser(sly, "[bold]why"), CreateMembership(Ref("", "g", "[x]"), ANN, "")])
    text = shown(plan)
    assert "sly@example.com ([red]Sly[/red] [/] [link=http://x]y[/link])  [bold]why" in text
    assert "Members of [x]" in text


@pytest.mark.parametrize("char", ["\x1b", "\x07", "\x08", "\r", "\x7f", "\x9b", "\u202e", "\u2066", "\u200b", "\ufeff"])
def test_characters_that_could_fool_a_terminal_are_replaced(char: str) -> None:
    sly = user("sly", display_name=f"a{char}b")
    plan = Plan.of(
        "d-1",
        [CreateUser(sly, ""), CreateMembership(Ref("", "g", f"g{char}h"), ANN, "")],
        set_aside=[SetAside("user", "x", f"x{char}y", f"w{char}v")],
        warnings=[f"w{char}x"],
    )
    text = shown(plan)
    assert char not in text
    assert text.count("\ufffd") == 5


def test_letters_of_every_script_stay() -> None:
    assert plain("Zoë 李明 Ελένη 🚀").plain == "Zoë 李明 Ελένη 🚀"


def test_a_limit_shortens_every_section_but_hides_nothing_that_is_taken_away() -> None:
    joiners: list[Change] = [CreateUser(user(f"u{number}"), "") for number in range(5)]
    leavers: list[Change] = [DeleteGroup(Ref(f"G{n}", f"g{n}", f"g{n}"), 0, "") for n in range(4)]
    lines = shown(Plan.of("d-1", [*joiners, *leavers]), limit=3).splitlines()
    assert lines[1:6] == [f"  + u{n}@example.com (U{n} Doe)" for n in range(3)] + ["    … and 2 more", ""]
    assert lines[7:11] == [f"  - g{n}" for n in range(4)]
    assert lines[-1] == "Plan: 5 new users, 4 deleted groups."


def switching_off(name: str, **changed: str) -> Change:
    off = user(name, id=f"U-{name}", active=False, **changed)
    return UpdateUser(Ref(off.id, name, f"{name}@example.com"), user(name, id=off.id), off, "suspended")


def test_no_limit_hides_that_a_sign_in_is_taken_away_whatever_else_changes() -> None:
    others = [UpdateUser(ANN, user(f"a{n}"), user(f"a{n}", display_name="A"), "differs") for n in range(9)]
    plan = Plan.of("d-1", [*others, switching_off("yve"), switching_off("zoe", display_name="Zo")])
    for limit in range(4):
        lost = [line for line in shown(plan, limit).splitlines() if line.startswith("  - ")]
        assert lost == [
            "  - zoe@example.com: switched off; display_name: 'Zoe Doe' → 'Zo'  suspended",
            "  - yve@example.com: switched off  suspended",
        ]


def test_a_terminal_shows_below_somebody_who_is_switched_off_what_else_changes() -> None:
    assert drawn(Plan.of("d-1", [switching_off("yve"), switching_off("zoe", display_name="Zo")]))[:4] == [
        "Users  -2",
        "  - zoe@example.com: switched off  suspended",
        "      display_name  'Zoe Doe' → 'Zo'",
        "  - yve@example.com: switched off  ″",
    ]


def test_a_limit_shortens_the_list_of_sections_too() -> None:
    changes = [CreateMembership(Ref(f"G{n}", f"g{n}", f"g{n}"), ANN, "") for n in range(9)]
    text = shown(Plan.of("d-1", changes), limit=4)
    assert [line for line in text.splitlines() if line.startswith("Members")] == [f"Members of g{n}" for n in range(3)]
    assert "… and 6 more lines; 'sso-sync plan' shows all" in text


def test_counts_are_words() -> None:
    assert describe([CreateUser(user("ann"), "")]) == "1 new user"
    several = [CreateUser(user(f"u{n}"), "") for n in range(1200)]
    assert describe([*several, DeleteMembership(DEVS, ANN, "")]) == "1,200 new users, 1 membership taken away"


def test_a_deactivation_counts_as_what_it_is() -> None:
    on, off = user("ann", id="U1"), user("ann", id="U1", active=False)
    renamed = user("ann", id="U1", display_name="Ann")
    changes = [UpdateUser(ANN, on, off, ""), UpdateUser(ANN, off, on, ""), UpdateUser(ANN, on, renamed, "")]
    aside = UpdateUser(ANN, on, user("ann", id="U1", user_name="aside-U1"), "", aside=True)
    expected = "1 changed user, 1 name freed, 1 user switched on, 1 user switched off"
    assert describe([*changes, aside]) == expected


def test_nothing_to_do_is_not_said_of_what_was_set_aside_or_waits() -> None:
    aside = [SetAside("user", name, f"{name}@example.com", "it has no family name") for name in ("dot", "eve")]
    plan = Plan.of("d-1", [], set_aside=aside)
    nothing = "Plan: nothing to do, Identity Center equals the directory except for"
    assert shown(plan).splitlines()[-1] == f"{nothing} 2 records set aside."
    assert shown(plan, waits=True).splitlines()[-1] == f"{nothing} what waits for approval and 2 records set aside."
    assert shown(Plan.of("d-1", []), waits=True) == f"{nothing} what waits for approval.\n"


def test_nothing_to_do_in_a_part_says_nothing_of_the_rest() -> None:
    nothing = "nothing to do in the part that was asked for"
    assert describe_plan(Plan.of("d-1", []), partly=True) == f"{nothing}."
    waiting = describe_plan(Plan.of("d-1", []), partly=True, waits=True)
    assert waiting == f"{nothing} except for what waits for approval."


def test_a_terminal_shows_edits_below_each_other_and_a_reason_once() -> None:
    after = user("bob", id="U2", display_name="Robert", attributes={"title": "Chief"})
    bob = UpdateUser(Ref("U2", "bob", "bob@example.com"), user("bob", id="U2"), after, "differs from the directory")
    gone = [DeleteUser(Ref(f"U{n}", f"u{n}", f"u{n}@example.com"), "suspended in Google Workspace") for n in (3, 4)]
    plan = Plan.of("d-1", [bob, *gone, DeleteMembership(DEVS, ANN, "drift: not a member")])
    assert drawn(plan) == [
        "Users  ~1  -2",
        "  ~ bob@example.com  differs from the directory",
        "      display_name  'Bob Doe' → 'Robert'",
        "      title         '' → 'Chief'",
        "  - u3@example.com   suspended in Google Workspace",
        "  - u4@example.com   ″",
        "",
        "Members of devs  -1",
        "  - ann@example.com  drift: not a member",
        "",
        "Plan: 1 changed user, 2 deleted users, 1 membership taken away.",
    ]


def test_a_narrow_terminal_wraps_below_the_beginning_of_what_is_wrapped() -> None:
    long = Ref("G2", "g2", "a-group-with-a-name-that-is-longer-than-its-column")
    plan = Plan.of("d-1", [DeleteGroup(long, 3, "matched by no include filter")], warnings=["one " * 12])
    assert drawn(plan, 60) == [
        "Groups  -1",
        "  - a-group-with-a-name-that-is-lo  matched by no include",
        "    nger-than-its-column and its 3  filter",
        "    memberships",
        "",
        "Warning: one one one one one one one one one one one one",
        "Plan: 1 deleted group.",
    ]
    assert drawn(plan, 40)[1:5] == [
        "  - a-group-with-a-name-that-is-longer-t",
        "    han-its-column and its 3 memberships",
        "      matched by no include filter",
        "",
    ]


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_no_line_is_wider_than_the_terminal_and_no_letter_is_lost(width: int) -> None:
    people = [user(f"u{n}", display_name="陳大文" * n, user_name=f"{'x' * n * 9}@example.com") for n in range(1, 9)]
    plan = Plan.of("d-1", [CreateUser(someone, "in the directory, not in Identity Center") for someone in people])
    lines = drawn(plan, width)
    assert max(cell_len(line) for line in lines) <= width
    assert "".join(lines).count("陳") == sum(range(1, 9))


def test_a_person_is_shown_in_one_place() -> None:
    bob, renamed = user("bob", id="U2"), user("bob", id="U2", display_name="Robert")
    ref = Ref("U2", "bob", "bob@example.com")
    changes: list[Change] = [UpdateUser(ref, bob, renamed, "differs"), Adopt("user", ref, "same address")]
    text = shown(Plan.of("d-1", [*changes, CreateUser(user("cem"), "new")]))
    assert [line[2] for line in text.splitlines() if line.startswith("  ")] == ["=", "~", "+"]


def test_a_summary_says_what_was_done() -> None:
    done = [Outcome(CreateUser(user(name), ""), Result.DONE) for name in ("ann", "bob")]
    assert summary(*done) == "Done: 2 new users.\n"
    assert summary() == "Done: nothing.\n"


def test_a_summary_lists_what_failed_and_counts_what_was_skipped() -> None:
    refusal = ChangeRefused("Cannot create [ann]: no\x1b[31m.")
    text = summary(
        Outcome(CreateUser(user("ann"), ""), Result.FAILED, refusal),
        Outcome(CreateMembership(DEVS, ANN, ""), Result.SKIPPED, refusal),
        Outcome(CreateUser(user("bob"), ""), Result.DONE),
    )
    assert text.splitlines() == [
        "Done: 1 new user.",
        "Failed: Cannot create [ann]: no\ufffd[31m.",
        "1 of 3 changes failed, and 1 that need them were skipped; the next run tries them again.",
    ]


def lost_a_number() -> Outcome:
    refusal = ValueRefused("phoneNumbers: not valid.")
    return Outcome(CreateUser(user("ann"), ""), Result.DONE, refusal, "U1", ("phone_number", "title"))


def test_a_summary_lists_what_was_left_out_of_changes_that_were_made() -> None:
    assert summary(lost_a_number()).splitlines() == [
        "Done: 1 new user.",
        "Left out: phone_number, title of ann@example.com: phoneNumbers: not valid.",
    ]


def test_a_summary_as_json_lists_what_was_left_out_as_no_failure() -> None:
    value = summary_as_json(None, [lost_a_number()])
    assert value["failed"] == []
    assert [(item["user"], item["lost"]) for item in value["left_out"]] == [
        ("ann@example.com", ["phone_number", "title"])
    ]


def test_a_summary_as_json_lists_all_that_was_not_done() -> None:
    outcomes = [
        Outcome(CreateUser(user("ann"), ""), Result.FAILED, ChangeRefused("no")),
        Outcome(CreateUser(user("bob"), ""), Result.DONE),
    ]
    value = summary_as_json(Plan.of("d-1", [outcome.change for outcome in outcomes]), outcomes)
    assert value["results"] == {"failed": 1, "done": 1}
    assert [(item["user"], item["result"], item["error"]) for item in value["failed"]] == [
        ("ann@example.com", "failed", "no")
    ]
    assert value["plan"]["counts"] == {"create_user": 2}


def test_a_name_cannot_forge_a_line_of_the_plan() -> None:
    sly = user("sly", display_name="Sly)\n\nPlan: nothing to do.")
    out = io.StringIO()
    print_plan(Plan.of("d", [CreateUser(sly, "")]), Console(file=out, width=200))
    assert [line for line in out.getvalue().splitlines() if line.startswith("Plan: ")] == ["Plan: 1 new user."]
