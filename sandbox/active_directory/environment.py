"""The environment under which sso-sync reaches a domain controller."""

import json

from sandbox.active_directory.domain_controller import DomainController
from sandbox.active_directory.objects import COMPANY


def environment_of(controller: DomainController) -> dict[str, str]:
    """Return the variables; the CA's certificate and the account are in files of the controller's folder."""
    ca_certificate = controller.folder / "tls" / "ca.pem"
    account = controller.folder / "account.json"
    account.touch(mode=0o600)
    account.write_text(json.dumps(controller.credentials), encoding="utf-8")
    return {
        "SSO_SYNC_AD_SERVERS": controller.url,
        "SSO_SYNC_AD_BASE": COMPANY,
        "SSO_SYNC_AD_CREDENTIALS": str(account),
        "SSO_SYNC_AD_CA_CERTIFICATE": str(ca_certificate),
    }
