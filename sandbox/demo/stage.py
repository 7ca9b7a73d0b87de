"""The stage of the story: the sandbox as a program of its own, asked over HTTP."""

import json
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sandbox.active_directory.domain_controller import DomainController
from sandbox.active_directory.environment import environment_of
from sandbox.process import SandboxProcess


class Stage(SandboxProcess):
    """The sandbox with a directory file ("": a made-up company), and quotas that keep nobody waiting.

    The source `ad` brings a domain controller with the same company; raises OSError where none can run.
    """

    def __init__(self, folder: Path, directory: str, source: str = "google") -> None:
        self._controller = DomainController(folder / "ad") if source == "ad" else None
        chosen = ["--directory", str(Path(directory).absolute())] if directory else []
        super().__init__(folder, "--quota-scale", "10", *chosen)

    def __enter__(self) -> Self:
        super().__enter__()
        try:
            if self._controller:
                self._controller.__enter__()
                self._controller.load(self.ask("GET", "/directory"))
                self.environment |= environment_of(self._controller)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._controller:
            self._controller.__exit__(kind, exc, trace)
        super().__exit__(kind, exc, trace)

    def put_directory(self, directory: Any) -> None:
        """Put another company in place, wherever the directory is."""
        self.ask("PUT", "/directory", directory)
        if self._controller:
            self._controller.load(directory)

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
