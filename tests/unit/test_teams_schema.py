"""Cards by the official schema of Adaptive Cards 1.5.0, which allows nothing that it does not name."""

from typing import Any

import jsonschema
import pytest

from sso_sync.reporters.teams import make_card
from sso_sync.reporters.teams.backlog import Backlog
from sso_sync.reporters.teams.blocks import size_of
from tests.support.adaptive_card_schema import SCHEMA
from tests.support.cards import HEALED, KINDS, LATE, LINKS, content

Json = dict[str, Any]
VALIDATOR = jsonschema.Draft6Validator(SCHEMA, format_checker=jsonschema.FormatChecker())
TITLE = {"type": "TextBlock", "text": "Done"}
# Teams' own addition to a card, which its documentation has and the schema has not ("Format cards in Microsoft Teams").
OF_TEAMS = {"msteams": {"width": "Full"}}


def card(*body: object, **more: object) -> Json:
    return {"type": "AdaptiveCard", "version": "1.4", "body": list(body)} | more


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_of_every_kind_is_valid_and_small_enough(kind: str) -> None:
    message = make_card(KINDS[kind], links=LINKS, healed=HEALED.get(kind, ()), untold=LATE.get(kind, Backlog()))
    assert size_of(message) < 28_000
    shown = content(message)
    assert {name: shown.pop(name) for name in OF_TEAMS} == OF_TEAMS
    VALIDATOR.validate(shown)


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft6Validator.check_schema(SCHEMA)


WRONG = [
    card({"type": "TextBlock"}),
    card({"type": "TextBlock", "text": 3}),
    card(TITLE | {"colour": "good"}),
    card(TITLE | {"color": "green"}),
    card(TITLE | {"spacing": "tiny"}),
    card({"text": "Done"}),
    card({"type": "Container"}),
    card({"type": "Container", "items": [{"type": "Column", "items": []}]}),
    card({"type": "Container", "items": [TITLE], "rtl": True}),
    card({"type": "ColumnSet", "columns": [TITLE]}),
    card({"type": "FactSet", "facts": [{"title": "a"}]}),
    card({"type": "RichTextBlock", "inlines": [{"type": "TextRun"}]}),
    card({"type": "CompoundButton"}),
    card(actions=[{"type": "Action.OpenUrl", "title": "Open"}]),
    card(actions=[{"type": "Action.OpenUrl", "url": "https://example.com", "label": "Open"}]),
    card(actions=[{"type": "Action.ToggleVisibility", "targetElements": [{"isVisible": True}]}]),
    card(**OF_TEAMS),
]
RIGHT = [
    card(TITLE | {"color": "Good", "spacing": "extralarge", "weight": None}),
    card({"type": "ColumnSet", "columns": [{"items": [TITLE], "width": 2}, {"type": "Column", "width": "auto"}]}),
    card({"type": "RichTextBlock", "inlines": ["plain", {"type": "TextRun", "text": "bold", "weight": "Bolder"}]}),
    card({"type": "Image", "url": "https://example.com/a.png", "height": "20px", "style": "Person"}),
    card(actions=[{"type": "Action.ToggleVisibility", "targetElements": ["a", {"elementId": "b"}]}]),
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_what_the_schema_does_not_allow_is_found(wrong: Json) -> None:
    assert not VALIDATOR.is_valid(wrong)


@pytest.mark.parametrize("right", RIGHT, ids=str)
def test_what_the_schema_allows_is_allowed(right: Json) -> None:
    VALIDATOR.validate(right)
