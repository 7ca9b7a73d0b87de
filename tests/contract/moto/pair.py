"""The two sides: moto inside the client, and the sandbox over HTTP."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from moto import mock_aws

from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.contract.moto.calls import KINDS, Call, Json, Ref, replaced
from tests.support.companies import company
from tests.support.identity_store import client_of
from tests.support.live import LiveSandbox

# What moto has none of, and what needs no second opinion: who changed what when, and the ids in another form.
BOOKKEEPING = {"CreatedAt", "CreatedBy", "UpdatedAt", "UpdatedBy", "UserArn", "GroupArn", "MembershipArn", "Revision"}
ERROR_MEMBERS = ("Reason", "ResourceType")
CRASHES = (AttributeError, KeyError, NotImplementedError, TypeError)  # how a bug of moto reaches the caller
NEVER_WAS = {"Store": "d-ffffffffff", "Token": "bm8gdG9rZW4="}
NOBODY = "00000000-0000-4000-8000-000000000000"
ARN_OF_STORE, ARN_OF_OTHERS = "arn:aws:identitystore::000000000000:identitystore/{1}", "arn:aws:identitystore:::{0}/{1}"


class Side:
    """One of the two: asks it, and turns what it answers into the words that both share."""

    def __init__(self, client: Any, store_id: str) -> None:
        self._client = client
        self._own: dict[str, list[str]] = {"Store": [store_id], "Token": []} | {kind: [] for kind in KINDS}
        self._labels = {store_id: "store"}

    def ask(self, call: Call) -> Json:
        """Return the answer, the refusal or the crash."""
        try:
            reply = getattr(self._client, xform_name(call.operation))(**replaced(call.parameters, self._named))
        except ClientError as exc:
            response: Any = exc.response
            members = {name: response[name] for name in ERROR_MEMBERS if name in response}
            return {
                "Error": response["Error"]["Code"],
                "Status": response["ResponseMetadata"]["HTTPStatusCode"],
            } | members
        except CRASHES as exc:
            return {"Crash": type(exc).__name__}
        del reply["ResponseMetadata"]
        self._learn(call, reply)
        return {"Answer": self._labelled(reply)}

    def skip_token(self) -> None:
        """Keep step when only the other side gave a token."""
        self._own["Token"].append(NEVER_WAS["Token"])

    def _learn(self, call: Call, reply: Json) -> None:
        if call.operation.startswith("Create"):
            kind = next(kind for kind in KINDS if f"{kind}Id" in reply)
            new = reply[f"{kind}Id"]
            label = f"{kind} {len(self._own[kind])}"
            self._labels |= {new: label, named(Ref(kind, 0, arn=True), new): f"ARN of {label}"}
            self._own[kind].append(new)
        if reply.get("NextToken"):
            self._own["Token"].append(reply["NextToken"])

    def _named(self, leaf: Any) -> Any:
        own = self._own[leaf.kind][leaf.number] if isinstance(leaf, Ref) and leaf.number >= 0 else ""
        return named(leaf, own)

    def _labelled(self, reply: Json) -> Json:
        shown = replaced(reply, lambda leaf: self._labels.get(leaf, leaf) if isinstance(leaf, str) else leaf)
        return dict(_without_bookkeeping(shown)) | ({"NextToken": "more"} if reply.get("NextToken") else {})


def named(leaf: Any, own: str = "") -> Any:
    """Write a `Ref` as a side's own id or ARN; without an id, as one that never was."""
    if not isinstance(leaf, Ref):
        return leaf
    name = own or NEVER_WAS.get(leaf.kind, NOBODY)
    arn = (ARN_OF_STORE if leaf.kind == "Store" else ARN_OF_OTHERS).format(leaf.kind.lower(), name)
    return arn if leaf.arn else name


def _without_bookkeeping(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_bookkeeping(item) for name, item in value.items() if name not in BOOKKEEPING}
    return [_without_bookkeeping(item) for item in value] if isinstance(value, list) else value


class Pair:
    """Both sides, each with an empty store of its own for every sequence of calls."""

    def __init__(self, sandbox: LiveSandbox) -> None:
        self.sandbox = sandbox
        # What a client would refuse must reach both, and no refusal is worth a second try: as `client_of` has it.
        config = Config(parameter_validation=False, retries={"total_max_attempts": 1})
        self._moto = boto3.client(
            "identitystore",
            region_name="us-east-1",
            aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY,
            config=config,
        )
        self._ours = client_of(sandbox)
        self._stores = 0

    def fresh(self, *, folds: bool = True) -> tuple[Side, Side]:
        """Return moto's side and ours."""
        self._stores += 1
        instances = self.sandbox.sandbox.instances
        instances.empty()
        self.sandbox.switch(names_fold_case=folds)
        return Side(self._moto, f"d-{self._stores:010x}"), Side(self._ours, instances.organisation.store_id)


@contextmanager
def running_pair(folder: Path) -> Iterator[Pair]:
    """Run both; moto answers all that is not for this machine."""
    ours_stays_real: Any = {"mock_credentials": False, "passthrough": {"urls": [r"http://127\.0\.0\.1"]}}
    with mock_aws(config={"core": ours_stays_real}), LiveSandbox(company([], []), folder, quota_scale=1e6) as sandbox:
        yield Pair(sandbox)
