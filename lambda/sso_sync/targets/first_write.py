"""The first write through a SCIM token proves that the token belongs to the store that was read.

A plan is made from one identity store, named by id; a token writes to the store it was issued for.
If the two differ, every write would land in the wrong company. So the first write goes alone: an
object that was created is looked up by id in the store that was read, and an object that is to be
changed is first looked up through the token. Only then may anything else be written.
"""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from sso_sync.core.errors import ChangeError, SsoSyncError, TargetError
from sso_sync.core.model import Kind
from sso_sync.targets.identity_store_reader import IdentityStoreReader

PATIENCE = (0.0, 0.5, 1.0, 2.0, 4.0)  # seconds: a new object may take a moment to be readable


class FirstWrite:
    """Lets one write through alone; when it has proved the token, all others at once."""

    def __init__(
        self,
        reader: IdentityStoreReader,
        endpoint: str,
        find: Callable[[Kind, str], bool],
        remove: Callable[[Kind, str], bool],
        patience: Sequence[float] = PATIENCE,
    ) -> None:
        self._reader, self._endpoint = reader, endpoint
        self._find, self._remove, self._patience = find, remove, patience
        self._alone = threading.Lock()
        self._proved = False
        self._hopeless: SsoSyncError | None = None

    @contextmanager
    def turn(self) -> Iterator["FirstWrite"]:
        """Wait for a turn to write: alone until the token is proved.

        What made the first write impossible is raised again for everybody who waited behind it.
        """
        if self._proved:
            yield self
            return
        with self._alone:
            if self._hopeless:
                raise self._hopeless
            try:
                yield self
            except ChangeError:
                raise
            except SsoSyncError as exc:
                self._hopeless = exc
                raise

    def confirm_created(self, kind: Kind, aws_id: str, *, take_back: bool) -> None:
        """Look the new object up in the store that was read.

        Raises TargetError if it is not there; with `take_back` it is deleted again before, which is
        only right for an object that is certainly new.
        """
        if self._proved:
            return
        for pause in self._patience:
            time.sleep(pause)
            if self._reader.exists(kind, aws_id):
                self._proved = True
                return
        self._hopeless = TargetError(f"{self._mismatch()} Its {kind} {aws_id} was there before and was left alone.")
        if take_back:
            try:
                self._remove(kind, aws_id)
            except SsoSyncError as exc:
                self._hopeless = TargetError(
                    f"{self._mismatch()} The {kind} {aws_id} that was created there could not be deleted again; "
                    "delete it by hand."
                )
                raise self._hopeless from exc
            self._hopeless = TargetError(f"{self._mismatch()} The one {kind} that was created there was deleted again.")
        raise self._hopeless

    def confirm_present(self, kind: Kind, aws_id: str) -> None:
        """Look an object of the store that was read up through the token, before it is written.

        Raises TargetError if the token does not know it but the store still does.
        """
        if self._proved:
            return
        if self._find(kind, aws_id):
            self._proved = True
        elif self._reader.exists(kind, aws_id):
            raise TargetError(f"{self._mismatch()} Nothing was written.")

    def _mismatch(self) -> str:
        return (
            f"The SCIM endpoint {self._endpoint} belongs to another Identity Center instance than the store "
            f"{self._reader.store_id} that was read; correct scim.endpoint and its token, or "
            "identity_center.identity_store_id."
        )
