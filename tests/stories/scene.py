"""A company, its Identity Center and the command line between them: where most stories happen."""

import json
from typing import Any

import pytest

from sandbox.identity_center.assignments import replace_assignments
from sso_sync.entrypoints.cli.main import run
from tests.support.live import LiveSandbox, writes_in

Json = dict[str, Any]
BY_HAND = "somebody else"


def config(groups: str = '{include: ["*"]}', source: str = "", more: str = "") -> str:
    """Write a config; `source` are further settings of the source, each on a line of its own."""
    lines = "".join(f"    {line}\n" for line in source.splitlines())
    return (
        "sources:\n  - type: google_workspace\n    admin: somebody@example.com\n"
        f"    credentials: env:SSO_SYNC_GOOGLE_CREDENTIALS\n    groups: {groups}\n{lines}{more}\n"
    )


class Scene:
    """Runs commands, and tells what came of them; `err` and `out` are what the last one said."""

    def __init__(
        self,
        sandbox: LiveSandbox,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        *,
        scim: bool,
        text: str,
    ) -> None:
        self.sandbox, self.store, self._capsys = sandbox, sandbox.sandbox.store, capsys
        self._scim = scim
        self.monkeypatch = monkeypatch
        self.out = self.err = ""
        for name, value in sandbox.environment(scim=scim, config=text).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SSO_SYNC_IDENTITY_STORE_ID", self.store.store_id)  # two calls less in every run
        monkeypatch.setenv("TEAMS_WEBHOOK", sandbox.sandbox.teams_webhook)

    def configure(self, text: str) -> None:
        """Put another config in place."""
        self.sandbox.environment(scim=self._scim, config=text)

    def command(self, *arguments: str) -> int:
        """Run a command and return its exit code; what it said and called before is forgotten."""
        self._capsys.readouterr()
        self.sandbox.calls()
        code = run(arguments)
        captured = self._capsys.readouterr()
        self.out, self.err = " ".join(captured.out.split()), captured.err.strip()
        return code

    def apply(self, *options: str) -> int:
        return self.command("apply", "--yes", *options)

    def calls(self) -> dict[str, dict[str, int]]:
        """Count the calls of the last command, by system and operation."""
        return self.sandbox.calls()

    def writes(self) -> dict[str, int]:
        """Count the writes of the last command."""
        return writes_in(self.sandbox.calls())

    def users(self) -> dict[str, str]:
        """Return the ids of all users by their names."""
        return {user["UserName"]: user_id for user_id, user in self.store.users.items()}

    def groups(self) -> dict[str, str]:
        """Return the ids of all groups by their names."""
        return {group["DisplayName"]: group_id for group_id, group in self.store.groups.items()}

    def members(self) -> dict[str, set[str]]:
        """Return the user names of everybody in a group, by its name, without the domain."""
        found = self.sandbox.emails_by_group()
        return {group: {name.removesuffix("@example.com") for name in names} for group, names in found.items()}

    def put_user(self, name: str, **more: Any) -> str:
        """Let somebody else create a user in Identity Center; returns the id."""
        address = f"{name}@example.com"
        attributes = {
            "UserName": address,
            "DisplayName": name,
            "Name": {"GivenName": name, "FamilyName": "Doe"},
            "Emails": [{"Value": address, "Type": "work", "Primary": True}],
        }
        return str(self.store.create_user(attributes | more, BY_HAND)["UserId"])

    def put_group(self, name: str, *user_ids: str) -> str:
        """Let somebody else create a group with members; returns the id."""
        group_id = str(self.store.create_group({"DisplayName": name}, BY_HAND)["GroupId"])
        for user_id in user_ids:
            self.store.create_membership(group_id, user_id, BY_HAND)
        return group_id

    def assign(self, group: str) -> None:
        """Give a group an AWS account."""
        row = {"principal": group, "kind": "group", "account": "111122223333", "permission_set": "Admin"}
        replace_assignments(self.store, self.sandbox.sandbox.instances.organisation_arn, [row])

    def cards(self) -> list[str]:
        """Return the cards that Teams has got, oldest first, as JSON."""
        return [json.dumps(post.card, ensure_ascii=False) for post in self.sandbox.sandbox.teams.posts]

    def one_sentence(self) -> str:
        """Return the one error sentence that was said; fails on several lines and on a traceback."""
        assert self.err.startswith("Error: "), self.err
        assert "\n" not in self.err
        assert "This is a bug" not in self.err
        return self.err
