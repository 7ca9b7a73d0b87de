"""The config without its filters, as a file in the bucket that CDK's bootstrap made."""

from pathlib import Path

from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3_assets as assets
from constructs import Construct

from sso_sync_stack.permissions import allow


class ConfigFile(Construct):
    """An asset that holds JSON; `url` is where the function finds it."""

    def __init__(self, scope: Construct, id_: str, *, content: str, folder: Path) -> None:
        super().__init__(scope, id_)
        file = folder / "config.json"
        file.write_text(content, encoding="utf-8")
        self._asset = assets.Asset(self, "File", path=str(file))

    @property
    def url(self) -> str:
        """Return s3://bucket/key."""
        return self._asset.s3_object_url

    def grant_read(self, role: iam.Role) -> None:
        """Let a role read this file and no other asset."""
        file = self._asset.bucket.arn_for_objects(self._asset.s3_object_key)
        allow(role, "GetConfig", ["s3:GetObject"], [file])
