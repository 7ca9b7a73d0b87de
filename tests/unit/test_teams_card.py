"""Cards for Teams: at a glance, never too large, and whatever a name holds is only a name."""

import json
import re
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sso_sync.core.changes import CreateGroup, CreateUser
from sso_sync.core.errors import ChangeRefused, Interrupted, LimitExceeded, ValueRefused
from sso_sync.core.model import SetAside
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.teams import make_card
from sso_sync.reporters.teams.backlog import Backlog, UntoldRun
from sso_sync.reporters.teams.markdown import literal
from tests.support.cards import KINDS, OUTAGE, UNTOLD, content, raw_texts, refusal, seen
from tests.support.memory import group, user
from tests.support.reports import ENDINGS, HOSTILE, STARTED, failing, joins, leaves, made, planned, report

MAX_BYTES = 28_000
Json = dict[str, Any]


def shown(report: RunReport) -> list[str]:
    """Return what a reader sees."""
    return [seen(text) for text in raw_texts(content(make_card(report))["body"])]


def facts(report: RunReport) -> dict[str, str]:
    (found,) = (block for block in content(make_card(report))["body"] if block["type"] == "FactSet")
    return {fact["title"]: seen(fact["value"]) for fact in found["facts"]}


def size(card: Json) -> int:
    return len(requests.Request("POST", "http://x", json=card).prepare().body or b"")


def test_a_card_is_a_message_as_teams_wants_it() -> None:
    card = make_card(made(joins("ann@example.com", "aws-admins")), links=[("Open", "https://docs.example.com/")])
    assert (card["type"], card["attachments"][0]["contentUrl"]) == ("message", None)
    assert card["attachments"][0]["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert {key: content(card)[key] for key in ("type", "version", "msteams")} == {
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
    }
    assert content(card)["actions"] == [{"type": "Action.OpenUrl", "title": "Open", "url": "https://docs.example.com/"}]


def test_a_card_tells_everything_in_the_words_of_people() -> None:
    assert shown(made(joins("ann@example.com", "aws-admins"), leaves("bob@example.com", "aws-admins"))) == [
        "AWS access: All changes made",
        "2 changes made; Identity Center follows the directory.",
        "2",
        "in other groups",
        "Access taken away",
        "• bob@example.com left aws-admins – suspended",
        "People",
        "• ann@example.com joined aws-admins",
        "Made",
        "1 membership given, 1 membership taken away",
        "Directory",
        "Google Workspace",
        "Trigger",
        "schedule",
        "Duration",
        "1 min 14 s",
    ]


def test_what_a_day_brought_is_told_by_person_and_group() -> None:
    texts = shown(KINDS["changes"])
    assert [text.removeprefix("• ") for text in texts if text.startswith("• ")] == [
        (
            "Bob Miller (bob@example.com) left aws-developers, aws-everyone and was switched off "
            "– suspended in the directory"
        ),
        "old.hand@example.com was deleted – left 30 days ago",
        "Cy Young (cy@example.com) moved from aws-developers to aws-operations",
        "Femi Abara (femi@example.com) left aws-billing – not a member in the directory",
        "Group aws-legacy was deleted, and with it 12 memberships – not selected any more",
        "Noor Haddad (noor@example.com) is new and joined aws-admins, aws-developers",
        "Eve Okafor (eve@example.com) joined aws-admins – drift: removed in Identity Center, not by sso-sync",
        (
            "Dora Lindqvist (dora@example.com) was renamed (user name dora@example.com → dora.berg@example.com, "
            "display name Dora Lindqvist → Dora Berg)"
        ),
        "Group aws-operations is new, with 1 member",
        "Group aws-data was renamed (display name aws-data → aws-data-science)",
        "zoe@example.com – it has no family name",
    ]
    assert texts[2:12] == [
        "2",
        "left",
        "1",
        "joined",
        "3",
        "in other groups",
        "1",
        "person changed",
        "3",
        "groups changed",
    ]
    found = facts(KINDS["changes"])
    assert (found["Drift"], found["In AWS now"]) == ("1 put right", "21 users, 9 groups")


@pytest.mark.parametrize("verdict", Verdict)
def test_every_ending_has_a_card_that_says_it_in_words(verdict: Verdict) -> None:
    ended = ENDINGS[verdict]
    assert ended.verdict is verdict
    texts = shown(ended)
    assert texts[0].startswith("AWS access: ")
    assert len({shown(other)[0] for other in ENDINGS.values()}) == len(Verdict)
    assert not ended.problem or ended.problem in texts


def test_a_refused_plan_is_told_as_something_that_did_not_happen() -> None:
    texts = shown(planned(leaves("ann", "devs"), joins("bob", "devs"), error=LimitExceeded("Too many.")))
    assert {"Too many.", "to be in other groups", "Access taken away, planned but not made"} <= set(texts)
    assert {"• ann was to leave devs – suspended", "• bob was to join devs"} <= set(texts)
    assert texts[texts.index("Planned") + 1] == "1 membership given, 1 membership taken away"


