"""What the sync may do in AWS for the sake of its directories: sign in to them without a stored key."""

from collections.abc import Iterable

from aws_cdk import aws_iam as iam

from sso_sync.settings import SourceSettings


def grant_sign_in(role: iam.Role, sources: Iterable[SourceSettings]) -> None:
    """Allow what the sources of the config need to sign in."""
    for source in sources:
        match source:
            case _:
                pass
