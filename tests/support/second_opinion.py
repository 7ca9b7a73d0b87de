"""Two stand-ins of the Identity Store API asked the same: the sandbox's, and moto's.

Ids differ between them, so calls and answers name objects by their place in the order of creation.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import regex
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel, Shape
from botocore.session import get_session
from botocore.validate import ParamValidator

Json = dict[str, Any]
KINDS = ("User", "Group", "Membership")
BOOKKEEPING = {"CreatedAt", "CreatedBy", "UpdatedAt", "UpdatedBy", "UserArn", "GroupArn", "MembershipArn", "Revision"}
ERROR_MEMBERS = ("Reason", "ResourceType")
CRASHES = (AttributeError, KeyError, NotImplementedError, TypeError)  # how a bug of moto reaches the caller
NOBODY = "00000000-0000-4000-8000-000000000000"
NO_STORE = "d-ffffffffff"
NO_TOKEN = "bm8gdG9rZW4="
MODEL: ServiceModel = get_session().get_service_model("identitystore")


@dataclass(frozen=True)
class Ref:
    """Stands for what each side names in its own way; -1 is one that never was."""

    kind: str  # one of KINDS, or Store, Token, Revision
    number: int
    arn: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


@dataclass(frozen=True)
class Call:
    """One call, in which `Ref`s stand for ids."""

    operation: str
    parameters: Json = field(default_factory=dict)

    def with_(self, **changed: Any) -> "Call":
        """Copy with other parameters."""
        return replace(self, parameters=self.parameters | changed)

    def get(self, *names: str) -> Any:
        """Look up a parameter of a parameter; None if there is none."""
        found: Any = self.parameters
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def replaced(value: Any, change: Any) -> Any:
    """Copy a tree with every leaf changed."""
    if isinstance(value, dict):
        return {name: replaced(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, change) for item in value]
    return change(value)


def refused(code: str, **members: str) -> Json:
    """Write a refusal as a side's outcome."""
    return {"Error": code, "Status": 400} | members


def without_arns(call: Call) -> Call:
    """Name everything by its id."""
    bare = replaced(call.parameters, lambda leaf: replace(leaf, arn=False) if isinstance(leaf, Ref) else leaf)
    return replace(call, parameters=bare)


class Side:
    """One of the two stand-ins: asks it, and turns what it answers into words that both share."""

    def __init__(self, client: Any, store_id: str) -> None:
        self._client, self._store_id = client, store_id
        self._own: dict[str, list[str]] = {kind: [] for kind in (*KINDS, "Token", "Revision")}
        self._labels = {store_id: "store"}

    def ask(self, call: Call) -> Json:
        """Return the answer, the refusal or the crash."""
        try:
            answer = getattr(self._client, xform_name(call.operation))(**replaced(call.parameters, self._named))
        except ClientError as exc:
            members = {name: exc.response[name] for name in ERROR_MEMBERS if name in exc.response}  # type: ignore[literal-required] # members of the error's shape
            status = exc.response["ResponseMetadata"]["HTTPStatusCode"]
            return {"Error": exc.response["Error"]["Code"], "Status": status, **members}
        except CRASHES as exc:
            return {"Crash": type(exc).__name__}
        self._learn(call, answer)
        del answer["ResponseMetadata"]
        return {"Answer": self._labelled(answer)}

    def skip_token(self) -> None:
        """Keep step when only the other side gave a token."""
        self._own["Token"].append(NO_TOKEN)

    def _learn(self, call: Call, answer: Json) -> None:
        if call.operation.startswith("Create"):
            kind = call.operation.removeprefix("Create").removeprefix("Group") or "Group"
            new = answer[f"{kind}Id"]
            self._labels[new] = f"{kind} {len(self._own[kind])}"
            self._own[kind].append(new)
            assert answer.get(f"{kind}Arn", _arn(kind, new)) == _arn(kind, new)
            if kind == "User":
                self._own["Revision"].append(answer.get("Revision", "1"))
        if answer.get("NextToken"):
            self._own["Token"].append(answer["NextToken"])

    def _named(self, leaf: Any) -> Any:
        if not isinstance(leaf, Ref):
            return leaf
        if leaf.kind == "Store":
            name = self._store_id if leaf.number >= 0 else NO_STORE
        elif leaf.number < 0:
            name = {"Token": NO_TOKEN, "Revision": "1"}.get(leaf.kind, NOBODY)
        else:
            name = self._own[leaf.kind][leaf.number]
        return _arn(leaf.kind, name) if leaf.arn else name

    def _labelled(self, answer: Json) -> Json:
        shown = replaced(answer, lambda leaf: self._labels.get(leaf, leaf) if isinstance(leaf, str) else leaf)
        return dict(_without_bookkeeping(shown)) | ({"NextToken": "more"} if answer.get("NextToken") else {})


