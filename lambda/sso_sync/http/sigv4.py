"""Signature version 4 for requests to services of AWS that boto3 has no client for."""

from collections.abc import Callable

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


class SigV4(requests.auth.AuthBase):
    """Signs every request with the credentials of the moment; raises what `credentials` raises."""

    def __init__(self, credentials: Callable[[], Credentials], service: str, region: str) -> None:
        self._credentials, self._service, self._region = credentials, service, region

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        headers = {name: value for name, value in request.headers.items() if name.lower() == "content-type"}
        signed = AWSRequest(request.method, request.url, headers=headers, data=request.body or b"")
        SigV4Auth(self._credentials(), self._service, self._region).add_auth(signed)
        request.headers.update(signed.headers)
        return request
