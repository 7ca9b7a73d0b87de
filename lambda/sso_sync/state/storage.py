"""Where state lives: bytes under keys, with writes that can be made conditional."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError
from filelock import FileLock, Timeout
from msgspec import Struct

from sso_sync.core.errors import SsoSyncError, StateError
from sso_sync.http.boto_errors import error_code, translate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

S3_SCHEME = "s3://"


class Stored(Struct, frozen=True):
    """Bytes and the tag that changes whenever they do."""

    body: bytes
    tag: str


class Storage(Protocol):
    """A place for state. Every method raises StateError or CredentialsError."""

    def get(self, key: str) -> Stored | None:
        """Return what is stored, or None."""

    def put(self, key: str, body: bytes) -> None:
        """Store, whole or not at all."""

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        """Store only if what is there has this tag (None: if nothing is there).

        Returns the new tag, or None if somebody else was first.
        """

    def delete_if(self, key: str, tag: str) -> None:
        """Delete if it still has this tag."""


class FolderStorage:
    """State in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Stored | None:
        try:
            body = (self._folder / key).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise self._unusable(exc) from exc
        return Stored(body, hashlib.sha256(body).hexdigest())

    def put(self, key: str, body: bytes) -> None:
        path = self._folder / key
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            Path(file.name).replace(path)
        except OSError as exc:
            raise self._unusable(exc) from exc

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        with self._locked(key):
            present = self.get(key)
            if (present.tag if present else None) != tag:
                return None
            self.put(key, body)
        return hashlib.sha256(body).hexdigest()

    def delete_if(self, key: str, tag: str) -> None:
        with self._locked(key):
            present = self.get(key)
            if present and present.tag == tag:
                (self._folder / key).unlink()

    @contextmanager
    def _locked(self, key: str) -> Iterator[None]:
        path = self._folder / f".{key.replace('/', '_')}.lock"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(path, timeout=10):
                yield
        except Timeout as exc:
            raise StateError(f"The state folder {self._folder} is busy; run again in a moment.") from exc
        except OSError as exc:
            raise self._unusable(exc) from exc

    def _unusable(self, exc: OSError) -> StateError:
        return StateError(
            f"The state folder {self._folder} cannot be used ({exc.strerror}); check its path and "
            "permissions, or set 'state' in the config."
        )


class S3Storage:
    """State under a prefix of an S3 bucket."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str) -> None:
        self._client, self._bucket, self._prefix = client, bucket, prefix.strip("/")

    def get(self, key: str) -> Stored | None:
        try:
            answer = self._client.get_object(Bucket=self._bucket, Key=self._key(key))
            return Stored(answer["Body"].read(), answer["ETag"])
        except ClientError as exc:
            if error_code(exc) == "NoSuchKey":
                return None
            raise self._translated(exc) from exc
        except BotoCoreError as exc:
            raise self._translated(exc) from exc

    def put(self, key: str, body: bytes) -> None:
        try:
            self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=body)
        except (ClientError, BotoCoreError) as exc:
            raise self._translated(exc) from exc

    def put_if(self, key: str, body: bytes, tag: str | None) -> str | None:
        try:
            if tag is None:
                answer = self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=body, IfNoneMatch="*")
            else:
                answer = self._client.put_object(Bucket=self._bucket, Key=self._key(key), Body=body, IfMatch=tag)
        except ClientError as exc:
            if error_code(exc) in {
                "PreconditionFailed",
                "ConditionalRequestConflict",
                "NoSuchKey",
                "412",
                "409",
            }:
                return None
            raise self._translated(exc) from exc
        except BotoCoreError as exc:
            raise self._translated(exc) from exc
        return answer["ETag"]

    def delete_if(self, key: str, tag: str) -> None:
        try:
            self._client.delete_object(Bucket=self._bucket, Key=self._key(key), IfMatch=tag)
        except ClientError as exc:
            if error_code(exc) not in {"PreconditionFailed", "NoSuchKey", "412"}:
                raise self._translated(exc) from exc
        except BotoCoreError as exc:
            raise self._translated(exc) from exc

    def _key(self, key: str) -> str:
        return f"{self._prefix}/{key}" if self._prefix else key

    def _translated(self, exc: ClientError | BotoCoreError) -> SsoSyncError:
        return translate(exc, f"use the state in {S3_SCHEME}{self._bucket}/{self._prefix}", StateError)
