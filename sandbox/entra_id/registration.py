"""The app registration of the tenant: how it may sign in, and what it may do."""

import base64
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from sandbox.entra_id.company import guid
from sandbox.keys import key_of, pem_of

Json = dict[str, Any]
AUDIENCE = "api://AzureADTokenExchange"
ROLES = ("User.Read.All", "GroupMember.Read.All", "Application.Read.All", "Member.Read.Hidden")


@dataclass(frozen=True)
class FederatedCredential:
    """Whose tokens the app registration trusts."""

    issuer: str
    subject: str
    audience: str = AUDIENCE


@dataclass
class ClientSecret:
    """A client secret; Entra tells of it no more than how it begins and when it ends."""

    text: str = field(default_factory=lambda: secrets.token_urlsafe(30))
    ends: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(days=180))

    def shown(self) -> Json:
        return {
            "customKeyIdentifier": None,
            "displayName": "sandbox",
            "endDateTime": _time(self.ends),
            "hint": self.text[:3],
            "keyId": guid(f"secret {self.text}"),
            "secretText": None,
            "startDateTime": _time(self.ends - timedelta(days=180)),
        }


class Registration:
    """One app; everything in it may be changed."""

    def __init__(self, name: str = "sso-sync") -> None:
        self.client_id, self.object_id = guid(f"client {name}"), guid(f"app {name}")
        self.secrets = [ClientSecret()]
        self.federated: list[FederatedCredential] = []
        self.roles: set[str] = set(ROLES)
        self.disabled = False
        self._name, self._owner = name, f"the app registration {name}"

    @property
    def certificates(self) -> list[x509.Certificate]:
        """Return what was uploaded."""
        return [self._certificate]

    @cached_property
    def _certificate(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self._name)])
        now = datetime.now(UTC)
        key = key_of(self._owner)
        builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
        builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=365))
        return builder.serial_number(x509.random_serial_number()).sign(key, hashes.SHA256())

    def pem(self) -> str:
        """Return the certificate with its key, as its owner keeps it."""
        return self._certificate.public_bytes(serialization.Encoding.PEM).decode() + pem_of(self._owner)

    def shown(self) -> Json:
        """Show it as Graph's application resource."""
        made = "_certificate" in self.__dict__
        return {
            "id": self.object_id,
            "appId": self.client_id,
            "displayName": self._name,
            "passwordCredentials": [secret.shown() for secret in self.secrets],
            "keyCredentials": [_shown(certificate) for certificate in self.certificates] if made else [],
        }


def _shown(certificate: x509.Certificate) -> Json:
    return {
        "customKeyIdentifier": base64.b64encode(certificate.fingerprint(hashes.SHA1())).decode(),  # noqa: S303
        "displayName": "CN=sso-sync",
        "endDateTime": _time(certificate.not_valid_after_utc),
        "key": None,
        "keyId": guid(str(certificate.serial_number)),
        "startDateTime": _time(certificate.not_valid_before_utc),
        "type": "AsymmetricX509Cert",
        "usage": "Verify",
    }


def _time(when: datetime) -> str:
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
