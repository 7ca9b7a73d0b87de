"""Where pages go."""

from typing import Protocol


class Publisher(Protocol):
    """A place that people read from."""

    def publish(self, key: str, body: bytes, content_type: str) -> None:
        """Put a file in place, whole or not at all; raises StateError or CredentialsError."""
