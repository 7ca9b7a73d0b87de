"""Synthesis without CDK's command: templates as plain data."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("JSII_NODE", str(Path(sys.executable).parent / "node"))  # CDK starts it as it is imported

import aws_cdk as cdk
import pytest

from sso_sync.settings import settings_of
from sso_sync_stack.bundling import AWS, Bundle, Platform
from sso_sync_stack.stack import SsoSyncStack

Json = dict[str, Any]
SOURCE: Json = {"type": "google_workspace", "admin": "a@example.com", "groups": {"include": ["aws-*"]}}
CONFIG: Json = {"sources": [SOURCE], "identity_center": {"scim": {}}, "teams": {}, "deployment": {}}


class Synthesizer:
    """Makes templates from configs, with code that is only a file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def bundle(self, code: str = "code", target: Platform = AWS) -> Bundle:
        self._count += 1
        folder = self._folder / str(self._count) / "bundle"
        folder.mkdir(parents=True)
        (folder / "code.py").write_text(code)
        return Bundle(folder, target)

    def app(self, *, code: str = "code", target: Platform = AWS, **changed: Any) -> tuple[cdk.App, SsoSyncStack]:
        bundle = self.bundle(code, target)
        app = cdk.App(outdir=str(bundle.folder.parent / "cdk.out"))
        return app, SsoSyncStack(app, settings_of(CONFIG | changed, "the config", {}), bundle)

    def template(self, *, code: str = "code", target: Platform = AWS, **changed: Any) -> Json:
        app, stack = self.app(code=code, target=target, **changed)
        template: Json = app.synth().get_stack_by_name(stack.stack_name).template
        return template


@pytest.fixture(scope="session")
def synthesizer(tmp_path_factory: pytest.TempPathFactory) -> Synthesizer:
    return Synthesizer(tmp_path_factory.mktemp("synth"))


@pytest.fixture(scope="session")
def template(synthesizer: Synthesizer) -> Json:
    """Return the template of the usual config, to be looked at only."""
    return synthesizer.template()


def resources(template: Json, kind: str) -> Iterator[Json]:
    """Find a template's resources of one type."""
    return (resource for resource in template["Resources"].values() if resource["Type"] == kind)


def statements(template: Json, role: str) -> dict[str, Json]:
    """Return the statements of the role whose logical id begins so, by their Sid."""
    found: dict[str, Json] = {}
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Policy" and name.startswith(role):
            for statement in resource["Properties"]["PolicyDocument"]["Statement"]:
                found[statement.get("Sid", f"#{len(found)}")] = statement
    return found
