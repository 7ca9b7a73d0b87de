"""Both ways of writing to the stand-in of Identity Center."""

from collections.abc import Callable

from sso_sync.core.ports import Target
from sso_sync.http.boto import Aws
from sso_sync.http.calls import Calls
from sso_sync.http.governor import RateGovernor
from sso_sync.http.patience import Patience
from sso_sync.http.session import Session
from sso_sync.targets.identity_store import IdentityStoreTarget
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim import ScimTarget, operation_of
from sso_sync.targets.scim_token import Token
from tests.support.live import LiveSandbox


def make_target(
    sandbox: LiveSandbox,
    *,
    scim: bool,
    token: str = "",
    store_id: str = "",
    governor: RateGovernor | None = None,
    calls: Calls | None = None,
    patience: Patience | None = None,
    fetch_token: Callable[[], str] | None = None,
) -> Target:
    """Make a target with few retries and, by default, no limit of its own."""
    governor = governor or RateGovernor(100_000)
    client = Aws("us-east-1", attempts=3, calls=calls).identity_store(governor, 10, patience)
    reader = IdentityStoreReader(client, store_id or sandbox.sandbox.store.store_id, enterprise=True, calls=calls)
    if scim:
        token = token or sandbox.sandbox.scim_token
        session = Session(
            attempts=3, system="scim", operation_of=operation_of, calls=calls, governor=governor, patience=patience
        )
        return ScimTarget(reader, sandbox.sandbox.scim_endpoint, Token(token, fetch_token), governor, session)
    return IdentityStoreTarget(reader)