def _without_bookkeeping(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_bookkeeping(item) for name, item in value.items() if name not in BOOKKEEPING}
    return [_without_bookkeeping(item) for item in value] if isinstance(value, list) else value


def _arn(kind: str, name: str) -> str:
    if kind == "Store":
        return f"arn:aws:identitystore::000000000000:identitystore/{name}"
    return f"arn:aws:identitystore:::{kind.lower()}/{name}"


@dataclass(frozen=True)
class Page:
    """What a NextToken goes on with."""

    call: Call  # as it was asked, without its page
    last: int  # number of the last row shown
    next_row: int  # number of the row after it when the page was cut; -1 if only ours was asked


@dataclass
class Book:
    """What both sides accepted: enough to say where they are known to differ."""

    folds: bool = False
    living: dict[str, dict[int, Json]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    created: Counter[str] = field(default_factory=Counter)
    pages: list[Page] = field(default_factory=list)

    def settle(self, call: Call) -> Call:
        """Turn references to what is not there yet into references to what is."""
        if call.operation == "GoOn":
            if not self.pages:
                return Call("ListUsers", {"IdentityStoreId": Ref("Store", 0), "NextToken": Ref("Token", -1)})
            number = call.parameters["Token"] % len(self.pages)
            changed = {name: value for name, value in call.parameters.items() if name != "Token"}
            page: Call = self.pages[number].call
            return page.with_(**changed, NextToken=Ref("Token", number))
        return replace(call, parameters=replaced(call.parameters, self._settled))

    def _settled(self, leaf: Any) -> Any:
        if not isinstance(leaf, Ref) or leaf.kind == "Store" or leaf.number < 0:
            return leaf
        count = (
            len(self.pages) if leaf.kind == "Token" else self.created["User" if leaf.kind == "Revision" else leaf.kind]
        )
        return replace(leaf, number=leaf.number % count if count else -1)

    def record(self, call: Call, outcome: Json, *, both: bool = True) -> None:
        """Keep what a call changed, whether both sides were asked or only ours."""
        if "Answer" not in outcome:
            return
        answer = outcome["Answer"]
        kind = call.operation.removeprefix("Create").removeprefix("Delete").removeprefix("Group") or "Group"
        told = {name: value for name, value in without_arns(call).parameters.items() if name != "IdentityStoreId"}
        if call.operation.startswith("Create"):
            row = {name: str(value) if isinstance(value, Ref) else value for name, value in told.items()}
            if kind == "Membership":
                row["MemberId"] = {"UserId": str(told["MemberId"]["UserId"])}
            number = self.created[kind]
            self.living[kind][number] = row | {f"{kind}Id": f"{kind} {number}", "IdentityStoreId": "store"}
            self.created[kind] += 1
        elif call.operation.startswith("Delete"):
            gone = told[f"{kind}Id"]
            for number in self.memberships_of(gone):
                del self.living["Membership"][number]
            del self.living[kind][gone.number]
        elif "NextToken" in answer:
            rows = next(value for value in answer.values() if isinstance(value, list))
            last = number_of(rows[-1])
            next_row = min(number_of(row) for row in self.rows(call) if number_of(row) > last) if both else -1
            self.pages.append(Page(listing(call), last, next_row))

    def lives(self, ref: Any) -> bool:
        """Tell whether a user, group or membership is there."""
        return isinstance(ref, Ref) and ref.number in self.living[ref.kind]

    def memberships_of(self, ref: Ref) -> list[int]:
        """List the memberships of a user or a group."""
        rows = self.living["Membership"].items()
        return [number for number, row in rows if str(ref) in {row["GroupId"], row["MemberId"]["UserId"]}]

    def same(self, one: Any, other: Any) -> bool:
        """Compare names as the sandbox is switched to."""
        if self.folds and isinstance(one, str) and isinstance(other, str):
            return one.casefold() == other.casefold()
        return bool(one == other)

    def holders(self, kind: str, path: str, value: Any) -> list[tuple[int, Any]]:
        """Find who has a unique attribute, with how it is spelled."""
        return [
            (number, held)
            for number, row in self.living[kind].items()
            for held in (emails_of(row) if path == "email" else [row.get(path)])
            if self.same(held, value)
        ]

    def rows(self, call: Call) -> list[Json]:
        """Return the rows of a listing, complete."""
        match call.operation:
            case "ListUsers":
                return list(self.living["User"].values())
            case "ListGroups":
                return list(self.living["Group"].values())
            case "ListGroupMemberships":
                of = call.parameters["GroupId"]
            case _:
                of = call.parameters["MemberId"]["UserId"]
        return [self.living["Membership"][number] for number in self.memberships_of(of)]


def listing(call: Call) -> Call:
    """Cut a listing down to what its tokens belong to; extensions are only shown or not."""
    bare = {
        k: v for k, v in without_arns(call).parameters.items() if k not in {"MaxResults", "NextToken", "Extensions"}
    }
    return Call(call.operation, {name: value for name, value in bare.items() if value != []})


def number_of(row: Json) -> int:
    """Return the place of a row in the order of creation."""
    label = row.get("MembershipId") or row.get("UserId") or row["GroupId"]
    return int(label.split()[1])


def emails_of(row: Json) -> list[str]:
    """List the addresses of a user."""
    return [email["Value"] for email in row.get("Emails", []) if "Value" in email]


def model_problems(call: Call) -> list[str]:
    """List where a call breaks AWS's service model: botocore's own check, and what that leaves to the service."""
    shape = MODEL.operation_model(call.operation).input_shape
    assert shape
    parameters = replaced(call.parameters, _sample)
    report = ParamValidator().validate(parameters, shape).generate_report()
    return [*report.splitlines(), *_too_long_or_unmatched(shape, parameters)]


def _sample(leaf: Any) -> Any:
    if not isinstance(leaf, Ref):
        return leaf
    name = {"Store": NO_STORE, "Token": NO_TOKEN, "Revision": "1"}.get(leaf.kind, NOBODY)
    return _arn(leaf.kind, name) if leaf.arn else name


def _too_long_or_unmatched(shape: Shape, value: Any) -> Iterator[str]:
    most, pattern = shape.metadata.get("max"), shape.metadata.get("pattern")
    size = value if isinstance(value, int) else len(value) if isinstance(value, (str, list, dict)) else 0
    if most is not None and size > most:
        yield f"{shape.name} is more than {most}"
    if pattern and isinstance(value, str) and not regex.fullmatch(pattern, value):
        yield f"{shape.name} does not match"
    if shape.type_name == "structure" and isinstance(value, dict):
        for name, item in value.items():
            if name in shape.members:  # type: ignore[attr-defined] # a StructureShape
                yield from _too_long_or_unmatched(shape.members[name], item)  # type: ignore[attr-defined] # same
    elif shape.type_name == "map" and isinstance(value, dict):
        for name in value:
            yield from _too_long_or_unmatched(shape.key, name)  # type: ignore[attr-defined] # a MapShape
    elif shape.type_name == "list" and isinstance(value, list):
        for item in value:
            yield from _too_long_or_unmatched(shape.member, item)  # type: ignore[attr-defined] # a ListShape
