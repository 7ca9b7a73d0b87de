"""The JSON Schema of the config, for editors: python -m sso_sync.settings.schema > config/schema.json."""

import sys

import msgspec

from sso_sync.settings.types import Settings


def schema() -> bytes:
    """Return the schema as JSON, with a closed set of keys so that editors mark mistyped ones."""
    whole = msgspec.json.schema(Settings)
    for definition in whole["$defs"].values():
        definition["additionalProperties"] = False
    described = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "sso-sync", **whole}
    return msgspec.json.format(msgspec.json.encode(described), indent=2) + b"\n"


if __name__ == "__main__":
    sys.stdout.buffer.write(schema())
