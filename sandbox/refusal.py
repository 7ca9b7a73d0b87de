"""How a stand-in says no."""

from typing import Any


class Refusal(Exception):  # an answer rather than a failure of the sandbox
    """An error that a system answers with; each system has its words for a `kind`."""

    def __init__(self, kind: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.kind, self.message, self.details = kind, message, details
