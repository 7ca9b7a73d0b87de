"""A client of the Identity Store stand-in that sends whatever it is given."""

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.support.live import LiveSandbox

if TYPE_CHECKING:
    from mypy_boto3_identitystore import IdentityStoreClient


def client_of(sandbox: LiveSandbox, secret: str = SECRET_KEY, key: str = ACCESS_KEY) -> "IdentityStoreClient":
    """Make a client that checks nothing and tries once."""
    return boto3.client(
        "identitystore",
        endpoint_url=f"{sandbox.url}/identitystore",
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(parameter_validation=False, retries={"total_max_attempts": 1}),
    )


def error_of(client: "IdentityStoreClient", operation: str, **request: Any) -> ClientError:
    """Make a call that must be refused, and return the error."""
    with pytest.raises(ClientError) as caught:
        getattr(client, operation)(**request)
    return caught.value


def code_of(error: ClientError) -> str:
    """Return the code of an error."""
    return str(error.response["Error"]["Code"])
