"""Identity Center: its instance, its store, SCIM, what gives access to accounts, and the state that goes with it."""

from collections.abc import Callable, Iterator, Sequence

from sso_sync.aws.deployment_examination import function_role
from sso_sync.aws.examination import Instance, InstanceExaminer
from sso_sync.aws.simulation import Simulator, Wanted
from sso_sync.aws.trials import examine_accounts
from sso_sync.bootstrap.ad_sync import is_synced_by_aws
from sso_sync.bootstrap.doctor.known import NOT_SIGNED_IN, Known, not_looked_at
from sso_sync.bootstrap.doctor.state import examine_kept
from sso_sync.bootstrap.ground import safe_url
from sso_sync.core.errors import SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line
from sso_sync.http.boto import NOBODY
from sso_sync.http.identity_sync import PROFILE
from sso_sync.http.session import Session
from sso_sync.settings import DocumentationSettings
from sso_sync.targets import scim
from sso_sync.targets.identity_store_reader import IdentityStoreReader
from sso_sync.targets.scim_examination import ScimExaminer
from sso_sync.targets.scim_token import Token
from sso_sync.targets.store_examination import StoreExaminer

ENDPOINT, TOKEN = "identity_center.scim.endpoint", "identity_center.scim.token"
# What the Identity Store API is asked to change, by the kind of object; every action names the store as well.
WRITES = {
    "user": ("CreateUser", "UpdateUser", "DeleteUser"),
    "group": ("CreateGroup", "UpdateGroup", "DeleteGroup"),
    "membership": ("CreateGroupMembership", "DeleteGroupMembership"),
}
# What every run may have to do on the sync profile; a run goes on without StartSync.
FILTER_WRITES = ("CreateSyncFilter", "DeleteSyncFilter", "GetSyncProfile")


def examine_center(known: Known, make_reader: Callable[[str], IdentityStoreReader]) -> Iterator[Finding]:
    """Look at everything of Identity Center, and at the state, whose ledger is the store's."""
    if not known.signed_in:
        yield not_looked_at("Identity Center: instance", NOT_SIGNED_IN)
        yield from _scim(known, None)
        yield from examine_kept(known, "")
        return
    ground, center = known.ground, known.settings.identity_center
    instances = InstanceExaminer(ground.aws, center, known.caller)
    yield from instances.examine()
    found = instances.instance
    if found is None:
        yield from _scim(known, None)
        yield from examine_kept(known, "")
        return
    by_aws = is_synced_by_aws(known.settings)  # then only names are looked up
    store = StoreExaminer(make_reader(found.store_id), known.grant, members=not by_aws)
    yield from store.examine()
    yield from _writing(known, found)
    yield from _scim(known, store.user_id)
    pages = (known.settings.documentation or DocumentationSettings()).accounts
    yield from examine_accounts(ground.aws, found, store.group_id, known.caller, pages=pages)
    yield from examine_kept(known, found.store_id)


def _writing(known: Known, instance: Instance) -> Iterator[Finding]:
    subject = "Identity store: writing"
    if is_synced_by_aws(known.settings):
        yield Finding(subject, Mark.GOOD, "AWS's own sync writes users and groups.")
        region = known.ground.aws.region
        yield _simulated(known, "Identity store: sync filters", lambda writer: _on_profile(writer, region))
    elif known.settings.identity_center.scim:
        yield Finding(subject, Mark.GOOD, "SCIM writes, so that no permission of AWS is needed for it.")
    else:
        yield _simulated(known, subject, lambda writer: _on_store(writer, instance))


def _simulated(known: Known, subject: str, wanted_by: Callable[[str], Sequence[Wanted]]) -> Finding:
    """Ask what whoever writes may do: the role of the deployed function, or the caller."""
    try:
        function = known.ground.deployment.function if known.deployed else ""
        writer = function_role(known.ground.aws, function) if function else known.caller
    except SsoSyncError as exc:
        return Finding(subject, Mark.NOTE, f"Writing was not tried, because that would write. {in_a_line(exc)}")
    return Simulator(known.ground.aws, writer).examine(subject, wanted_by(writer))


def _on_store(writer: str, instance: Instance) -> Sequence[Wanted]:
    arn = f"arn:{_partition_and_account(writer)[0]}:identitystore:"
    store = instance.store_arn or f"{arn}:*:identitystore/{instance.store_id}"  # its account is not shown
    return [
        Wanted([f"identitystore:{action}" for action in actions], [store, f"{arn}::{kind}/{NOBODY}"])
        for kind, actions in WRITES.items()
    ]


def _on_profile(writer: str, region: str) -> Sequence[Wanted]:
    partition, account = _partition_and_account(writer)
    profile = f"arn:{partition}:identity-sync:{region}:{account}:profile/{PROFILE}"
    return [Wanted([f"identity-sync:{action}" for action in FILTER_WRITES], [profile])]


def _partition_and_account(arn: str) -> tuple[str, str]:
    _, partition, _, _, account = arn.split(":")[:5] if arn.startswith("arn:") else ("", "aws", "", "", "*")
    return partition, account


def _scim(known: Known, user_id: str | None) -> Iterator[Finding]:
    settings = known.settings.identity_center.scim
    if settings is None:
        return
    token, endpoint = known.texts.get(TOKEN), known.texts.get(ENDPOINT, settings.endpoint)
    if token is None or (ENDPOINT not in known.texts and not endpoint.startswith("http")):
        yield not_looked_at(
            "SCIM: endpoint", "It was not looked at, because a secret of it cannot be read (see Secrets)."
        )
        return
    session = Session(
        attempts=2,
        system="scim",
        operation_of=scim.operation_of,
        calls=known.ground.calls,
        patience=known.ground.patience,
    )
    try:
        examiner = ScimExaminer(safe_url(endpoint, "the SCIM endpoint"), Token(token), session, user_id)
    except SsoSyncError as exc:
        yield Finding("SCIM: token", Mark.PROBLEM, in_a_line(exc))
        return
    yield from examiner.examine()
