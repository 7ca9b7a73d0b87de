"""The Entra source over real HTTP: every way to sign in, every refusal of it, and what is told of credentials."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.calls import Reply
from sandbox.entra_id.company import guid
from sandbox.entra_id.registration import ClientSecret, FederatedCredential, Registration
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sso_sync.core.errors import CredentialsError, SourceError
from sso_sync.core.findings import Finding, Mark
from sso_sync.http.boto import Aws
from sso_sync.http.patience import Patience
from sso_sync.sources.tools import Tools
from tests.contract.sources.entra_id_place import entra_source
from tests.support.companies import company, person, team
from tests.support.entra import emails
from tests.support.live import LiveSandbox

Json = dict[str, Any]
Live = Callable[..., LiveSandbox]
FEDERATED: Json = {"client_secret": None, "federated": True}
CERTIFICATE: Json = {"client_secret": None, "certificate": "unused"}


def aws_of(sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch) -> Tools:
    """Return tools whose AWS is the stand-in."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_STS", f"{sandbox.url}/sts")
    keys = {"aws_access_key_id": ACCESS_KEY, "aws_secret_access_key": SECRET_KEY}
    return Tools(aws=lambda: Aws("us-east-1", attempts=1, keys=keys), patience=Patience(1))


def test_a_certificate_signs_in(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    pem = sandbox.sandbox.entra.app.pem()
    assert emails(entra_source(sandbox, secret=pem, **CERTIFICATE).read()) == {"a": {"p1@example.com"}}
    with pytest.raises(CredentialsError, match=r"not one of the app registration's.*\(AADSTS700027\)"):
        entra_source(sandbox, secret=Registration("another").pem(), **CERTIFICATE).read()


def test_a_token_of_aws_signs_in_and_nothing_is_stored(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    source = entra_source(sandbox, tools=aws_of(sandbox, monkeypatch), **FEDERATED)
    assert emails(source.read()) == {"a": {"p1@example.com"}}
    (credential,) = source.credentials()
    assert (credential.stored, credential.expires) == (False, None)
    assert sandbox.calls()["sts"] == {"GetWebIdentityToken": 1}


MISMATCHES = [
    ({"issuer": "https://other.example"}, "correct the issuer.*AADSTS700211"),
    ({"audience": "api://Other"}, "correct the audience.*AADSTS700212"),
    ({"subject": "arn:aws:iam::000000000000:role/other"}, "the ARN of the role; correct the subject.*AADSTS700213"),
    ({"subject": "arn:aws:iam::000000000000:role/SSO-SYNC"}, "in other case.*AADSTS7002138"),
]


@pytest.mark.parametrize(("trusted", "said"), MISMATCHES, ids=[said[-5:] for _, said in MISMATCHES])
def test_a_federated_credential_that_does_not_fit_is_named(
    live: Live, monkeypatch: pytest.MonkeyPatch, trusted: Json, said: str
) -> None:
    sandbox = live(company([], []))
    issuer = sandbox.sandbox.issuer
    fitting = {"issuer": issuer.url, "subject": issuer.subject}
    sandbox.sandbox.entra.app.federated[:] = [FederatedCredential(**(fitting | trusted))]
    with pytest.raises(CredentialsError, match=said):
        entra_source(sandbox, tools=aws_of(sandbox, monkeypatch), **FEDERATED).read()


def test_aws_that_gives_no_token_says_how_it_would(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = live(company([], []))
    source = entra_source(sandbox, tools=aws_of(sandbox, monkeypatch), **FEDERATED)
    sandbox.switch(account_outbound_federation=False)
    with pytest.raises(CredentialsError, match="with 'aws iam enable-outbound-web-identity-federation'"):
        source.read()
    sandbox.switch(account_outbound_federation=True)
    sandbox.fail("sts", "GetWebIdentityToken", "forbidden")
    with pytest.raises(CredentialsError, match="the AWS role lacks the permission GetWebIdentityToken"):
        source.read()
    sandbox.fail("sts", "GetWebIdentityToken", "html_page")
    with pytest.raises(SourceError, match="get a token of AWS"):
        source.read()


def test_a_login_that_is_refused_names_the_next_step(live: Live) -> None:
    sandbox = live(company([], []))
    app = sandbox.sandbox.entra.app
    app.secrets.append(ClientSecret(ends=datetime.now(UTC) - timedelta(days=1)))
    refusals: tuple[tuple[Json, str, str], ...] = (
        ({}, "wrong", r"the client secret is wrong; make a new one .*not its id \(AADSTS7000215\)"),
        ({}, app.secrets[1].text, r"the client secret has expired.*\(AADSTS7000222\)"),
        ({"client_id": guid("x")}, "", r"is not in this tenant; correct 'client_id' and 'tenant' \(AADSTS700016\)"),
        ({"tenant": "nobody.example"}, "", r"there is no such tenant.*\(AADSTS90002\)"),
    )
    for settings, secret, said in refusals:
        with pytest.raises(CredentialsError, match=said) as refused:
            entra_source(sandbox, secret=secret, **settings).read()
        assert all(one.text not in str(refused.value) for one in app.secrets)
    app.disabled = True
    with pytest.raises(CredentialsError, match=r"the app registration is disabled.*\(AADSTS7000112\)"):
        entra_source(sandbox).read()


@pytest.mark.parametrize("pem", ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"])
def test_a_certificate_that_cannot_be_one_is_found_before_the_first_call(live: Live, pem: str) -> None:
    sandbox = live(company([], []))
    with pytest.raises(CredentialsError, match="store PEM text with the certificate and its unencrypted RSA key"):
        entra_source(sandbox, secret=pem or " ", **CERTIFICATE)
    one, other = Registration("one").pem(), Registration("other").pem()
    with pytest.raises(CredentialsError, match="are not a pair"):
        entra_source(sandbox, secret=one.partition("-----BEGIN PRIV")[0] + other, **CERTIFICATE)


# What is told of it.


def test_when_a_secret_ends_is_told_without_a_call_of_its_own(live: Live) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    secret = sandbox.sandbox.entra.app.secrets[0]
    source = entra_source(sandbox)
    source.read()
    assert sandbox.calls()["entra"] == {"batch": 1, "members.list": 1}
    (credential,) = source.credentials()
    assert credential.expires == secret.ends.replace(microsecond=0)
    assert credential.stored
    assert not sandbox.calls()


@pytest.mark.parametrize("kind", ["forbidden", "unavailable", "throttle"])
def test_who_may_not_be_told_when_a_secret_ends_knows_of_no_end(live: Live, kind: str) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    sandbox.sandbox.entra.app.roles -= {"Application.Read.All"}
    sandbox.fail("entra", "applications.get", kind)
    source = entra_source(sandbox)
    source.read()
    assert [one.expires for one in source.credentials()] == [None]
    assert sandbox.calls()["entra"] == {"batch": 1, "members.list": 1}


@pytest.mark.parametrize("kind", ["unavailable", "throttle"])
def test_who_was_only_this_time_not_told_when_a_secret_ends_does_not_say_never(live: Live, kind: str) -> None:
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    sandbox.fail("entra", "applications.get", kind)
    source = entra_source(sandbox)
    source.read()
    with pytest.raises(SourceError, match="did not tell this time when the client secret ends"):
        source.credentials()
    assert sandbox.calls()["entra"] == {"batch": 1, "members.list": 1}
    source.read()
    assert source.credentials()[0].expires
    sandbox.fail("entra", "applications.get", kind)
    assert marks(list(source.examine()))["end of the client secret"] is Mark.NOTE


def test_a_netrc_file_adds_and_replaces_nothing(live: Live, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login somebody password of-another-system\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    sandbox = live(company([person(1)], [team("a", ["u1"])]))
    assert emails(entra_source(sandbox).read()) == {"a": {"p1@example.com"}}


def test_a_secret_is_sent_to_no_other_host_than_the_settings_name(live: Live) -> None:
    sandbox = live(company([], []))

    def elsewhere(_: str, operation: str, reply: Reply) -> Reply:
        if operation != "openid-configuration":
            return reply
        body = dict(reply.body or {})
        return Reply(200, body | {"token_endpoint": body["token_endpoint"].replace("127.0.0.1", "localhost")})

    sandbox.sandbox.switchboard.spoilers.append(elsewhere)
    with pytest.raises(SourceError, match=r"names an address that is not at .*correct 'login_url'"):
        entra_source(sandbox).read()
    assert "token" not in sandbox.calls()["entra_login"]


def test_a_certificate_says_itself_when_it_ends(live: Live) -> None:
    sandbox = live(company([], []))
    app = sandbox.sandbox.entra.app
    (credential,) = entra_source(sandbox, secret=app.pem(), **CERTIFICATE).credentials()
    assert credential.expires == app.certificates[0].not_valid_after_utc
    assert not sandbox.calls()


def marks(found: list[Finding]) -> dict[str, Mark]:
    return {finding.subject.partition(": ")[2]: finding.mark for finding in found}


def test_the_doctor_names_each_permission_and_where_it_is_granted(live: Live) -> None:
    hidden = team("hidden", ["u1"], entra={"visibility": "HiddenMembership"})
    hidden["members"].append({"type": "USER", "id": "x1", "email": "someone@partner.example"})
    sandbox = live(company([person(1)], [hidden]))
    application = sandbox.sandbox.entra.application_id
    assert marks(list(entra_source(sandbox, application=application).examine())) == {
        "sign in": Mark.GOOD,
        "list the users": Mark.GOOD,
        "list groups and their members": Mark.GOOD,
        "list who is assigned to the application": Mark.GOOD,
        "list members of groups whose membership is hidden": Mark.GOOD,
        "guests": Mark.NOTE,
        "read what is selected": Mark.GOOD,
    }
    assert sandbox.calls()["entra"] == {"batch": 1, "members.list": 1}
    sandbox.sandbox.entra.app.roles = {"GroupMember.ReadWrite.All"}
    found = list(entra_source(sandbox, application=application).examine())
    assert marks(found) == {
        "sign in": Mark.GOOD,
        "list the users": Mark.PROBLEM,
        "list groups and their members": Mark.GOOD,
        "list who is assigned to the application": Mark.PROBLEM,
        "no more than needed": Mark.WARNING,
        "list users and groups": Mark.PROBLEM,
    }
    missing = next(finding for finding in found if finding.subject.endswith("list the users"))
    assert missing.remedy.startswith("User.Read.All: Entra admin center, App registrations, the app, API permissions")