def test_how_to_approve_is_a_line_that_can_be_copied_where_the_run_says_that_it_is_the_way() -> None:
    waiting = KINDS["refused"].waiting
    assert waiting
    line = f"sso-sync approve {waiting.id}"
    for kind in ("refused", "held back"):
        (container,) = (
            block
            for block in content(make_card(KINDS[kind]))["body"]
            if block["type"] == "Container" and block["style"] == "emphasis"
        )
        (block,) = container["items"]
        assert (block["fontType"], block["text"].rpartition(" ")[0]) == ("Monospace", "sso-sync approve")
    assert line in shown(KINDS["refused"])
    elsewhere = planned(leaves("ann", "devs"), error=LimitExceeded(f"Not here: '{line}'."), waiting=waiting)
    assert line not in shown(elsewhere)


def test_a_run_that_was_stopped_says_what_it_has_held_back_too() -> None:
    texts = shown(replace(KINDS["held back"], error=Interrupted("Stopped on request.")))
    assert {"Stopped on request.", "Waiting for approval"} <= set(texts)
    assert KINDS["held back"].how_to_approve in texts


def test_what_is_held_back_is_told_once_with_its_reasons() -> None:
    texts = shown(KINDS["held back"])
    reason = "the group 'aws-audit' has 2 assignments in 1 AWS account, so deleting it waits for approval"
    assert texts[0] == "AWS access: All changes made, more waits for approval"
    assert f"• {reason}" in texts
    assert not any(text.startswith("Warning: ") for text in texts)


def test_what_is_over_is_told_with_how_long_it_was_there() -> None:
    texts = [seen(text) for text in raw_texts(content(make_card(planned(), healed=[OUTAGE]))["body"])]
    assert texts[0] == "AWS access: Healed"
    assert texts[2] == f"Healed: it lasted 5 h 10 min, 20 runs; it was: {OUTAGE.sentence}"


def test_earlier_runs_that_could_not_be_told_are_told_with_what_they_made() -> None:
    texts = [seen(text) for text in raw_texts(content(make_card(planned(), untold=UNTOLD))["body"])]
    assert texts[0] == "AWS access: News of earlier runs"
    first = texts.index("5 earlier runs could not be told")
    assert texts[first + 1].startswith("• 2026-11-22 02:20 UTC – The run ended early: 10 of 40 changes made.")
    assert texts[first + 3].endswith("3 memberships taken away. (20261122T000007Z-abcdef)")
    assert texts[first + 4] == "and 2 more"


def test_who_approved_is_told() -> None:
    assert facts(KINDS["approved"])["Approved by"] == "grete@example.com"


def test_long_lists_wait_behind_a_button_that_shows_them_and_goes() -> None:
    body = content(make_card(KINDS["first run"]))["body"]
    asks = [block for block in body if block["type"] == "ActionSet"]
    hidden = {block["id"]: block for block in body if not block.get("isVisible", True)}
    assert [action["title"] for ask in asks for action in ask["actions"]] == ["Show 42 more"] * 2
    for ask in asks:
        more, itself = ask["actions"][0]["targetElements"]
        assert (itself, len(hidden[more]["items"])) == (ask["id"], 42)


def test_what_failed_says_why() -> None:
    texts = shown(failing([leaves("ann", "devs")], leaves("al", "devs")))
    assert texts.index("• ann was to leave devs – AWS said no.") < texts.index("• al left devs – suspended")
    assert facts(failing([leaves("ann", "devs")], leaves("al", "devs")))["Failed"] == "1"


def test_what_was_left_out_of_a_change_is_told_though_it_was_made() -> None:
    change = CreateUser(user("ann"), "joins")
    outcome = Outcome(change, Result.DONE, ValueRefused("AWS said no."), "U1", ("phone_number",))
    ended = report(Plan.of("d-1", [change]), outcomes=(outcome,))
    texts = shown(ended)
    assert ended.verdict is Verdict.DONE
    assert "1 change made, 1 of them without values that AWS refused." in texts
    assert "• Ann Doe (ann@example.com) is new – made, without phone number: AWS said no." in texts
    listed = json.loads(encode_record(ended))["outcomes"]
    assert [(item["result"], item["lost"], item["error"]) for item in listed] == [
        ("done", ["phone_number"], "AWS said no.")
    ]


def test_of_records_set_aside_the_first_are_named_with_their_reasons() -> None:
    texts = shown(report(Plan.of("d-1", [], set_aside=[SetAside("user", str(n), f"x{n}", "bad") for n in range(7)])))
    first = texts.index("Set aside: 7 records")
    assert texts[first + 1 : first + 6] == ["• x0 – bad", "• x1 – bad", "• x2 – bad", "• x3 – bad", "and 3 more"]


def test_more_than_a_reader_wants_is_cut_but_never_what_takes_access_away() -> None:
    texts = shown(made(*(joins(f"user-{number:03}", "devs") for number in range(264))))
    assert ("and 214 more" in texts, sum(" joined " in text for text in texts)) == (True, 50)
    texts = shown(made(joins("ann", "devs"), *(leaves(f"user-{number:03}", "devs") for number in range(80))))
    assert (sum(" left " in text for text in texts), sum(" joined " in text for text in texts)) == (80, 1)


