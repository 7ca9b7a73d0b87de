"""Emptying a versioned bucket, so that CloudFormation can delete it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import StateError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import error_code, translate

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ObjectIdentifierTypeDef


def empty_bucket(aws: Aws, bucket: str, is_over: Callable[[], bool]) -> int:
    """Delete every version of every object, and return how many; a bucket that is gone is empty.

    `is_over` tells when time has run out. Raises StateError or CredentialsError.
    """
    client, count = aws.s3(), 0
    try:
        for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket):
            if is_over():
                raise StateError(f"The bucket {bucket} is not empty yet, and time has run out; delete the stack again.")
            found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            objects: list[ObjectIdentifierTypeDef] = [
                {"Key": item["Key"], "VersionId": item["VersionId"]} for item in found
            ]
            if objects:
                answer = client.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})
                count += len(objects)
                for error in answer.get("Errors", [])[:1]:
                    raise StateError(f"Cannot empty the bucket {bucket}: AWS answered {error.get('Code')}; try again.")
    except ClientError as exc:
        if error_code(exc) == "NoSuchBucket":
            return count
        raise translate(exc, f"empty the bucket {bucket}", StateError) from exc
    except BotoCoreError as exc:
        raise translate(exc, f"empty the bucket {bucket}", StateError) from exc
    return count
