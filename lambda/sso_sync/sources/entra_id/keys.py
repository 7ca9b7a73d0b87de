"""With what the app registration signs in: a client secret, a certificate's key, or a token of AWS."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from sso_sync.core.errors import CredentialsError
from sso_sync.core.findings import Credential
from sso_sync.http.boto import Aws
from sso_sync.settings import EntraIdSettings
from sso_sync.sources.entra_id.aws_token import aws_token

PLACE = "Entra admin center, App registrations, the app, Certificates & secrets"
ORDER = "store PEM text with the certificate and its unencrypted RSA key, one after the other"


class Key(Protocol):
    """One way to sign in."""

    def for_msal(self) -> str | dict[str, Any]:
        """Return it as msal takes it."""

    def credential(self, ends: Mapping[str, datetime]) -> Credential:
        """Describe it; `ends` is what Graph told of client secrets, by the three characters that they begin with."""


def make_key(settings: EntraIdSettings, secrets: Mapping[str, str], aws: Callable[[], Aws]) -> Key:
    """Make the one way to sign in that the settings choose; raises CredentialsError."""
    if settings.certificate:
        return CertificateKey(secrets["certificate"])
    if settings.federated:
        return AwsKey(aws, settings.audience)
    return SecretKey(secrets["client_secret"])


class SecretKey:
    """A client secret."""

    def __init__(self, text: str) -> None:
        self._text = text.strip()
        if not self._text:
            raise CredentialsError(f"The Entra ID client secret is empty; store its value ({PLACE}).")

    def for_msal(self) -> str:
        return self._text

    def credential(self, ends: Mapping[str, datetime]) -> Credential:
        return Credential(
            what="the Entra ID client secret",
            kind="a client secret, stored",
            stored=True,
            expires=ends.get(self._text[:3]),
            renewal=f"make a new one ({PLACE}) and store its value",
        )


class CertificateKey:
    """The private key of a certificate that was uploaded to the app registration."""

    def __init__(self, pem: str) -> None:
        try:
            self._certificate = x509.load_pem_x509_certificate(pem.encode())
            key = load_pem_private_key(pem.encode(), password=None)
        except (ValueError, TypeError) as exc:  # TypeError: the key is encrypted
            raise CredentialsError(f"The Entra ID certificate cannot be used; {ORDER}.") from exc
        if not isinstance(key, RSAPrivateKey):
            raise CredentialsError(f"The Entra ID certificate has a key that is not RSA; {ORDER}.")
        form = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        if key.public_key().public_bytes(*form) != self._certificate.public_key().public_bytes(*form):
            raise CredentialsError(f"The Entra ID certificate and the private key beside it are not a pair; {ORDER}.")
        self._pem = pem

    def for_msal(self) -> dict[str, Any]:
        return {"private_key": self._pem, "public_certificate": self._certificate.public_bytes(Encoding.PEM).decode()}

    def credential(self, ends: Mapping[str, datetime]) -> Credential:  # noqa: ARG002 # the certificate itself says it
        return Credential(
            what="the Entra ID certificate",
            kind="a certificate's private key, stored",
            stored=True,
            expires=self._certificate.not_valid_after_utc,
            renewal=f"make a new one, upload it ({PLACE}, Certificates) and store it with its key",
        )


class AwsKey:
    """A token of AWS about the role that runs this, which a federated credential of the app registration trusts."""

    def __init__(self, aws: Callable[[], Aws], audience: str) -> None:
        self._aws, self._audience = aws, audience

    def for_msal(self) -> dict[str, Any]:
        return {"client_assertion": lambda: aws_token(self._aws, self._audience)}

    def credential(self, ends: Mapping[str, datetime]) -> Credential:  # noqa: ARG002 # nothing ends
        return Credential(
            what="the sign-in to Entra ID", kind="a token of AWS for each run, nothing stored", stored=False
        )
