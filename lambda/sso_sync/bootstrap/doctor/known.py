"""What an examination knows by now."""

from sso_sync.aws.grants import grant_to
from sso_sync.bootstrap.ground import Ground
from sso_sync.core.findings import Finding, Mark
from sso_sync.settings.places import OF_DEPLOYMENT

NOT_SIGNED_IN = "It was not looked at, because there is no sign-in to AWS."
NOT_DEPLOYED = "It was not looked at, because the deployment that has it cannot be."


class Known:
    """Facts that later steps rest on: who calls AWS, whether what is deployed is known, texts of secrets by setting."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.settings = ground, ground.settings
        self.caller, self.signed_in, self.deployed = "", True, False
        self.texts: dict[str, str] = {}

    def why_not(self, place: str) -> str:
        """Say why what is at a place cannot be looked at, or nothing; places are as settings name them."""
        if not place.startswith((OF_DEPLOYMENT, "arn:", "s3:")):
            return ""
        if not self.signed_in:
            return NOT_SIGNED_IN
        of_deployment = place.startswith(OF_DEPLOYMENT) and self.ground.is_deployed
        return NOT_DEPLOYED if of_deployment and not self.deployed else ""

    def grant(self, *actions: str) -> str:
        """Say how the caller is allowed actions."""
        return grant_to(self.caller, *actions)


def not_looked_at(subject: str, why: str) -> Finding:
    """Say that something was left out, because of what was found before."""
    return Finding(subject, Mark.NOTE, why)
