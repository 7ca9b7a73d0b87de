"""The config files that travel with the project are what they say."""

import re
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from sso_sync.settings import Settings, load_settings
from sso_sync.settings.schema import schema

CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_the_schema_for_editors_is_that_of_the_settings() -> None:
    assert (CONFIG / "schema.json").read_bytes() == schema(), "run: make schema"


@pytest.mark.parametrize("name", ["example.yaml", "sandbox.yaml"])
def test_the_config_files_have_no_mistakes(name: str) -> None:
    settings, folder = load_settings(str(CONFIG / name), {})
    assert settings.sources
    assert folder == CONFIG


def test_the_example_has_no_mistakes_with_everything_switched_on(tmp_path: Path) -> None:
    text = (CONFIG / "example.yaml").read_text(encoding="utf-8")
    lines = [line.replace("# ", "", 1) if _is_setting(line) else line for line in text.splitlines()]
    file = tmp_path / "everything.yaml"
    file.write_text("\n".join(lines).replace("0123abcd-…", "0123abcd"), encoding="utf-8")
    settings, _ = load_settings(str(file), {})
    assert settings.identity_center.scim
    assert settings.sources[0].users
    assert settings.sources[0].attributes


def test_the_example_shows_every_setting() -> None:
    text = (CONFIG / "example.yaml").read_text(encoding="utf-8")
    names = {field.name for struct in _structs(Settings) for field in msgspec.structs.fields(struct)}
    assert {name for name in names if not re.search(rf"^[\s#-]*{name}:", text, re.MULTILINE)} == {
        "percent",
        "above",
        "count",
    }


def _structs(annotation: Any) -> set[type[msgspec.Struct]]:
    """Collect a settings type and all that it is made of."""
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        inner = (_structs(field.type) for field in msgspec.structs.fields(annotation))
        return {annotation}.union(*inner)
    return set().union(*map(_structs, get_args(annotation)))


def _is_setting(line: str) -> bool:
    """Tell a setting that is commented out from a comment: a lower-case word, a colon, and a space or nothing."""
    text = line.strip().removeprefix("# ").strip()
    name = text.split(":")[0]
    is_key = name.isidentifier() and name.islower() and (text.endswith(":") or ": " in text)
    return line.strip().startswith("# ") and is_key
