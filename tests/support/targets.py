"""Both ways of writing to the stand-in of Identity Center."""

from sso_sync.core.ports import Target
from sso_sync.http.boto import Aws
from sso_sync.http.governor import RateGovernor
from sso_sync.http.session import Session
from sso_sync.targets.identity_store import IdentityStoreTarget
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim import ScimTarget
from tests.support.live import LiveSandbox


def make_target(sandbox: LiveSandbox, *, scim: bool, token: str = "", store_id: str = "") -> Target:
    """Make a target with few retries and no limit of its own."""
    fast = RateGovernor(100_000)
    client = Aws("us-east-1", attempts=3).identity_store(fast, 10)
    reader = IdentityStoreReader(client, store_id or sandbox.sandbox.store.store_id, enterprise=True)
    if scim:
        token = token or sandbox.sandbox.scim_token
        return ScimTarget(reader, sandbox.sandbox.scim_endpoint, token, fast, Session(attempts=3))
    return IdentityStoreTarget(reader)
