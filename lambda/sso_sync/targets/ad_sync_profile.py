"""The sync profile and its target, without which no filter can be written."""

import logging
import threading
from collections.abc import Callable

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import SsoSyncError, TargetError
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate
from sso_sync.http.identity_sync import ABSENT, CONFLICT, IdentitySync

log = logging.getLogger(__name__)
CONSOLE_STEP = (
    "choose the directory in the console first: IAM Identity Center, Settings, Identity source, Actions, Change "
    "identity source, Active Directory"
)


class SyncProfile:
    """Makes sure, before the first filter is created, that profile and target are there; safe for threads."""

    def __init__(self, api: IdentitySync, store_id: str, directory_arn: Callable[[], str]) -> None:
        self._api, self._store_id, self._directory_arn = api, store_id, directory_arn
        self._is_ready, self._lock = False, threading.Lock()

    def ensure(self) -> None:
        """Create what is missing; raises TargetError or CredentialsError if it cannot be had."""
        with self._lock:
            if not self._is_ready:
                is_new = self._ensure_profile()
                self._ensure_target(is_new)
                self._is_ready = True

    def _ensure_profile(self) -> bool:
        """Tell whether the profile had to be created."""
        if self._is_there(self._api.profile, "look for the sync profile"):
            return False
        arn = self._directory_arn()
        doing = f"create the sync profile for {arn}"
        log.info("creating the sync profile", extra={"directory": arn})
        self._create(lambda: self._api.create_profile(arn), doing, f"; {CONSOLE_STEP}")
        return True

    def _ensure_target(self, is_new: bool) -> None:
        """Create the target where it is missing; where that cannot be told, only for a profile of our own."""
        try:
            is_there = self._is_there(self._api.target, "look for the target of the sync profile")
        except SsoSyncError as exc:  # the call is not known to be so, and filters can be written all the same
            log.info("it is not known whether the sync profile has a target", extra={"error": str(exc)})
            is_there = not is_new
        if not is_there:
            self._create(lambda: self._api.create_target(self._store_id), "create the target of the sync profile")

    @staticmethod
    def _is_there(look: Callable[[], object], doing: str) -> bool:
        try:
            look()
        except ClientError as exc:
            if error_code(exc) == ABSENT:
                return False
            raise translate(exc, doing, TargetError) from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: the answer of identity-sync is broken; run again.") from exc
        return True

    @staticmethod
    def _create(create: Callable[[], None], doing: str, remedy: str = "") -> None:
        try:
            create()
        except ClientError as exc:
            if error_code(exc) == CONFLICT:
                return  # somebody was quicker, or an attempt of ours without an answer
            translated = translate(exc, doing, TargetError)
            if remedy and isinstance(translated, TargetError):
                raise TargetError(f"{str(translated).rstrip('.')}{remedy}.") from exc
            raise translated from exc
        except BotoCoreError as exc:
            raise translate(exc, doing, TargetError) from exc
        except MISSHAPEN as exc:
            raise TargetError(f"Cannot {doing}: the answer of identity-sync is broken; run again.") from exc
