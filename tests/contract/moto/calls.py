"""Calls and outcomes in words that both sides share.

Ids differ between the sides, so a call names objects by their place in the order of creation (`Ref`), and so does
an outcome, as text: "User 0" is the first user that was created.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

Json = dict[str, Any]
KINDS = ("User", "Group", "Membership")
ENTERPRISE = "aws:identitystore:enterprise"


@dataclass(frozen=True)
class Ref:
    """Stands for what each side names in its own way; -1 is one that never was."""

    kind: str  # one of KINDS, or Store, Token
    number: int
    arn: bool = False

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"

    def as_arn(self) -> "Ref":
        """Name the same by its ARN."""
        return replace(self, arn=True)


@dataclass(frozen=True)
class Call:
    """One call, in which `Ref`s stand for ids."""

    operation: str
    parameters: Json = field(default_factory=dict)

    def with_(self, **changed: Any) -> "Call":
        """Copy with other parameters."""
        return replace(self, parameters=self.parameters | changed)

    def without(self, *names: str) -> "Call":
        """Copy with fewer parameters."""
        return replace(self, parameters={name: item for name, item in self.parameters.items() if name not in names})

    def without_arns(self) -> "Call":
        """Copy with everything named by its id."""
        bare = replaced(self.parameters, lambda leaf: replace(leaf, arn=False) if isinstance(leaf, Ref) else leaf)
        return replace(self, parameters=bare)

    def get(self, *names: str) -> Any:
        """Look up a parameter of a parameter; None if there is none."""
        found: Any = self.parameters
        for name in names:
            found = found.get(name) if isinstance(found, dict) else None
        return found


def replaced(value: Any, change: Callable[[Any], Any]) -> Any:
    """Copy a tree with every leaf changed."""
    if isinstance(value, dict):
        return {name: replaced(item, change) for name, item in value.items()}
    if isinstance(value, list):
        return [replaced(item, change) for item in value]
    return change(value)


# Calls.

STORE, NO_STORE = Ref("Store", 0), Ref("Store", -1)
USER, NO_USER = Ref("User", 0), Ref("User", -1)
GROUP, NO_GROUP = Ref("Group", 0), Ref("Group", -1)
MEMBERSHIP, NO_MEMBERSHIP = Ref("Membership", 0), Ref("Membership", -1)


def call(operation: str, **parameters: Any) -> Call:
    """Write a call to the store."""
    return Call(operation, {"IdentityStoreId": STORE} | parameters)


def new_user(user_name: str = "ann", **more: Any) -> Call:
    """Write a CreateUser with all that is required."""
    name = {"GivenName": "A", "FamilyName": "B"}
    return call("CreateUser", **{"UserName": user_name, "DisplayName": "D", "Name": name} | more)


def new_group(name: str = "devs", **more: Any) -> Call:
    """Write a CreateGroup."""
    return call("CreateGroup", DisplayName=name, **more)


def by_attribute(operation: str, path: str, value: Any) -> Call:
    """Write a GetUserId or GetGroupId by a unique attribute."""
    return call(operation, AlternateIdentifier={"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}})


def filtered(operation: str, path: str, value: str) -> Call:
    """Write a ListUsers or ListGroups with a filter."""
    return call(operation, Filters=[{"AttributePath": path, "AttributeValue": value}])


NEW_MEMBERSHIP = call("CreateGroupMembership", GroupId=GROUP, MemberId={"UserId": USER})
ONE_OF_EACH = (new_user(), new_group(), NEW_MEMBERSHIP)


# Outcomes.


def answer(**members: Any) -> Json:
    """Write what an accepted call gives."""
    return {"Answer": members}


def refused(code: str, **members: str) -> Json:
    """Write a refusal."""
    return {"Error": code, "Status": 400} | members


def crashed(error: str) -> Json:
    """Write how a bug of moto reaches the caller."""
    return {"Crash": error}


def not_found(kind: str) -> Json:
    """Write the refusal for an id of nothing."""
    resource = {"Membership": "GROUP_MEMBERSHIP", "Store": "IDENTITY_STORE"}.get(kind, kind.upper())
    return refused("ResourceNotFoundException", ResourceType=resource)


def made(kind: str, number: int = 0) -> Json:
    """Write what a Create or a Get of an id gives."""
    return answer(**{f"{kind}Id": f"{kind} {number}", "IdentityStoreId": "store"})


def shown_user(**more: Any) -> Json:
    """Write what a listing shows of the first user."""
    return new_user().parameters | {"UserId": "User 0", "IdentityStoreId": "store"} | more


def shown_group(number: int = 0, **more: Any) -> Json:
    """Write what a listing shows of a group."""
    return {"DisplayName": "devs", "GroupId": f"Group {number}", "IdentityStoreId": "store"} | more


SHOWN_MEMBERSHIP = {
    "MembershipId": "Membership 0",
    "GroupId": "Group 0",
    "MemberId": {"UserId": "User 0"},
    "IdentityStoreId": "store",
}
INVALID = refused("ValidationException")
TAKEN = refused("ConflictException", Reason="UNIQUENESS_CONSTRAINT_VIOLATION")
CHANGED = refused("ConflictException", Reason="CONCURRENT_MODIFICATION")
