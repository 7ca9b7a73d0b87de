"""The account's own issuer of tokens: its key, its documents, and the tokens that it signs.

Claims: "Understanding token claims" of outbound identity federation in the IAM user guide.
"""

import json
import secrets
import time
from typing import Any

import jwt
from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from sandbox.keys import key_of

Json = dict[str, Any]
ALGORITHM = "RS256"


class TokenIssuer:
    """Signs tokens about one role, and publishes its key as OpenID Connect has it (Discovery 1.0)."""

    def __init__(self, url: str, account: str) -> None:
        self.url, self._account, self._owner = url, account, f"the token issuer of account {account}"
        self.subject = f"arn:aws:iam::{account}:role/sso-sync"
        self._key_id = secrets.token_hex(8)

    def jwks(self, issuer: str) -> Json | None:
        """Return the keys that an issuer publishes, None for one that is not known."""
        if issuer != self.url:
            return None
        key: Json = json.loads(RSAAlgorithm.to_jwk(key_of(self._owner).public_key()))
        return {"keys": [key | {"kid": self._key_id, "use": "sig", "alg": ALGORITHM}]}

    def sign(self, audiences: list[str], seconds: int) -> tuple[str, int]:
        """Return a token for audiences, and when it ends; real time, in which verifiers live."""
        now = int(time.time())
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": audiences[0] if len(audiences) == 1 else audiences,
            "iat": now,
            "exp": now + seconds,
            "jti": secrets.token_hex(16),
            "https://sts.amazonaws.com/": {"aws_account": self._account, "source_region": "us-east-1"},
        }
        signed = jwt.encode(claims, key_of(self._owner), algorithm=ALGORITHM, headers={"kid": self._key_id})
        return signed, now + seconds

    def routes(self, prefix: str) -> list[web.RouteDef]:
        """Return the routes of the documents."""

        async def show_configuration(_request: web.Request) -> web.Response:
            own = {"issuer": self.url, "jwks_uri": f"{self.url}/.well-known/jwks.json"}
            supported = {"id_token_signing_alg_values_supported": [ALGORITHM], "subject_types_supported": ["public"]}
            return web.json_response(own | supported | {"response_types_supported": ["id_token"]})

        async def show_keys(_request: web.Request) -> web.Response:
            return web.json_response(self.jwks(self.url))

        return [
            web.get(f"{prefix}/.well-known/openid-configuration", show_configuration),
            web.get(f"{prefix}/.well-known/jwks.json", show_keys),
        ]
