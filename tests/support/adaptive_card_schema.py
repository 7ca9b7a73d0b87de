"""Which elements an Adaptive Card 1.5.0 has, with which properties, as a JSON Schema.

The facts are those of schemas/1.5.0/adaptive-card.json in microsoft/AdaptiveCards at commit
a34ebda030d0f7a2f026152590964b9ffe61d4e4, for everything that a card can hold except inputs, media, tables and
the actions that need a bot: types, values, what is required, and that nothing else is allowed. Values may be
in upper or lower case, as there; that they are whole words is stricter than there.
"""

import re
from typing import Any

Json = dict[str, Any]
TEXT, TRUTH, NUMBER = {"type": "string"}, {"type": "boolean"}, {"type": "number"}
ADDRESS = {"type": "string", "format": "uri-reference"}


def one_of(*values: str) -> Json:
    """Allow some values, in upper or lower case."""
    letters = ("".join(f"[{c.lower()}{c.upper()}]" if c.isalpha() else re.escape(c) for c in v) for v in values)
    return {"type": "string", "pattern": f"^(?:{'|'.join(letters)})$"}


def named(name: str) -> Json:
    return {"$ref": f"#/definitions/{name}"}


def either(*schemas: Json) -> Json:
    return {"anyOf": list(schemas)}


def or_nothing(schema: Json) -> Json:
    return either(schema, {"type": "null"})


def many(schema: Json) -> Json:
    return {"type": "array", "items": schema}


def element(kind: str, properties: Json, *required: str, must_say_type: bool = True) -> Json:
    """Define an object that says its type and has these properties, and no others."""
    return {
        "type": "object",
        "properties": {"type": {"enum": [kind]}} | properties,
        "required": [*(["type"] if must_say_type else []), *required],
        "additionalProperties": False,
    }


DROP = one_of("drop")
ALIGNED = one_of("left", "center", "right")
UPRIGHT = one_of("top", "center", "bottom")
SPACING = one_of("default", "none", "small", "medium", "large", "extraLarge", "padding")
STYLE = one_of("default", "emphasis", "good", "attention", "warning", "accent")
IMAGE_SIZE = one_of("auto", "stretch", "small", "medium", "large")
HEIGHT = one_of("auto", "stretch")
BACKGROUND = either(named("BackgroundImage"), ADDRESS)
REQUIRES = {"type": "object", "additionalProperties": TEXT}
ITEM = {"id": TEXT, "isVisible": TRUTH, "requires": REQUIRES}
BLOCK = ITEM | {
    "fallback": either(named("Element"), DROP),
    "height": HEIGHT,
    "separator": TRUTH,
    "spacing": SPACING,
}
ACTION = {
    "title": TEXT,
    "iconUrl": ADDRESS,
    "id": TEXT,
    "style": one_of("default", "positive", "destructive"),
    "fallback": either(named("Action"), DROP),
    "tooltip": TEXT,
    "isEnabled": TRUTH,
    "mode": one_of("primary", "secondary"),
    "requires": REQUIRES,
}
FONT = {
    "color": or_nothing(one_of("default", "dark", "light", "accent", "good", "warning", "attention")),
    "fontType": or_nothing(one_of("default", "monospace")),
    "isSubtle": or_nothing(TRUTH),
    "size": or_nothing(one_of("default", "small", "medium", "large", "extraLarge")),
    "weight": or_nothing(one_of("default", "lighter", "bolder")),
}
BOX = {
    "selectAction": named("SelectAction"),
    "style": or_nothing(STYLE),
    "bleed": TRUTH,
    "minHeight": TEXT,
}
FILLED = {"verticalContentAlignment": or_nothing(UPRIGHT), "backgroundImage": BACKGROUND}

