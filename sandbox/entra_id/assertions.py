"""Client assertions: signed by the app's own certificate, or tokens of somebody whom a federated credential trusts.

Certificates: "Microsoft identity platform application authentication certificate credentials"; federation: "Configure
an app to trust an external identity provider". Times are held to the real time, in which signers live.
"""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from sandbox.entra_id.errors import login_refusal
from sandbox.entra_id.registration import Registration
from sandbox.refusal import Refusal

Json = dict[str, Any]
Jwks = Callable[[str], Mapping[str, Any] | None]  # issuer → the keys that it publishes
REQUIRED = ("iss", "sub", "aud", "exp")


def check_assertion(assertion: str, app: Registration, audiences: list[str], jwks: Jwks) -> None:
    """Raise a refusal unless the assertion proves that somebody may sign in as the app."""
    try:
        header = jwt.get_unverified_header(assertion)
        claims = jwt.decode(assertion, options={"verify_signature": False})
    except jwt.PyJWTError as exc:
        raise login_refusal("unauthorized", 50027, "JWT token is invalid or malformed.") from exc
    if claims.get("iss") == app.client_id:
        _check_own(assertion, header, app, audiences)
    else:
        _check_federated(assertion, header, claims, app, jwks)


def _check_own(assertion: str, header: Json, app: Registration, audiences: list[str]) -> None:
    certificate = next((one for one in app.certificates if _names(header, one)), None)
    if certificate is None:
        raise login_refusal(
            "unauthorized", 700027, "The certificate with identifier used to sign the client assertion is not "
            "registered on application."
        )  # fmt: skip
    public: Any = certificate.public_key()
    claims = _verified(assertion, public, ["RS256", "PS256"], audiences, (*REQUIRED, "jti"))
    if claims["sub"] != app.client_id:
        raise login_refusal("unauthorized", 700021, "Client assertion application identifier doesn't match.")


def _names(header: Json, certificate: x509.Certificate) -> bool:
    """Tell whether a header names a certificate by its thumbprint."""
    prints = {"x5t": hashes.SHA1(), "x5t#S256": hashes.SHA256()}  # noqa: S303 # as the documentation has it
    # msal writes them with "=" at the end, which Entra takes.
    return any(
        str(header.get(name, "")).rstrip("=") == base64url(certificate.fingerprint(how)) for name, how in prints.items()
    )


def base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _check_federated(assertion: str, header: Json, claims: Json, app: Registration, jwks: Jwks) -> None:
    issuer, subject, audience = (claims.get(name) for name in ("iss", "sub", "aud"))
    candidates = [one for one in app.federated if one.issuer == issuer]
    if not candidates:
        raise _no_match(700211, f"issuer '{issuer}'")
    candidates = [one for one in candidates if one.audience == audience]
    if not candidates:
        raise _no_match(700212, f"audience '{audience}'")
    if not any(one.subject == subject for one in candidates):
        folded = any(one.subject.casefold() == str(subject).casefold() for one in candidates)
        raise _no_match(7002138 if folded else 700213, f"subject '{subject}'")
    if header.get("alg") != "RS256":
        raise login_refusal("unauthorized", 5002738, f"'{header.get('alg')}' is not a supported signature algorithm.")
    published = (jwks(str(issuer)) or {}).get("keys", [])
    key = next((one for one in published if one["kid"] == header.get("kid")), None)
    if key is None:
        raise login_refusal("unauthorized", 50013, "Assertion failed signature validation: the key was not found.")
    public: Any = jwt.PyJWK.from_json(json.dumps(key)).key
    _verified(assertion, public, ["RS256"], [str(audience)], REQUIRED)


def _verified(assertion: str, key: Any, algorithms: list[str], audiences: list[str], required: tuple[str, ...]) -> Json:
    try:
        claims: Json = jwt.decode(
            assertion, key, algorithms=algorithms, audience=audiences, options={"require": list(required)}
        )
    except (jwt.ExpiredSignatureError, jwt.ImmatureSignatureError) as exc:
        message = "Client assertion is not within its valid time range."
        raise login_refusal("unauthorized", 700024, message) from exc
    except jwt.InvalidAudienceError as exc:
        raise login_refusal("unauthorized", 700023, "Client assertion audience claim doesn't match.") from exc
    except jwt.InvalidSignatureError as exc:
        raise login_refusal("unauthorized", 700027, "Client assertion failed signature validation.") from exc
    except jwt.PyJWTError as exc:
        raise login_refusal("unauthorized", 50027, f"JWT token is invalid or malformed: {exc}.") from exc
    return claims


def _no_match(code: int, what: str) -> Refusal:
    return login_refusal(
        "unauthorized", code, f"No matching federated identity record found for presented assertion {what}. Check your "
        "federated identity credential Subject, Audience and Issuer against the presented assertion."
    )  # fmt: skip
