"""The stage of the story: the sandbox as a program of its own, asked over HTTP."""

import json
import urllib.request
from pathlib import Path
from typing import Any

from sandbox.process import SandboxProcess


class Stage(SandboxProcess):
    """The sandbox with a directory file ("": a made-up company), and quotas that keep nobody waiting."""

    def __init__(self, folder: Path, directory: str) -> None:
        chosen = ["--directory", str(Path(directory).absolute())] if directory else []
        super().__init__(folder, "--quota-scale", "10", *chosen)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Call the sandbox's own API."""
        return json.loads(self._answer(method, self.environment["SANDBOX_URL"] + path, body) or b"null")

    def held(self) -> Any:
        """Show who may sign in to AWS, and who is in which group."""
        shown = self.ask("GET", "/identity-center")
        return {name: shown[name] for name in ("users", "groups")}

    def page(self, bucket: str, key: str) -> tuple[str, bytes]:
        """Return the address and the content of a page in the local S3."""
        url = f"{self.environment['AWS_ENDPOINT_URL']}/{bucket}/{key}"
        return url, self._answer("GET", url, None)

    @staticmethod
    def _answer(method: str, url: str, body: Any) -> bytes:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, method=method)  # noqa: S310 # loopback
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
            content: bytes = answer.read()
        return content
