"""What a service app of Okta's sends, written with PyJWT and not by the program."""

import base64
import hashlib
import time
import uuid
from typing import Any

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm

from sandbox.okta.tokens import ASSERTION_TYPE, KEY_ID, SCOPES
from tests.support.live import LiveSandbox

Json = dict[str, Any]


def assertion(live: LiveSandbox, *, kid: str | None = KEY_ID, key: Any = None, **changed: Any) -> str:
    """Sign an assertion of the service app; None takes a claim away."""
    app, now = live.sandbox.okta.app, int(time.time())
    claims: Json = {"iss": app.client_id, "sub": app.client_id, "aud": app.url, "iat": now, "exp": now + 300}
    claims = {
        name: value for name, value in (claims | {"jti": str(uuid.uuid4())} | changed).items() if value is not None
    }
    return jwt.encode(claims, key or app.private_key, algorithm="RS256", headers={"kid": kid} if kid else {})


def form(live: LiveSandbox, **changed: str) -> Json:
    """Write a request for a token."""
    asked = {"grant_type": "client_credentials", "scope": " ".join(SCOPES), "client_assertion_type": ASSERTION_TYPE}
    return asked | ({"client_assertion": assertion(live)} if "client_assertion" not in changed else {}) | changed


def ask_for_token(live: LiveSandbox, headers: Json | None = None, **changed: str) -> requests.Response:
    """Ask for a token."""
    return requests.post(live.sandbox.okta.app.url, data=form(live, **changed), headers=headers, timeout=5)


def proof(key: ec.EllipticCurvePrivateKey, method: str, url: str, token: str = "", **changed: Any) -> str:
    """Prove possession of a key; None takes a claim away."""
    claims: Json = {"jti": str(uuid.uuid4()), "htm": method, "htu": url, "iat": int(time.time())}
    if token:
        claims["ath"] = base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).rstrip(b"=").decode()
    header = {"typ": "dpop+jwt", "jwk": ECAlgorithm.to_jwk(key.public_key(), as_dict=True)} | changed.pop("header", {})
    claims = {name: value for name, value in (claims | changed).items() if value is not None}
    return jwt.encode(claims, key, algorithm="ES256", headers=header)


def get(live: LiveSandbox, path: str, authorization: str | None = None, **headers: str) -> requests.Response:
    """Get something of the management API, with the API token unless it is said otherwise."""
    okta = live.sandbox.okta
    signed = {"Authorization": f"SSWS {okta.api_token}" if authorization is None else authorization}
    return requests.get(f"{okta.url}/api/v1/{path}", headers=signed | headers, timeout=5)
