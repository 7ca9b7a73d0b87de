"""Judges of the stand-ins' answers, by what others wrote: every test over HTTP is under their eyes.

Each judge is a function that lists what is wrong with one answer of one operation.
"""

from collections.abc import Callable

from sandbox.calls import Reply
from tests.support.witnesses import aws, google, google_sign_in, scim

JUDGES: dict[str, Callable[[str, Reply], list[str]]] = {
    "identity_store": lambda operation, reply: aws.problems("identitystore", operation, reply),
    "sso_admin": lambda operation, reply: aws.problems("sso-admin", operation, reply),
    # Its model has no error of AWS's front door, and none for throttling.
    "directory_service": lambda operation, reply: aws.problems("ds", operation, reply) if reply.status == 200 else [],
    "scim": scim.problems,
    "google": google.problems,
    "google_sts": lambda _, reply: google_sign_in.problems("google_sts", reply),
    "google_iam": lambda _, reply: google_sign_in.problems("google_iam", reply),
}


class Witnesses:
    """Keeps what was wrong with any answer."""

    def __init__(self) -> None:
        self.complaints: list[str] = []
        self.seen = 0

    def __call__(self, system: str, operation: str, reply: Reply) -> None:
        """Look at one answer."""
        if system in JUDGES:
            self.seen += 1
            self.complaints += [f"{system} {operation}: {text}" for text in JUDGES[system](operation, reply)]
