"""Signing in to Google's stand-ins without a key, step by step: each step can be made wrong."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from sandbox.google.iam_credentials import AUTH
from sandbox.google.project import AUDIENCE, SERVICE_ACCOUNT
from sandbox.google.security_token_service import ACCESS_TOKEN, AWS_TOKEN, GRANT_TYPE
from sandbox.google.token import AUDIENCE as TOKEN_ENDPOINT
from sandbox.google.token import ROOT
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.support.live import LiveSandbox

Json = dict[str, Any]
IDENTITY_URL = "https://sts.eu-central-1.amazonaws.com?Action=GetCallerIdentity&Version=2011-06-15"


def described_request(
    *,
    url: str = IDENTITY_URL,
    method: str = "POST",
    region: str = "eu-central-1",
    service: str = "sts",
    key: str = ACCESS_KEY,
    secret: str = SECRET_KEY,
    session: str = "",
    target: str = AUDIENCE,
    minutes_ago: float = 0,
) -> Json:
    """Sign a request of AWS as its own signer does, and describe it as Google wants it."""
    stamp = (datetime.now(UTC) - timedelta(minutes=minutes_ago)).strftime("%Y%m%dT%H%M%SZ")
    headers = {"x-goog-cloud-target-resource": target, "x-amz-date": stamp}
    request = AWSRequest(method, url, headers=headers | ({"x-amz-security-token": session} if session else {}))
    request.context["timestamp"] = stamp
    signer = SigV4Auth(Credentials(key, secret), service, region)
    signature = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    names = signer.signed_headers(signer.headers_to_sign(request))
    scope = signer.scope(request)
    authorization = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={names}, Signature={signature}"
    sent = {**dict(request.headers), "Authorization": authorization, "host": url.split("/")[2].partition("?")[0]}
    return {"url": url, "method": method, "headers": [{"key": name, "value": sent[name]} for name in sent]}


def exchange_form(described: Json | None = None, **changed: str) -> dict[str, str]:
    """Fill in the form of an exchange; an empty value leaves a parameter out."""
    form = {
        "grant_type": GRANT_TYPE,
        "audience": AUDIENCE,
        "scope": f"{AUTH}iam",
        "requested_token_type": ACCESS_TOKEN,
        "subject_token": quote(json.dumps(described or described_request())),
        "subject_token_type": AWS_TOKEN,
    }
    return {name: value for name, value in (form | changed).items() if value}


def exchange(live: LiveSandbox, form: dict[str, str], **headers: str) -> requests.Response:
    """Ask the Security Token Service for a federated token."""
    return requests.post(f"{live.url}/google/sts.googleapis.com/v1/token", data=form, headers=headers, timeout=10)


def federated_token(live: LiveSandbox, scope: str = f"{AUTH}iam") -> str:
    """Return a federated token."""
    return str(exchange(live, exchange_form(scope=scope)).json()["access_token"])


def claims(live: LiveSandbox, **changed: object) -> Json:
    """Write the claims of an assertion that the service account acts for the administrator."""
    now = int(time.time())
    wanted: Json = {"iss": SERVICE_ACCOUNT, "sub": live.sandbox.admin, "aud": TOKEN_ENDPOINT, "iat": now}
    return wanted | {"exp": now + 3600, "scope": f"{ROOT}user.readonly"} | changed


def sign(live: LiveSandbox, bearer: str, body: object, account: str = SERVICE_ACCOUNT) -> requests.Response:
    """Have an assertion signed."""
    url = f"{live.url}/google/iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{account}:signJwt"
    headers = {"Authorization": bearer} if bearer else {}
    return requests.post(url, data=json.dumps(body), headers=headers, timeout=10)


def signed(live: LiveSandbox, payload: Json) -> str:
    """Return an assertion that Google has signed for the service account."""
    answer = sign(live, f"Bearer {federated_token(live)}", {"payload": json.dumps(payload)})
    return str(answer.json()["signedJwt"])
