"""python -m bench: how many calls a second the sandbox answers, beside a server that does nothing.

What the sandbox answers in a second is the most that a benchmark of the program can ask it for.
"""

import argparse
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as AwsCredentials
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials

from bench.caller import measure, written
from bench.nothing import nothing
from sandbox.process import SandboxProcess

WANTED = 1500  # calls a second, so that the program is what a benchmark measures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure the sandbox's throughput.")
    parser.add_argument("--calls", type=int, default=6000, help="calls in each round (default 6000)")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        SandboxProcess(Path(folder), "--quota-scale", "1000000") as sandbox,
        nothing() as address,
    ):
        bound = measure(written("POST", address, {}, b"{}"), options.calls)
        print(f"{'call':34}{'calls/s':>9}{'of the bound':>14}")
        print(f"{'a server that does nothing':34}{bound:9.0f}{1:14.2f}")
        for name, request in _requests(sandbox.environment).items():
            rate = measure(request, options.calls)
            short = "" if rate >= WANTED else f"   fewer than {WANTED}"
            print(f"{name:34}{rate:9.0f}{rate / bound:14.2f}{short}", flush=True)


def _requests(environment: Mapping[str, str]) -> dict[str, bytes]:
    """Write one simple request for each system that takes many."""
    store_id = _store_id(environment)
    scim = environment["SSO_SYNC_SCIM_ENDPOINT"]
    bearer = {"Authorization": f"Bearer {environment['SSO_SYNC_SCIM_TOKEN']}"}
    return {
        "Identity Store API, ListUsers": _signed(
            environment, "AWSIdentityStore.ListUsers", {"IdentityStoreId": store_id}
        ),
        "SCIM, ListUsers": written("GET", f"{scim}Users", bearer, b""),
        "Google, domains.list": _google(environment),
    }


def _google(environment: Mapping[str, str]) -> bytes:
    credentials = Credentials.from_service_account_file(
        environment["SSO_SYNC_GOOGLE_CREDENTIALS"],
        scopes=["https://www.googleapis.com/auth/admin.directory.domain.readonly"],
        subject=environment["SSO_SYNC_GOOGLE_ADMIN"],
    )
    credentials.refresh(Request())
    url = f"{environment['SSO_SYNC_GOOGLE_ROOT_URL']}admin/directory/v1/customer/my_customer/domains"
    return written("GET", url, {"Authorization": f"Bearer {credentials.token}"}, b"")


def _store_id(environment: Mapping[str, str]) -> str:
    client = boto3.client(
        "sso-admin",
        endpoint_url=environment["AWS_ENDPOINT_URL_SSO_ADMIN"],
        region_name=environment["AWS_REGION"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
    )
    return str(client.list_instances()["Instances"][0]["IdentityStoreId"])


def _signed(environment: Mapping[str, str], target: str, parameters: Mapping[str, str]) -> bytes:
    body = json.dumps(parameters).encode()
    headers = {"X-Amz-Target": target, "Content-Type": "application/x-amz-json-1.1"}
    url = f"{environment['AWS_ENDPOINT_URL_IDENTITYSTORE']}/"
    request = AWSRequest("POST", url, headers=headers, data=body)
    keys = AwsCredentials(environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(keys, "identitystore", environment["AWS_REGION"]).add_auth(request)
    return written("POST", url, dict(request.headers.items()), body)


if __name__ == "__main__":
    main()
