"""Proofs of possession, checked (RFC 9449, 4.3; "Configure OAuth 2.0 Demonstrating Proof-of-Possession")."""

import base64
import hashlib
import json
import time
from typing import Any

import jwt

from sandbox.okta.errors import ALGORITHMS

Json = dict[str, Any]
MOST_AGE = 300  # seconds, either way; open, and our choice
PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "k"}
NEEDED = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}  # of a thumbprint: RFC 7638, 3.2


class BadProof(Exception):
    """Why a proof is refused, in Okta's words where they are known."""


class Proofs:
    """Checks proofs, and remembers which were used."""

    def __init__(self) -> None:
        self._used: set[str] = set()

    def check(self, proof: str, method: str, url: str, *, nonce: str = "", token: str = "") -> str:
        """Return the thumbprint of the key that made a good proof; raises BadProof."""
        key = self._key_in(proof)
        try:
            claims: Json = jwt.decode(
                proof,
                key.key,
                algorithms=ALGORITHMS.split(),
                options={"require": ["jti", "htm", "htu", "iat"], "verify_aud": False},
                leeway=MOST_AGE,
            )
        except jwt.PyJWTError as exc:
            raise BadProof(f"The DPoP proof JWT is invalid ({exc}).") from exc
        self._check_claims(claims, method, url, token)
        if nonce and claims.get("nonce") != nonce:
            raise BadProof("nonce")
        if claims["jti"] in self._used:
            raise BadProof("The 'jti' claim in the DPoP proof JWT has been used.")
        self._used.add(claims["jti"])
        return thumbprint(jwt.get_unverified_header(proof)["jwk"])

    @staticmethod
    def _key_in(proof: str) -> jwt.PyJWK:
        if not proof:
            raise BadProof("The DPoP proof JWT header is missing.")
        try:
            header = jwt.get_unverified_header(proof)
            if header.get("typ") != "dpop+jwt" or PRIVATE & header["jwk"].keys():
                raise BadProof("The DPoP proof JWT header is invalid.")
            return jwt.PyJWK(header["jwk"], header.get("alg"))
        except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError) as exc:
            raise BadProof("The DPoP proof JWT header is invalid.") from exc

    @staticmethod
    def _check_claims(claims: Json, method: str, url: str, token: str) -> None:
        if claims["htm"] != method:
            raise BadProof("'htm' claim in the DPoP proof JWT is invalid.")
        if claims["htu"] != url:
            raise BadProof("'htu' claim in the DPoP proof JWT is invalid.")
        if not isinstance(claims["iat"], int) or abs(time.time() - claims["iat"]) > MOST_AGE:
            raise BadProof("'iat' claim in the DPoP proof JWT is invalid.")
        if token and claims.get("ath") != _encoded(hashlib.sha256(token.encode()).digest()):
            raise BadProof("'ath' claim in the DPoP proof JWT is invalid.")


def thumbprint(jwk: Json) -> str:
    """Return the thumbprint of a public key (RFC 7638)."""
    needed = {name: jwk[name] for name in NEEDED[jwk["kty"]]}
    return _encoded(hashlib.sha256(json.dumps(needed, sort_keys=True, separators=(",", ":")).encode()).digest())


def _encoded(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
