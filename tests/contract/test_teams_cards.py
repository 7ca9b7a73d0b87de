"""Which messages and cards the Workflows webhook refuses, and the place that it names."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.companies import company
from tests.support.live import LiveSandbox
from tests.support.teams import MENTION, TITLE, assert_refused, card, kept, message, post

Json = dict[str, Any]


@pytest.fixture
def sandbox(live: Callable[[Any], LiveSandbox]) -> LiveSandbox:
    return live(company([], []))


def nested(levels: int) -> Json:
    inner: Json = TITLE
    for _ in range(levels):
        inner = {"type": "Container", "items": [inner]}
    return inner


def with_type(kind: object, field: str, **inner: object) -> Json:
    return {"type": kind, field: [inner]}


def mentioning(**changed: object) -> Json:
    return card(TITLE, msteams={"entities": [MENTION | changed]})


FRAME = [
    ([], "type must be message"),
    ({"attachments": []}, "type must be message"),
    (message(), "attachments must be a list of one or more"),
    ({"type": "message"}, "attachments must be a list of one or more"),
    ({"type": "message", "attachments": [{"content": card(TITLE)}]}, "attachments[0].contentType must be"),
    (message(card(TITLE), None), "attachments[1].content must be an object"),
    (message(card(TITLE) | {"type": "HeroCard"}), "content.type is 'HeroCard'"),
    (message({"type": "AdaptiveCard", "body": []}), "content needs version"),
    (message(card(nested(100))), "nested deeper than 64 levels"),
]


@pytest.mark.parametrize(("body", "words"), FRAME, ids=[words for _, words in FRAME])
def test_a_message_of_another_shape_is_refused(sandbox: LiveSandbox, body: object, words: str) -> None:
    assert_refused(post(sandbox, body), 400, "TriggerInputSchemaMismatch", words)


CARDS = [
    (card(TITLE, version="1.6"), "content.version is '1.6'"),
    (card(TITLE, version=1.5), "content.version is 1.5"),
    (card(body={}), "content of type AdaptiveCard needs body, a list"),
    (card("text"), "body[0] must be an object"),
    (card({}), "body[0].type is None"),
    (card({"type": ["TextBlock"]}), "body[0].type is ['TextBlock']"),
    (card({"type": "CompoundButton"}), "body[0].type is 'CompoundButton'"),
    (card({"type": "Column", "items": []}), "body[0].type is 'Column'"),
    (card(with_type("Container", "items", type="X")), "body[0].items[0].type is 'X'"),
    (card(with_type("ColumnSet", "columns", type="X")), "body[0].columns[0].type is 'X'"),
    (card(with_type("ImageSet", "images", type="X")), "body[0].images[0].type is 'X'"),
    (card(with_type("RichTextBlock", "inlines", type="X")), "body[0].inlines[0].type is 'X'"),
    (card(with_type("Table", "rows", type="X")), "body[0].rows[0].type is 'X'"),
    (card(with_type("Table", "rows", type="TableRow", cells=[{"type": "X"}])), "rows[0].cells[0].type is 'X'"),
    (card(TITLE | {"fallback": {"type": "X"}}), "body[0].fallback.type is 'X'"),
    (card(actions=[{"type": "Action.Http"}]), "actions[0].type is 'Action.Http'"),
    (card(actions=[{"type": "Action.ShowCard", "card": card({"type": "X"})}]), "actions[0].card.body[0].type is 'X'"),
    (card(selectAction={"type": "Action.ShowCard", "card": card()}), "selectAction.type is 'Action.ShowCard'"),
    (card({"type": "ColumnSet", "columns": {}}), "body[0].columns must be a list"),
    (card({"type": "TextBlock"}), "body[0] of type TextBlock needs text"),
    (card({"type": "TextBlock", "text": ""}), "body[0] of type TextBlock needs text"),
    (card({"type": "TextBlock", "text": 3}), "body[0] of type TextBlock needs text"),
    (card({"type": "FactSet"}), "body[0] of type FactSet needs facts"),
    (card({"type": "FactSet", "facts": []}), "body[0].facts must not be empty"),
    (card({"type": "FactSet", "facts": [{"title": "a"}]}), "body[0].facts[0] needs value"),
    (card({"type": "FactSet", "facts": [{"value": "a"}]}), "body[0].facts[0] needs title"),
    (card({"type": "FactSet", "facts": ["a"]}), "body[0].facts[0] needs title"),
    (card({"type": "Input.Text"}), "body[0] of type Input.Text needs id"),
    (card(actions=[{"type": "Action.OpenUrl"}]), "actions[0] of type Action.OpenUrl needs url"),
    (card(actions=[{"type": "Action.OpenUrl", "url": "javascript:alert(1)"}]), "actions[0].url must be an http"),
    (card(actions=[{"type": "Action.OpenUrl", "url": "/runs/1"}]), "actions[0].url must be an http"),
    (card(actions=[{"type": "Action.OpenUrl", "url": "https://[x"}]), "actions[0].url must be an http"),
    (card(msteams=[]), "msteams must be an object"),
    (card(msteams={"width": "Wide"}), "msteams.width must be Full"),
    (card(msteams={"entities": {}}), "msteams.entities must be a list"),
    (mentioning(type="tag"), "entities[0].type must be mention"),
    (mentioning(text="Ann"), "entities[0].text must be <at>"),
    (mentioning(text="<at></at>"), "entities[0].text must be <at>"),
    (mentioning(mentioned=None), "entities[0].mentioned needs id"),
    (mentioning(mentioned={"id": "ann@example.com"}), "entities[0].mentioned needs name"),
]


@pytest.mark.parametrize(("wrong", "words"), CARDS, ids=[words for _, words in CARDS])
def test_a_card_that_teams_would_not_show_is_refused_by_the_place(
    sandbox: LiveSandbox, wrong: Json, words: str
) -> None:
    assert_refused(post(sandbox, message(card(TITLE), wrong)), 400, "TriggerInputSchemaMismatch", words)
    assert kept(sandbox) == [], "no card of a refused message may be kept"
