"""Cards for Teams: at a glance, never too large, and whatever a name holds is only a name."""

import json
import re
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from sso_sync.core.changes import Adopt, CreateGroup, CreateUser, DeleteGroup, DeleteUser, UpdateGroup, UpdateUser
from sso_sync.core.errors import LimitExceeded, ValueRefused
from sso_sync.core.model import SetAside
from sso_sync.core.outcomes import Outcome, Result
from sso_sync.core.plan import Plan
from sso_sync.core.record import encode_record
from sso_sync.core.report import RunReport, Verdict
from sso_sync.core.wording import one_line
from sso_sync.reporters.teams import make_card, worth_telling
from sso_sync.reporters.teams.markdown import literal
from tests.support.memory import group, user
from tests.support.reports import ENDINGS, HOSTILE, failing, joins, leaves, made, planned, ref, report

MAX_BYTES = 28_000
Json = dict[str, Any]


def content(card: Json) -> Json:
    ((attachment),) = card["attachments"]
    found: Json = attachment["content"]
    return found


def raw_texts(node: object) -> list[str]:
    """Collect every text that Teams treats as Markdown."""
    if isinstance(node, list):
        return [text for item in node for text in raw_texts(item)]
    if isinstance(node, dict):
        own = [node[key] for key in ("text", "title", "value") if key in node]
        return own + [text for value in node.values() if isinstance(value, list) for text in raw_texts(value)]
    return []


def shown(report: RunReport) -> list[str]:
    """Return what a reader sees."""
    return [re.sub(r"\\([!-/:-@[-`{-~])|\*\*", r"\1", text) for text in raw_texts(content(make_card(report))["body"])]


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
        "Left a group",
        "1",
        "Joined a group",
        "1",
        "Directory",
        "Google Workspace",
        "Trigger",
        "schedule",
        "Duration",
        "1 min 14 s",
        "Access taken away",
        "• bob@example.com left aws-admins – suspended",
        "Other changes",
        "• ann@example.com joined aws-admins",
    ]


def test_every_kind_of_change_has_words() -> None:
    renamed = user("ann", user_name="lee@x.com", email="lee@x.com", display_name="Ann Lee")
    titled = user("cem", attributes={"title": "Chief", "phone_number": "+1 555"})
    texts = shown(
        made(
            CreateUser(user("new"), ""),
            CreateGroup(group("devs"), ""),
            DeleteUser(ref("old@example.com"), ""),
            DeleteGroup(ref("ops"), 3, "gone"),
            Adopt("group", ref("data"), ""),
            UpdateUser(ref("ann@example.com"), user("ann"), renamed, ""),
            UpdateUser(ref("bob@example.com"), user("bob"), user("bob", active=False), ""),
            UpdateUser(ref("cem@example.com"), user("cem", active=False), titled, ""),
            UpdateGroup(ref("qa"), group("qa"), group("qa", display_name="aside-1"), "", aside=True),
        )
    )
    assert {text.removeprefix("• ") for text in texts if text.startswith("• ")} == {
        "User new@example.com (New Doe) was created",
        "Group devs was created",
        "User old@example.com was deleted",
        "Group ops was deleted, and with it 3 memberships – gone",
        "Group data was taken over",
        "User ann@example.com was renamed (user name ann@example.com → lee@x.com, display name Ann Doe → Ann Lee)",
        "User bob@example.com was switched off",
        "User cem@example.com was switched on and changed (phone number, title)",
        "Group qa was moved aside (display name qa → aside-1)",
    }


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
    assert {"Too many.", "To leave a group", "Access taken away, planned but not made"} <= set(texts)
    assert {"• ann was to leave devs – suspended", "• bob was to join devs"} <= set(texts)


def test_what_failed_says_why() -> None:
    texts = shown(failing([leaves("ann", "devs")], leaves("al", "devs")))
    assert texts.index("• ann was to leave devs – failed: AWS said no.") < texts.index("• al left devs – suspended")
    assert texts[texts.index("Failed") + 1] == "1"


def test_what_was_left_out_of_a_change_is_told_though_it_was_made() -> None:
    change = CreateUser(user("ann"), "joins")
    outcome = Outcome(change, Result.DONE, ValueRefused("AWS said no."), "U1", ("phone_number",))
    ended = report(Plan.of("d-1", [change]), outcomes=(outcome,))
    texts = shown(ended)
    assert ended.verdict is Verdict.DONE
    assert "1 change made, 1 of them without values that AWS refused." in texts
    assert "• User ann@example.com (Ann Doe) was created – made, without phone number: AWS said no." in texts
    listed = json.loads(encode_record(ended))["outcomes"]
    assert [(item["result"], item["lost"], item["error"]) for item in listed] == [
        ("done", ["phone_number"], "AWS said no.")
    ]


def test_records_set_aside_are_counted() -> None:
    texts = shown(report(Plan.of("d-1", [], set_aside=[SetAside("user", "1", "x", "bad")])))
    assert texts[texts.index("Set aside") + 1] == "1"


def test_more_than_a_reader_wants_is_cut_but_never_what_takes_access_away() -> None:
    texts = shown(made(*(joins(f"user-{number:03}", "devs") for number in range(264))))
    assert (texts[-1], sum(" joined " in text for text in texts)) == ("and 214 more", 50)
    texts = shown(made(joins("ann", "devs"), *(leaves(f"user-{number:03}", "devs") for number in range(80))))
    assert (texts[-1], sum(" left " in text for text in texts)) == ("and 1 more", 80)


@pytest.mark.parametrize("char", ["😀", "\\", "é", "\u202e", "<", "\ud800", '"'])
def test_no_run_makes_a_card_too_large(char: str) -> None:
    name = char * 1000
    changes = [leaves(f"{name}{number}", name) for number in range(5000)]
    changes += [joins(f"{name}{number}", name) for number in range(5000)]
    huge = planned(*changes, error=LimitExceeded(char * 5000), source=name, trigger=name)
    card = make_card(huge, links=[(name, f"https://example.com/{'x' * 900}")] * 20)
    texts = raw_texts(content(card)["body"])
    told = sum(text.startswith("• ") for text in texts)
    assert told
    assert texts[-1] == f"and {len(changes) - told} more"
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
        bare = re.sub(r"\\[!-/:-@[-`{-~]|\*\*", "", text)  # without what is escaped, and without our own bold
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


@pytest.mark.parametrize("verdict", Verdict)
def test_a_deployment_is_always_told_and_a_schedule_if_there_is_something(verdict: Verdict) -> None:
    quiet = {Verdict.UNCHANGED, Verdict.DECLINED, Verdict.WAITING}
    ended = ENDINGS[verdict]
    assert worth_telling(ended) is (verdict not in quiet)
    assert worth_telling(report(ended.plan, error=ended.error, outcomes=ended.outcomes, trigger="deployment"))
