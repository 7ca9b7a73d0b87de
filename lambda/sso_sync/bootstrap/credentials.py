"""With what is signed in besides the directories, and how each is renewed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from sso_sync.aws.secrets import Secrets
from sso_sync.core.expiry import SCIM_TOKEN_LASTS
from sso_sync.core.findings import Credential
from sso_sync.settings import Settings
from sso_sync.settings.places import OF_DEPLOYMENT

BY_IAM = Credential(
    what="Identity Center", kind="IAM alone, with the keys of whoever runs; nothing is stored", stored=False
)


def of_writing(settings: Settings, secrets: Secrets) -> Sequence[Credential]:
    """Describe with what Identity Center is written; makes no call, so that secrets have to have been read before."""
    scim = settings.identity_center.scim
    return [scim_token(scim.token, secrets.since(scim.token)) if scim else BY_IAM]


def scim_token(reference: str, since: datetime | None) -> Credential:
    """Describe the SCIM token; it is at least as old as the secret that holds it."""
    place = "IAM Identity Center (Settings, Automatic provisioning)"
    return Credential(
        what="the SCIM token",
        kind="an access token, stored",
        stored=True,
        expires=since + SCIM_TOKEN_LASTS if since else None,
        renewal=f"make a new one in {place} and {how_to_keep(reference)}",
    )


def of_teams(settings: Settings) -> Iterator[Credential]:
    """Describe the addresses of Teams, which are secrets."""
    teams = settings.teams
    for what, reference in (
        ("the Teams webhook", teams.webhook if teams else None),
        ("the Teams webhook for problems", teams.problems if teams else None),
    ):
        if reference:
            yield Credential(
                what=what,
                kind="an address with a signature, stored; it ends with its workflow, which belongs to a person",
                stored=True,
                renewal=f"make a workflow with a second owner and {how_to_keep(reference)}",
            )


def how_to_keep(reference: str) -> str:
    """Say how a new value gets to where the config says that a secret is."""
    if reference.startswith(OF_DEPLOYMENT):
        return f"store it with 'sso-sync secrets put {reference.removeprefix(OF_DEPLOYMENT)} --file FILE'"
    if reference.startswith("env:"):
        return f"put it into the variable {reference.removeprefix('env:')}"
    return f"store it in {reference}" if reference.startswith("arn:") else f"write it to {reference}"
