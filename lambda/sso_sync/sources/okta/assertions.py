"""What a service app signs in with: a claim to be it, signed with its key (private_key_jwt).

The key is stored, or it stays in AWS KMS, which signs and never shows it. Claims and their limits: "JWT with
private key" of Okta's reference on client authentication.
"""

import base64
import hashlib
import json
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

import jwt
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import RSAAlgorithm

from sso_sync.core.errors import CredentialsError
from sso_sync.core.findings import Credential
from sso_sync.core.once import once
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import translate

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

LIFETIME = 300  # seconds; Okta takes no more than an hour
STORE_AGAIN = "store the private key of the Okta service app again, as PEM or JWK text, whole and without a passphrase"


class Signer(Protocol):
    """A key that signs as RS256."""

    key_id: str
    credential: Credential

    def sign(self, message: bytes) -> bytes:
        """Sign; raises CredentialsError."""


def assertion(client_id: str, audience: str, signer: Signer) -> str:
    """Write an assertion that is good for one request; raises CredentialsError."""
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": signer.key_id} if signer.key_id else {})
    claims = {
        "iss": client_id,
        "sub": client_id,
        "aud": audience,
        "iat": now,
        "exp": now + LIFETIME,
        "jti": str(uuid.uuid4()),
    }
    signed = b".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    return b".".join((signed, _encoded(signer.sign(signed)))).decode()


class StoredKey:
    """A private key that is kept as a secret."""

    credential = Credential(
        what="the private key of the Okta service app",
        kind="a private key, stored",
        stored=True,
        renewal="make a new key and add its public half to the service app in the Okta Admin Console, or keep it in "
        "AWS KMS",
    )

    def __init__(self, text: str, key_id: str | None) -> None:
        self._key, own_id = _read(text)
        self.key_id = key_id or own_id

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message, padding.PKCS1v15(), SHA256())


class KmsKey:
    """A key in AWS KMS: only the role that runs the sync may let it sign, and nobody can copy it."""

    credential = Credential(
        what="the Okta service app", kind="a private key in AWS KMS, nothing is stored", stored=False
    )

    def __init__(self, arn: str, key_id: str | None, aws: Callable[[], Aws]) -> None:
        self._arn, self._aws = arn, aws
        self.key_id = key_id or arn.rpartition("/")[2]

    @once
    def _kms(self) -> "KMSClient":
        return self._aws().in_region(self._arn.split(":")[3]).kms()

    def sign(self, message: bytes) -> bytes:
        try:
            answer = self._kms.sign(
                KeyId=self._arn,
                Message=hashlib.sha256(message).digest(),
                MessageType="DIGEST",
                SigningAlgorithm="RSASSA_PKCS1_V1_5_SHA_256",
            )
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"sign in to Okta with the key {self._arn}", CredentialsError) from exc
        return answer["Signature"]


def _encoded(text: bytes) -> bytes:
    return base64.urlsafe_b64encode(text).rstrip(b"=")


def _read(text: str) -> tuple[rsa.RSAPrivateKey, str]:
    """Read a private key from PEM or JWK text, with the id that the JWK gives it; raises CredentialsError."""
    try:
        key: Any
        if text.lstrip().startswith("{"):
            key, key_id = RSAAlgorithm.from_jwk(text), str(json.loads(text).get("kid", ""))
        else:
            key, key_id = load_pem_private_key(text.encode(), None), ""
    except (jwt.PyJWTError, UnsupportedAlgorithm, TypeError, ValueError) as exc:  # whose words may hold the key
        raise CredentialsError(f"The private key of the Okta service app cannot be read; {STORE_AGAIN}.") from exc
    if not isinstance(key, rsa.RSAPrivateKey):
        raise CredentialsError(f"The private key of the Okta service app is no private RSA key; {STORE_AGAIN}.")
    return key, key_id
