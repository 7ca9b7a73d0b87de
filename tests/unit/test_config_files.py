"""The config files that travel with the project are what they say."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from sso_sync.settings import (
    ActiveDirectorySettings,
    AdSyncSettings,
    EntraIdSettings,
    OktaSettings,
    Settings,
    load_settings,
)
from sso_sync.settings.schema import schema
from tests.support.settings import google_of

OTHERS = {
    "okta.yaml": OktaSettings,
    "entra-id.yaml": EntraIdSettings,
    "active-directory.yaml": ActiveDirectorySettings,
    "ad-sync.yaml": AdSyncSettings,
}
CONFIG = Path(__file__).resolve().parents[2] / "config"


def test_the_schema_for_editors_is_that_of_the_settings() -> None:
    assert (CONFIG / "schema.json").read_bytes() == schema(), "run: make schema"


@pytest.mark.parametrize("name", ["example.yaml", "sandbox.yaml", *OTHERS])
def test_the_config_files_have_no_mistakes(name: str) -> None:
    settings, folder = load_settings(str(CONFIG / name), {})
    assert settings.sources
    assert folder == CONFIG


@pytest.mark.parametrize("name", ["example.yaml", *OTHERS])
def test_an_example_has_no_mistakes_with_everything_switched_on(name: str, tmp_path: Path) -> None:
    text = (CONFIG / name).read_text(encoding="utf-8")
    lines = [line.replace("# ", "", 1) if _is_setting(line) else line for line in text.splitlines()]
    file = tmp_path / "everything.yaml"
    file.write_text("\n".join(lines).replace("0123abcd-…", "0123abcd"), encoding="utf-8")
    settings, _ = load_settings(str(file), {})
    if name == "example.yaml":
        assert settings.identity_center.scim
        assert google_of(settings).users
        assert google_of(settings).attributes


def test_the_example_shows_every_setting() -> None:
    elsewhere = {struct.__module__ for struct in OTHERS.values()}
    shown_here = [struct for struct in _structs(Settings) if struct.__module__ not in elsewhere]
    assert _not_shown("example.yaml", shown_here) == {"percent", "above", "count"}


@pytest.mark.parametrize("name", OTHERS)
def test_the_example_of_a_directory_shows_every_setting_of_it(name: str) -> None:
    own = [struct for struct in _structs(OTHERS[name]) if struct.__module__ == OTHERS[name].__module__]
    assert own
    assert not _not_shown(name, own)


def _not_shown(file: str, structs: Iterable[type[msgspec.Struct]]) -> set[str]:
    text = (CONFIG / file).read_text(encoding="utf-8")
    names = {field.name for struct in structs for field in msgspec.structs.fields(struct)}
    return {name for name in names if not re.search(rf"^[\s#-]*{name}:", text, re.MULTILINE)}


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
