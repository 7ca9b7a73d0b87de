"""Pages in a bucket that a website is served from."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import StateError
from sso_sync.http.boto_errors import translate

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client


class BucketPublisher:
    """Publishes in an S3 bucket, under `folder` (docs/ or nothing); see `reporters.publishing.Publisher`."""

    def __init__(self, client: "S3Client", bucket: str, folder: str) -> None:
        self._client, self._bucket, self._folder = client, bucket, folder

    def publish(self, key: str, body: bytes, content_type: str) -> None:
        whole_key = self._folder + key
        try:
            # A page of yesterday would say of somebody who lost access that they have it.
            self._client.put_object(
                Bucket=self._bucket, Key=whole_key, Body=body, ContentType=content_type, CacheControl="no-cache"
            )
        except (ClientError, BotoCoreError) as exc:
            raise translate(exc, f"publish {whole_key} in s3://{self._bucket}", StateError) from exc