@pytest.mark.parametrize("char", ["😀", "\\", "é", "\u202e", "<", "\ud800", '"'])
def test_no_run_makes_a_card_too_large(char: str) -> None:
    name = char * 400
    changes = [leaves(f"{name}{number}", name) for number in range(1000)]
    changes += [joins(f"{name}{number}", name) for number in range(1000)]
    huge = planned(*changes, error=LimitExceeded(char * 5000), source=name, trigger=name)
    card = make_card(huge, links=[(name, f"https://example.com/{'x' * 900}")] * 20)
    texts = raw_texts(content(card)["body"])
    told = sum(" was to " in text for text in texts)
    assert told
    assert told + sum(int(text.split()[1]) for text in texts if re.fullmatch(r"and \d+ more", text)) == 1000, (
        "one line a person"
    )
    assert size(card) < MAX_BYTES


@pytest.mark.parametrize("char", ["😀", "\\", "é", "<"])
def test_no_card_is_too_large_whatever_else_is_on_it(char: str) -> None:
    name = char * 3000
    changes = [*(leaves(f"{name}{n}", name) for n in range(90)), *(joins(f"{n}{name}", name) for n in range(90))]
    changes += [CreateGroup(group(f"{n}{name}"), name) for n in range(90)]
    plan = Plan.of("d-1", changes, set_aside=[SetAside("user", name, name, name)] * 9, warnings=[name] * 9)
    waiting, outage = refusal(changes, *[name] * 9), replace(OUTAGE, sentence=name)
    bad = ChangeRefused(name)
    results = [Result.DONE if n % 3 else Result.FAILED for n, _ in enumerate(changes)]
    outcomes = [Outcome(c, r, bad if r is Result.FAILED else None) for c, r in zip(plan.changes, results, strict=True)]
    for error in (None, LimitExceeded(name)):
        full = report(plan, outcomes=tuple(outcomes), waiting=waiting, error=error, source=name, trigger=name)
        links = [(name, f"https://example.com/{'x' * 900}")] * 9
        late = Backlog(tuple(UntoldRun(name, STARTED, name) for _ in range(20)), 900)
        card = make_card(full, links=links, healed=[outage] * 9, untold=late)
        texts = raw_texts(content(card)["body"])
        titles = {"Failed", "Access taken away", "People", "Groups", "920 earlier runs could not be told"}
        assert titles <= set(texts)
        assert size(card) < MAX_BYTES


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=200), st.text(max_size=200)), max_size=60), st.text(max_size=3000))
def test_no_text_whatever_makes_a_card_too_large(names: list[tuple[str, str]], problem: str) -> None:
    card = make_card(planned(*(leaves(*pair) for pair in names), error=LimitExceeded(problem)))
    assert size(card) < MAX_BYTES


def test_the_same_run_gives_the_same_card() -> None:
    changes = [joins(name, "devs") for name in ("cem", "Ann", "bob")]
    assert make_card(made(*changes)) == make_card(made(*reversed(changes)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_only_a_name(name: str) -> None:
    ended = failing([joins(name, name)], leaves(name, "devs"))
    card = make_card(ended, links=[(name, "https://example.com")])
    assert any(one_line(name, 100) in text for text in shown(ended))
    for text in raw_texts(content(card)["body"]):
        assert not re.search(r"\{\{|</?at>|\]\(|[\n\u202e\u2028\ud800]", text)
        bare = re.sub(r"\\[!-/:-@[-`{-~]|\*\*|(?<=\()_|_(?=\))", "", text)  # without what is escaped, and our own marks
        assert not re.search(r"[\\`*_\[\]{}<>~|&]|://", bare)


@given(st.text(alphabet=st.sampled_from("\\`*_{}[]()#+-.!|~<>&:/=19 wa\n\u00e9😀")))
def test_escaped_text_reads_as_it_was(text: str) -> None:
    assert re.sub(r"\\([!-/:-@[-`{-~])", r"\1", literal(text, 1000)) == one_line(text)


def test_a_line_cannot_become_a_list_or_a_heading() -> None:
    assert [literal(text)[:2] for text in ("# x", "- x", "+ x", "= x", "1. x")] == ["\\#", "\\-", "\\+", "\\=", "1\\"]


def test_a_name_from_right_to_left_turns_nothing_around_it() -> None:
    assert "• **\u2068יעל\u2069** joined **devs**" in raw_texts(content(make_card(made(joins("יעל", "devs"))))["body"])


def test_only_web_addresses_become_buttons() -> None:
    bad = ["javascript:alert(1)", "file:///etc", "https://", "http://[", "//x.y", "", "https://x y", "https://é.com"]
    links = [("Open", url) for url in [*bad, "http://example.com/a", f"https://example.com/{'x' * 5000}"]]
    actions = content(make_card(made(joins("ann", "devs")), links=links))["actions"]
    assert [action["url"] for action in actions] == ["http://example.com/a"]
