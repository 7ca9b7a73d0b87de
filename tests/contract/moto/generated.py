"""Calls at random: mostly such that something happens, and now and then odd ones."""

from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from tests.contract.moto.calls import ENTERPRISE, NO_STORE, STORE, USER, Call, Json, Ref

Values = st.SearchStrategy[Any]
ABSENT = None  # a parameter that a call does not have


def mostly(usual: Sequence[Any], odd: Sequence[Any]) -> Values:
    """Draw what is usual fifteen times as often as what is odd."""
    return st.sampled_from([*(list(usual) * max(1, 15 * len(odd) // len(usual))), *odd])


def maybe(value: Any) -> Values:
    """Draw a value, or none."""
    return st.one_of(st.just(ABSENT), value if isinstance(value, st.SearchStrategy) else st.just(value))


def refs(kind: str) -> Values:
    """Draw an object: `Book.settle` makes it one that was created, if any was."""
    arns = [Ref(kind, number, arn=True) for number in range(-1, 4)]
    return mostly([Ref(kind, number) for number in range(5)], [*arns, Ref(kind, -1), f"no {kind}", ABSENT])


def lookups(*values_by_path: tuple[str, list[str]]) -> Values:
    """Draw an alternate identifier, by a unique attribute or, as only SCIM sets them, by an external id in vain."""
    external: Json = {"ExternalId": {"Issuer": "https://example.com", "Id": "1"}}
    unique: list[Json] = [
        {"UniqueAttribute": {"AttributePath": path, "AttributeValue": value}}
        for path, values in values_by_path
        for value in values
    ]
    odd = [{"UniqueAttribute": {"AttributePath": path, "AttributeValue": "ann"}} for path in ("UserName", "title")]
    return mostly(unique, [*odd, external, {}, unique[0] | external, ABSENT])


def filters(path: str, names: list[str]) -> Values:
    """Draw filters of a listing."""
    usual = [[{"AttributePath": path, "AttributeValue": name}] for name in names]
    return mostly(
        [ABSENT, ABSENT, ABSENT, *usual], [[], [{"AttributePath": "Title", "AttributeValue": "T"}], usual[0] * 2]
    )


# Few names, so that they meet.
USER_NAMES = ["ann", "bob", "cem", "zoë"]
GROUP_NAMES = ["devs", "ops", "all hands", "Devs"]
ODD_NAMES = ["", "a b", "x" * 128, "x" * 129, "Administrator", "AWSAdministrators", "tab\t", ABSENT]
OTHER_CASE = ["Ann", "ZOË"]
ADDRESSES = ["ann@example.com", "bob@example.com", "Ann@example.com"]
EMAILS = [[{"Value": address, "Type": "work", "Primary": True}] for address in ADDRESSES]
OTHER = "aws:identitystore:other"
TEXTS = mostly([ABSENT, "T", "zwei Wörter"], ["", "x" * 1024, "x" * 1025, "\x00", 5])
MEMBERS = mostly([{"UserId": Ref("User", number)} for number in range(5)], [{"UserId": USER.as_arn()}, {}, ABSENT])
NAMES = mostly([{"GivenName": "A", "FamilyName": "B"}], [{}, {"GivenName": "A"}, {"Formatted": "AB"}, ABSENT])
STORES = mostly([STORE], [STORE.as_arn(), NO_STORE, NO_STORE.as_arn(), "no store", "", ABSENT])
TOKENS = [Ref("Token", number) for number in range(5)]
EXTENSIONS = mostly([ABSENT, [ENTERPRISE]], [[], [OTHER], ["enterprise"]])
REVISIONS = mostly([ABSENT, "1"], ["99", "", "x"])  # nothing is updated, so all have revision 1
SIZES = mostly([ABSENT, 1, 2, 3], [100, 0, -1, 101, "1"])

OPERATIONS: dict[str, dict[str, Values]] = {
    "CreateUser": {
        "UserName": mostly(USER_NAMES, OTHER_CASE + ODD_NAMES),
        "DisplayName": mostly(["D"], [ABSENT]),
        "Name": NAMES,
        "Emails": mostly([ABSENT, *EMAILS], [[], [{"Type": "work"}], [{}, {}]]),
        "Title": TEXTS,
        "PhoneNumbers": maybe([{"Value": "1"}]),
        "Addresses": maybe([{"Locality": "Bonn", "Primary": False}]),
        "Locale": maybe("de"),
        "NickName": maybe("N"),
        "ProfileUrl": maybe("https://example.com"),
        "UserType": maybe("E"),
        "PreferredLanguage": maybe("de"),
        "Timezone": maybe("Europe/Berlin"),
        "Website": maybe("https://example.com"),
        "Birthdate": maybe("2000-01-01"),
        "Roles": maybe([{"Value": "chief"}]),
        "Photos": maybe([{"Value": "https://example.com/a.png"}]),
        "Extensions": mostly([ABSENT, {ENTERPRISE: {"department": "d"}}], [{OTHER: {"a": "b"}}]),
    },
    "CreateGroup": {"DisplayName": mostly(GROUP_NAMES, ODD_NAMES), "Description": TEXTS},
    "CreateGroupMembership": {"GroupId": refs("Group"), "MemberId": MEMBERS},
    "DeleteUser": {"UserId": refs("User"), "Revision": REVISIONS},
    "DeleteGroup": {"GroupId": refs("Group"), "Revision": REVISIONS},
    "DeleteGroupMembership": {"MembershipId": refs("Membership")},
    "DescribeUser": {"UserId": refs("User"), "Extensions": EXTENSIONS},
    "DescribeGroup": {"GroupId": refs("Group")},
    "DescribeGroupMembership": {"MembershipId": refs("Membership")},
    "ListUsers": {
        "MaxResults": SIZES,
        "NextToken": mostly([ABSENT], TOKENS),
        "Extensions": EXTENSIONS,
        "Filters": filters("UserName", USER_NAMES + OTHER_CASE),
    },
    "ListGroups": {"MaxResults": SIZES, "Filters": filters("DisplayName", GROUP_NAMES)},
    "ListGroupMemberships": {"GroupId": refs("Group"), "MaxResults": SIZES},
    "ListGroupMembershipsForMember": {"MemberId": MEMBERS, "MaxResults": SIZES},
    "GetUserId": {"AlternateIdentifier": lookups(("userName", USER_NAMES + OTHER_CASE), ("emails.value", ADDRESSES))},
    "GetGroupId": {"AlternateIdentifier": lookups(("displayName", GROUP_NAMES))},
    "GetGroupMembershipId": {"GroupId": refs("Group"), "MemberId": MEMBERS},
    "IsMemberInGroups": {"MemberId": MEMBERS, "GroupIds": st.lists(refs("Group"), max_size=3)},
}
GO_ON = {"NextToken": mostly(TOKENS, [Ref("Token", -1)]), "MaxResults": SIZES}  # with whatever listing gave the token
MAKING = ["CreateUser", "CreateGroup", "CreateGroupMembership"]
OFTEN = [*MAKING, "ListUsers", "ListGroups", "GoOn", "GoOn", "GoOn"]


@st.composite
def calls(draw: st.DrawFn, operations: Sequence[str]) -> Call:
    """Any call of some operations."""
    operation = draw(st.sampled_from(operations))
    values = GO_ON if operation == "GoOn" else {"IdentityStoreId": STORES} | OPERATIONS[operation]
    drawn = {name: draw(value) for name, value in values.items()}
    return Call(operation, {name: value for name, value in drawn.items() if value is not ABSENT})


def sequences() -> Values:
    """Make a small company, then do anything that moto knows."""
    making = [st.lists(calls([operation]), min_size=4, max_size=5) for operation in MAKING]
    doing = st.lists(calls([*OPERATIONS, *OFTEN]), min_size=25, max_size=40)
    return st.tuples(*making, doing).map(lambda parts: [one for part in parts for one in part])
