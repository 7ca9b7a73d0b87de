"""RSA keys of whoever is made up here."""

from functools import cache

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def key_of(owner: str) -> rsa.RSAPrivateKey:  # noqa: ARG001 # what the answers are kept by
    """Return somebody's private key: made when it is first needed, one for all sandboxes of a process."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem_of(owner: str) -> str:
    """Return somebody's private key as its owner keeps it."""
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return key_of(owner).private_bytes(*form).decode()
