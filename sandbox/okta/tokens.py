"""The service app of the organisation, and the endpoint that gives it access tokens.

Refusals: "JWT with private key" of Okta's reference, its knowledge base, and RFC 6749, 5.2. Open, and our
choice: the words where no report shows them, and that one scope too many refuses them all.
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jwt
from aiohttp import web
from jwt.algorithms import RSAAlgorithm

from sandbox.calls import Reply, Switchboard, send
from sandbox.clock import Clock
from sandbox.keys import key_of, pem_of
from sandbox.okta.errors import bad_proof
from sandbox.okta.proofs import BadProof, Proofs
from sandbox.refusal import Refusal
from sandbox.switches import Switches

Json = dict[str, Any]
SCOPES = frozenset({"okta.users.read", "okta.groups.read"})
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = LONGEST = 3600  # seconds: of a token, and at most of an assertion
KEY_ID = "sandbox-key"
ERRORS = {
    "bad_request": (400, "invalid_request"),
    "unauthorized": (401, "invalid_client"),
    "forbidden": (403, "access_denied"),
    "not_found": (404, "invalid_request"),
    "conflict": (409, "invalid_request"),
    "throttle": (429, "rate_limit_exceeded"),
    "error": (500, "server_error"),
    "unavailable": (503, "temporarily_unavailable"),
}


@dataclass(frozen=True)
class Token:
    """An access token that was given out; `key` is the thumbprint of the key it is bound to, or empty."""

    scopes: frozenset[str]
    until: float
    key: str


class ServiceApp:
    """Gives access tokens for assertions signed with a key that is registered, and checks tokens.

    Assertions and proofs are held to the real time, in which their signer lives.
    """

    def __init__(self, url: str, switchboard: Switchboard, switches: Switches, clock: Clock) -> None:
        self.url, self._switchboard, self._switches, self._clock = url, switchboard, switches, clock
        self.client_id = f"0oa{secrets.token_hex(8)}1"
        self.granted = SCOPES
        self._keys: dict[str, Json] = {}
        self._used: set[str] = set()
        self._tokens: dict[str, Token] = {}
        self._proofs, self._nonce = Proofs(), secrets.token_urlsafe(16)

    @cached_property
    def private_key(self) -> str:
        """Return the private key, made and registered when it is first asked for, as PEM."""
        public = key_of("the service app of Okta").public_key()
        self.register({**RSAAlgorithm.to_jwk(public, as_dict=True), "kid": KEY_ID})
        return pem_of("the service app of Okta")

    def register(self, jwk: Json) -> None:
        """Add a public key to the app, as somebody does in the Admin Console."""
        self._keys[jwk["kid"]] = jwk

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request for a token."""
        form = [(name, str(value)) for name, value in (await request.post()).items()]
        proof = request.headers.get("DPoP", "")
        reply = await self._switchboard.call("okta_oauth", "token", self._render, lambda: self._answer(form, proof))
        return await send(request, reply, "application/json")

    def _answer(self, form: Sequence[tuple[str, str]], proof: str) -> Reply:
        values = dict(form)
        if len(values) < len(form) or not values.get("grant_type"):
            raise _refused("invalid_request", "A parameter is missing or comes twice.")
        if values["grant_type"] != "client_credentials":
            raise _refused("unsupported_grant_type", "The authorization grant type is not supported.")
        if values.get("client_assertion_type") != ASSERTION_TYPE or not values.get("client_assertion"):
            raise _refused("invalid_client", "A client_assertion and its type are needed.", status=401)
        self._check_assertion(values["client_assertion"])
        key = self._key_of(proof)
        scopes = frozenset(values.get("scope", "").split())
        if not scopes or not scopes <= self.granted:
            said = "One or more scopes are not configured for the authorization server resource."
            raise _refused("invalid_scope", said)
        text = secrets.token_urlsafe(32)
        self._tokens[text] = Token(scopes, self._clock.now() + LIFETIME, key)
        body = {"token_type": "DPoP" if key else "Bearer", "expires_in": LIFETIME, "access_token": text}
        return Reply(200, {**body, "scope": " ".join(sorted(scopes))}, {"Cache-Control": "no-store"})

    def _check_assertion(self, text: str) -> None:
        claims = self._claims(text)
        if claims["iss"] != self.client_id or claims["sub"] != self.client_id:
            raise _no_client("The issuer and subject claims of client_assertion must be the client_id.")
        if not isinstance(claims["exp"], int) or claims["exp"] - time.time() > LONGEST:
            raise _no_client("The client_assertion token has an expiration too far into the future.")
        if claims["jti"] in self._used:
            raise _no_client("The client_assertion token has been used before.")
        self._used.add(claims["jti"])

    def _claims(self, text: str) -> Json:
        try:
            jwk = self._keys.get(jwt.get_unverified_header(text).get("kid", ""))
            if jwk is None:
                raise _no_client("The client_assertion JWT kid is invalid.")
            claims: Json = jwt.decode(
                text,
                RSAAlgorithm.from_jwk(json.dumps(jwk)),  # type: ignore[arg-type] # a public key, which was registered
                algorithms=["RS256"],
                audience=self.url,
                options={"require": ["iss", "sub", "aud", "exp", "iat", "jti"]},
            )
        except jwt.InvalidAudienceError as exc:
            said = "The audience claim for client_assertion must be the endpoint invoked for the request."
            raise _no_client(said) from exc
        except jwt.InvalidSignatureError as exc:
            raise _no_client("The client_assertion signature is invalid.") from exc
        except jwt.PyJWTError as exc:
            raise _no_client(f"The client_assertion token is invalid ({exc}).") from exc
        return claims

    def _key_of(self, proof: str) -> str:
        """Return the key that a token is to be bound to, if there is a proof, or has to be one."""
        if not proof and self._switches.okta_dpop == "off":
            return ""
        try:
            return self._proofs.check(proof, "POST", self.url, nonce=self._nonce)
        except BadProof as exc:
            if str(exc) == "nonce":
                said = "Authorization server requires nonce in DPoP proof."
                raise _refused("use_dpop_nonce", said, nonce=self._nonce) from exc
            raise _refused("invalid_dpop_proof", str(exc)) from exc

    def check(self, headers: Mapping[str, str], method: str, url: str, scope: str) -> None:
        """Raise a refusal unless a request carries a token with a scope, and the proof that the token needs."""
        scheme, _, text = headers.get("Authorization", "").partition(" ")
        token = self._tokens.get(text)
        if token is None or token.until < self._clock.now():
            raise Refusal("unauthorized", "The access token is invalid.", error="invalid_token")
        if token.key:
            self._check_proof(headers, method, url, text, token.key, bound=scheme.casefold() == "dpop")
        elif scheme.casefold() != "bearer":
            raise Refusal("unauthorized", "The access token is not bound to a key.", error="invalid_token")
        if scope not in token.scopes:
            said = "The access token provided does not contain the required scopes."
            raise Refusal("forbidden", said, error="insufficient_scope", scope=scope)

    def _check_proof(
        self, headers: Mapping[str, str], method: str, url: str, text: str, key: str, *, bound: bool
    ) -> None:
        if not bound:
            raise bad_proof("The access token is bound to a key and needs the scheme DPoP.")
        nonce = self._nonce if self._switches.okta_dpop == "nonce_everywhere" else ""
        try:
            proved = self._proofs.check(headers.get("DPoP", ""), method, url, nonce=nonce, token=text)
        except BadProof as exc:
            if str(exc) == "nonce":
                said = "Resource server requires nonce in DPoP proof."
                raise bad_proof(said, error="use_dpop_nonce", nonce=nonce) from exc
            raise bad_proof(str(exc)) from exc
        if proved != key:
            raise bad_proof("The access token is bound to another key.")

    def _render(self, refusal: Refusal) -> Reply:
        """Write an error of OAuth 2 (RFC 6749, 5.2)."""
        status, error = ERRORS[refusal.kind]
        nonce = {"DPoP-Nonce": refusal.details["nonce"]} if "nonce" in refusal.details else {}
        body = {"error": refusal.details.get("error", error), "error_description": refusal.message}
        return Reply(refusal.details.get("status", status), body, nonce)


def _refused(error: str, message: str, **details: Any) -> Refusal:
    return Refusal("bad_request", message, error=error, **details)


def _no_client(message: str) -> Refusal:
    return _refused("invalid_client", message, status=401)
