"""One way to tell two values apart by a short text that lasts: in ledgers, approvals and plans."""

import hashlib

import msgspec

SHORT = 16  # hex digits, where nobody gains anything by a second value with the same digest


def digest(value: object) -> str:
    """Return the SHA-256, in hex, of a value as JSON; equal values have equal digests, in whatever order they are."""
    return hashlib.sha256(msgspec.json.encode(value, order="deterministic")).hexdigest()
