"""Approvals as SSM parameters: the service itself keeps who wrote each, and when; the writer cannot say otherwise."""

import logging
from collections.abc import Sequence
from datetime import UTC
from typing import TYPE_CHECKING, Annotated

import msgspec
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Meta, Struct

from sso_sync.core.approval import Approval, Refusal
from sso_sync.core.errors import StateError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import MISSHAPEN, translate

if TYPE_CHECKING:
    from mypy_boto3_ssm import SSMClient
    from mypy_boto3_ssm.type_defs import ParameterHistoryTypeDef

log = logging.getLogger(__name__)


class _Value(Struct, frozen=True):
    """What a parameter holds; the store is there for people who look at it."""

    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    store: str


class ApprovalParameters:
    """One parameter `PATH/REFUSAL ID` for each approval; see `core.ports.Approvals`."""

    def __init__(self, aws: Aws, path: str) -> None:
        self._aws, self._path = aws, path

    def granted(self) -> Sequence[Approval]:
        client = self._aws.ssm()
        try:
            pages = client.get_paginator("get_parameters_by_path").paginate(Path=self._path)
            names = [parameter["Name"] for page in pages for parameter in page["Parameters"]]
            newest = [_newest(client, name) for name in names]
            approvals = [_approval(version) for version in newest]
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"read the approvals in {self._path}", StateError) from exc
        except MISSHAPEN as exc:
            raise StateError(f"Cannot read the approvals in {self._path}: AWS's answer is broken; run again.") from exc
        return [approval for approval in approvals if approval]

    def grant(self, refusal: Refusal) -> None:
        """Approve a refusal, once more if it was approved before; raises StateError or CredentialsError."""
        name = f"{self._path}/{refusal.id}"
        value = msgspec.json.encode(_Value(refusal.digest, refusal.store_id)).decode()
        try:
            self._aws.ssm().put_parameter(Name=name, Value=value, Type="String", Tier="Standard", Overwrite=True)
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"write the approval {name}", StateError) from exc


def _newest(client: "SSMClient", name: str) -> "ParameterHistoryTypeDef":
    """Return a parameter's last version; unlike the parameter itself it says who wrote it."""
    pages = client.get_paginator("get_parameter_history").paginate(Name=name)
    return max((version for page in pages for version in page["Parameters"]), key=lambda version: version["Version"])


def _approval(version: "ParameterHistoryTypeDef") -> Approval | None:
    try:
        digest = msgspec.json.decode(version["Value"], type=_Value).digest
    except msgspec.MsgspecError:
        digest = ""
    approval = Approval(digest, version["LastModifiedUser"], version["LastModifiedDate"].astimezone(UTC))
    if digest and version["Name"].endswith(f"/{approval.refusal_id}"):
        return approval
    log.warning("a parameter among the approvals is not one", extra={"parameter": version["Name"]})
    return None
