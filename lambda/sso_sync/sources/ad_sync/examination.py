"""What the sync of an Active Directory by AWS needs, looked at step by step; nothing is written."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import PermissionMissing, SourceError, SsoSyncError
from sso_sync.core.findings import Finding, Mark, in_a_line, look_at
from sso_sync.core.model import fold
from sso_sync.core.wording import counted
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, error_code, translate
from sso_sync.http.identity_sync import ABSENT, FilterType, IdentitySync
from sso_sync.http.patience import Patience
from sso_sync.settings import AdSyncSettings

Json = Mapping[str, Any]
Made = TypeVar("Made")
DIRECTORY, ASSOCIATION = "AWS Directory Service: the directory", "IAM Identity Center: the identity source"
NOT_YET = "There is none yet; the first run that creates a filter makes it."
PROFILE, TARGET, WRITING = "identity-sync: the profile", "identity-sync: the target", "identity-sync: writing"
CONSOLE_STEP = (
    "In the console of the management account: IAM Identity Center, Settings, tab Identity source, Actions, Change "
    "identity source, Active Directory, and choose the directory. No API of AWS does this."
)
TO_WRITE = (
    "identity-sync:CreateSyncFilter, DeleteSyncFilter, GetSyncProfile, CreateSyncProfile, GetSyncTarget, "
    "CreateSyncTarget and StartSync, and ds:AuthorizeApplication for a profile that has to be created"
)


class Examination:
    """Looks at directory, identity source, profile, target and filters of one config."""

    def __init__(self, settings: AdSyncSettings, aws: Callable[[], Aws], patience: Patience) -> None:
        self._settings, self._make_aws, self._patience = settings, aws, patience

    def findings(self) -> Iterator[Finding]:
        """Yield what is found; raises nothing."""
        try:
            aws = self._make_aws()
            api = IdentitySync(aws, self._patience)
        except SsoSyncError as exc:
            yield Finding("AWS", Mark.PROBLEM, in_a_line(exc))
            return
        profile, error = _looked_for("read the sync profile", api.profile)
        directory, of_directory = self._directory(aws, profile)
        yield of_directory
        yield self._association(aws, directory, profile, sure=error is None and of_directory.mark is not Mark.NOTE)
        yield self._of_profile(profile, error)
        if profile is not None:
            yield _target(api)
            yield from (_listed(api, kind) for kind in ("GROUP", "USER"))
        yield Finding(WRITING, Mark.NOTE, f"Not tried. A role that writes filters needs {TO_WRITE}.")

    def _directory(self, aws: Aws, profile: Json | None) -> tuple[Json | None, Finding]:
        """Find the directory in AWS Directory Service: by the id of config or profile, else by its domain."""
        wanted, domain = _id_in(self._settings.directory_id) or _source_of(profile), self._settings.domain

        def look() -> list[Json]:
            pages = aws.client("ds").get_paginator("describe_directories").paginate()
            return [row for page in pages for row in page["DirectoryDescriptions"]]

        try:
            rows = _asked("list the directories of AWS Directory Service", look)
        except SsoSyncError as exc:
            remedy = _if_denied(exc, "Allow ds:DescribeDirectories to whoever runs this command; runs do without it.")
            return None, Finding(DIRECTORY, Mark.NOTE, f"It was not looked at. {in_a_line(exc)}", remedy)
        found = [row for row in rows if _is_meant(row, wanted, domain)]
        if found:
            return found[0], _of_directory(found[0], domain)
        said = f"There is no directory {wanted or f'for the domain {domain}'} in this account and in {aws.region}."
        if profile is not None:
            return None, Finding(DIRECTORY, Mark.NOTE, f"{said} AWS syncs all the same: there is a sync profile.")
        remedy = "Make an AD Connector or an AWS Managed Microsoft AD; for a trusted domain set directory_id."
        return None, Finding(DIRECTORY, Mark.PROBLEM, said, remedy)

    @staticmethod
    def _association(aws: Aws, directory: Json | None, profile: Json | None, *, sure: bool) -> Finding:
        """Tell whether Identity Center takes its identities from an Active Directory, and from which."""

        def look() -> set[str]:
            pages = aws.sso_admin().get_paginator("list_instances").paginate()
            return {instance["IdentityStoreId"] for page in pages for instance in page["Instances"]}

        if profile is not None:
            return Finding(ASSOCIATION, Mark.GOOD, "It is an Active Directory: there is a sync profile.")
        try:
            stores = _asked("list the instances of IAM Identity Center", look)
        except SsoSyncError as exc:
            remedy = _if_denied(exc, "Allow sso:ListInstances to whoever runs this command.")
            return Finding(ASSOCIATION, Mark.NOTE, f"It was not looked at. {in_a_line(exc)}", remedy)
        # An identity store that is filled from a directory has the directory's id.
        if directory and directory["DirectoryId"] in stores:
            return Finding(ASSOCIATION, Mark.GOOD, f"It is the directory {directory['DirectoryId']}.")
        if not sure:
            return Finding(ASSOCIATION, Mark.NOTE, "It cannot be told without what was not looked at.", CONSOLE_STEP)
        said = "It is not this directory: no identity store has a directory's id, and there is no sync profile."
        return Finding(ASSOCIATION, Mark.PROBLEM, said, CONSOLE_STEP)

    def _of_profile(self, profile: Json | None, error: SsoSyncError | None) -> Finding:
        wanted, source = _id_in(self._settings.directory_id), _source_of(profile)
        if error:
            remedy = _if_denied(error, "Allow identity-sync:GetSyncProfile.")
            return Finding(PROFILE, Mark.PROBLEM, in_a_line(error), remedy)
        if profile is None:
            return Finding(PROFILE, Mark.NOTE, NOT_YET)
        if wanted and source and wanted != source:
            said = f"It syncs from the directory {source}, and the config names {wanted}."
            return Finding(PROFILE, Mark.WARNING, said, "Correct directory_id in the config, or leave it out.")
        return Finding(PROFILE, Mark.GOOD, f"It is there{f', for the directory {source}' if source else ''}.")


def _if_denied(error: SsoSyncError, grant: str) -> str:
    """Return the grant as the remedy of an error that is for want of it, and of no other."""
    return grant if isinstance(error, PermissionMissing) else ""


def _id_in(arn_or_id: str | None) -> str:
    return (arn_or_id or "").rpartition("/")[2]


def _source_of(profile: Json | None) -> str:
    """Return the id of the directory that a profile syncs from, empty where it does not tell."""
    return _id_in(str(profile.get("SourceResourceArn") or "")) if profile else ""


def _is_meant(row: Json, wanted: str, domain: str) -> bool:
    return bool(row["DirectoryId"] == wanted if wanted else fold(row["Name"]) == fold(domain))


def _of_directory(directory: Json, domain: str) -> Finding:
    name, kind, stage = directory["Name"], str(directory.get("Type")), str(directory.get("Stage"))
    known = f"{directory['DirectoryId']} is {name} ({kind}, {stage})"
    if kind == "SimpleAD":
        remedy = "Make an AD Connector or an AWS Managed Microsoft AD."
        return Finding(DIRECTORY, Mark.PROBLEM, f"{known}; IAM Identity Center takes no Simple AD.", remedy)
    if stage != "Active":
        return Finding(DIRECTORY, Mark.WARNING, f"{known}, so that AWS may not sync it.", "See AWS Directory Service.")
    if fold(name) != fold(domain):
        said = f"{known}, and the config names the domain {domain}: that is right for a trusted domain alone."
        return Finding(DIRECTORY, Mark.WARNING, said, "Correct the domain, or directory_id, in the config.")
    return Finding(DIRECTORY, Mark.GOOD, f"{known}.")


def _target(api: IdentitySync) -> Finding:
    target, error = _looked_for("read the target of the sync profile", api.target)
    if error:
        remedy = _if_denied(error, "Allow identity-sync:GetSyncTarget.")
        return Finding(TARGET, Mark.NOTE, f"It cannot be told. {in_a_line(error)}", remedy)
    if target is None:
        return Finding(TARGET, Mark.NOTE, NOT_YET)
    return Finding(TARGET, Mark.GOOD, "It is there.")


def _listed(api: IdentitySync, kind: FilterType) -> Finding:
    def look() -> str:
        rows = _asked("list sync filters", lambda: list(api.filters(kind)))
        return f"They can be listed: {counted(len(rows), 'filter')} so far."

    subject = f"identity-sync: filters for {kind.lower()}s"
    return look_at(subject, look, grant="Allow identity-sync:ListSyncFilters.")


def _looked_for(doing: str, look: Callable[[], Json]) -> tuple[Json | None, SsoSyncError | None]:
    """Return what is there, or nothing; and the error that keeps it from being told."""
    try:
        return _asked(doing, look), None
    except SsoSyncError as exc:
        cause = exc.__cause__
        return None, None if isinstance(cause, ClientError) and error_code(cause) == ABSENT else exc


def _asked(doing: str, ask: Callable[[], Made]) -> Made:
    """Ask AWS; raises SourceError or CredentialsError."""
    try:
        return ask()
    except (ClientError, BotoCoreError) as exc:
        raise translate(exc, doing, SourceError) from exc
    except MISSHAPEN as exc:
        raise SourceError(f"Cannot {doing}: the answer of AWS is broken ({type(exc).__name__}).") from exc
