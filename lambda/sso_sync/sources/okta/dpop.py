"""Proofs that whoever sends a token holds the key that it was made for (RFC 9449; Okta's guide on DPoP)."""

import base64
import hashlib
import time
import uuid
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

ALGORITHM = "ES256"  # one of those that Okta lists in its challenges, and a key is made in no time


class Proofs:
    """Makes proofs with a key that lives as long as this object."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._nonces: dict[bool, str] = {}

    def note(self, url: str, nonce: str) -> None:
        """Remember what is wanted in proofs at an address: the token endpoint and the API each have their own."""
        self._nonces[_gives_tokens(url)] = nonce

    def proof(self, method: str, url: str, token: str = "") -> str:
        """Prove for one request, and for the token that it carries."""
        claims: dict[str, Any] = {
            "jti": str(uuid.uuid4()),
            "htm": method,
            "htu": urlsplit(url)._replace(query="", fragment="").geturl(),
            "iat": int(time.time()),
        }
        if nonce := self._nonces.get(_gives_tokens(url)):
            claims["nonce"] = nonce
        if token:
            claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
        public = ECAlgorithm.to_jwk(self._key.public_key(), as_dict=True)
        return jwt.encode(claims, self._key, algorithm=ALGORITHM, headers={"typ": "dpop+jwt", "jwk": public})


def _gives_tokens(url: str) -> bool:
    return urlsplit(url).path.endswith("/token")