ACTIONS = {
    "Action.OpenUrl": element("Action.OpenUrl", ACTION | {"url": ADDRESS}, "url"),
    "Action.ToggleVisibility": element(
        "Action.ToggleVisibility", ACTION | {"targetElements": many(named("TargetElement"))}, "targetElements"
    ),
}
ELEMENTS = {
    "ActionSet": element("ActionSet", BLOCK | {"actions": many(named("Action"))}, "actions"),
    "ColumnSet": element(
        "ColumnSet", BLOCK | BOX | {"columns": many(named("Column")), "horizontalAlignment": or_nothing(ALIGNED)}
    ),
    "Container": element(
        "Container",
        # Misspelt there, "?" and all, so that a card with "rtl" would not be valid.
        BLOCK | BOX | FILLED | {"items": many(named("Element")), "rtl?": or_nothing(TRUTH)},
        "items",
    ),
    "FactSet": element("FactSet", BLOCK | {"facts": many(named("Fact"))}, "facts"),
    "Image": element(
        "Image",
        BLOCK
        | {
            "url": ADDRESS,
            "altText": TEXT,
            "backgroundColor": TEXT,
            "height": either(TEXT, HEIGHT),
            "horizontalAlignment": or_nothing(ALIGNED),
            "selectAction": named("SelectAction"),
            "size": IMAGE_SIZE,
            "style": one_of("default", "person"),
            "width": TEXT,
        },
        "url",
    ),
    "ImageSet": element("ImageSet", BLOCK | {"images": many(named("Image")), "imageSize": IMAGE_SIZE}, "images"),
    "RichTextBlock": element(
        "RichTextBlock",
        BLOCK | {"inlines": many(named("TextRun")), "horizontalAlignment": or_nothing(ALIGNED)},
        "inlines",
    ),
    "TextBlock": element(
        "TextBlock",
        BLOCK
        | FONT
        | {
            "text": TEXT,
            "horizontalAlignment": or_nothing(ALIGNED),
            "maxLines": NUMBER,
            "wrap": TRUTH,
            "style": or_nothing(one_of("default", "heading")),
        },
        "text",
    ),
}
PARTS = {
    "BackgroundImage": element(
        "BackgroundImage",
        {
            "url": ADDRESS,
            "fillMode": one_of("cover", "repeatHorizontally", "repeatVertically", "repeat"),
            "horizontalAlignment": ALIGNED,
            "verticalAlignment": UPRIGHT,
        },
        "url",
        must_say_type=False,
    ),
    "Column": element(
        "Column",
        ITEM
        | BOX
        | FILLED
        | {
            "items": many(named("Element")),
            "fallback": either(named("Column"), DROP),
            "rtl": or_nothing(TRUTH),
            "separator": TRUTH,
            "spacing": SPACING,
            "width": either(TEXT, NUMBER),
        },
        must_say_type=False,
    ),
    "Fact": element("Fact", {"title": TEXT, "value": TEXT}, "title", "value", must_say_type=False),
    "TargetElement": either(
        TEXT,
        element("TargetElement", {"elementId": TEXT, "isVisible": or_nothing(TRUTH)}, "elementId", must_say_type=False),
    ),
    "TextRun": either(
        TEXT,
        element(
            "TextRun",
            FONT
            | {
                "text": TEXT,
                "highlight": TRUTH,
                "italic": TRUTH,
                "selectAction": named("SelectAction"),
                "strikethrough": TRUTH,
                "underline": TRUTH,
            },
            "text",
        ),
    ),
}
CARD = element(
    "AdaptiveCard",
    {
        "version": TEXT,
        "body": many(named("Element")),
        "actions": many(named("Action")),
        "selectAction": named("SelectAction"),
        "fallbackText": TEXT,
        "backgroundImage": BACKGROUND,
        "minHeight": TEXT,
        "rtl": or_nothing(TRUTH),
        "speak": TEXT,
        "lang": TEXT,
        "verticalContentAlignment": UPRIGHT,
        "$schema": {"type": "string", "format": "uri"},
    },
    must_say_type=False,
)
SCHEMA: Json = {
    "$schema": "http://json-schema.org/draft-06/schema#",
    "definitions": {
        **ACTIONS,
        **ELEMENTS,
        **PARTS,
        "Action": either(*map(named, ACTIONS)),
        "SelectAction": either(*map(named, ACTIONS)),
        "Element": either(*map(named, ELEMENTS)),
    },
    **CARD,
}
