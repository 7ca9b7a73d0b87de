"""Secrets are found where the config says, and errors never show them."""

from pathlib import Path

import pytest

from sso_sync.aws.secrets import Secrets, is_placeholder
from sso_sync.core.errors import CredentialsError
from sso_sync.http.boto import Aws
from sso_sync.settings.deployed import Deployment

TOKEN = "the SCIM token"


def secrets(folder: Path, **environment: str) -> Secrets:
    return Secrets(Aws("us-east-1"), folder, not_deployed, environment)


def not_deployed() -> Deployment:
    raise AssertionError("nobody asked for a secret of the deployment")


def test_a_secret_comes_from_a_variable_without_its_line_break(tmp_path: Path) -> None:
    assert secrets(tmp_path, TOKEN="s3cret\n").read("env:TOKEN", TOKEN) == "s3cret"


def test_a_secret_comes_from_a_file_beside_the_config(tmp_path: Path) -> None:
    folder = tmp_path / "config"
    folder.mkdir()
    (folder / "token").write_text("s3cret\n")
    assert secrets(folder).read("./token", TOKEN) == "s3cret"
    assert secrets(folder).read(str(folder / "token"), TOKEN) == "s3cret"


def test_a_variable_may_hold_the_path_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "key.json").write_text("{}")
    assert secrets(tmp_path, KEY=str(tmp_path / "key.json")).read("env:KEY", "the key") == "{}"


@pytest.mark.parametrize("value", ["no/such/file", "a" * 5000, "a\0b", "~nobody-of-that-name/x"])
def test_a_variable_that_names_no_file_is_the_secret_itself(tmp_path: Path, value: str) -> None:
    assert secrets(tmp_path, TOKEN=value).read("env:TOKEN", TOKEN) == value


@pytest.mark.parametrize("environment", [{}, {"TOKEN": ""}])
def test_a_variable_that_is_not_set_is_named(tmp_path: Path, environment: dict[str, str]) -> None:
    with pytest.raises(CredentialsError, match="Cannot read the SCIM token: the environment variable TOKEN is not set"):
        secrets(tmp_path, **environment).read("env:TOKEN", TOKEN)


def test_a_file_that_is_missing_is_named_with_the_reason(tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match=r"the SCIM token from .*token \(No such file or directory\)"):
        secrets(tmp_path).read("./token", TOKEN)


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "token").write_bytes(b"\xff\xfe")
    with pytest.raises(CredentialsError, match="it is not text"):
        secrets(tmp_path).read("./token", TOKEN)


def test_an_empty_secret_is_refused_wherever_it_is(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(" \n")
    with pytest.raises(CredentialsError, match=r"\./token is empty; store the secret there and run again"):
        secrets(tmp_path).read("./token", TOKEN)
    with pytest.raises(CredentialsError, match="env:TOKEN is empty"):
        secrets(tmp_path, TOKEN="  ").read("env:TOKEN", TOKEN)


@pytest.mark.parametrize(
    ("arn", "problem"),
    [
        ("arn:aws", "'arn:aws' is not a whole ARN"),
        ("arn:aws:s3:us-east-1:1:bucket", "is neither a secret nor an SSM parameter"),
    ],
)
def test_an_arn_of_something_else_is_refused_without_a_call(tmp_path: Path, arn: str, problem: str) -> None:
    with pytest.raises(CredentialsError, match=problem):
        secrets(tmp_path).read(arn, TOKEN)


@pytest.mark.parametrize("name", ["~nobody-of-that-name/token", "a\0b"])
def test_what_cannot_be_a_path_is_one_sentence(name: str, tmp_path: Path) -> None:
    with pytest.raises(CredentialsError, match="it is not a path"):
        secrets(tmp_path).read(name, "the token")


@pytest.mark.parametrize(
    ("text", "generated"),
    [
        ("kV5]>;S*Z}b8Q,?mF2#xT@r7&dWc!n4p", True),  # as GetRandomPassword gives it
        ('{"type": "service_account","a":1', False),
        ("https://x.example.com/a?sig=A1-_b", False),
        ("abcdefghijklmnopqrstuvwxyz012345", False),  # a token of one class and digits
        ("kV5]>;S*Z}b8Q,?mF2#xT@r7&dWc!n4", False),
    ],
)
def test_the_random_text_of_cloudformation_is_told_from_a_secret(text: str, generated: bool) -> None:
    assert is_placeholder(text) is generated
