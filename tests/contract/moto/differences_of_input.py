"""Calls that moto accepts and AWS does not, or the other way round."""

from tests.contract.moto.book import Book
from tests.contract.moto.calls import (
    ENTERPRISE,
    GROUP,
    INVALID,
    MEMBERSHIP,
    NO_STORE,
    NO_USER,
    ONE_OF_EACH,
    SHOWN_MEMBERSHIP,
    STORE,
    USER,
    Call,
    answer,
    by_attribute,
    call,
    crashed,
    filtered,
    made,
    new_group,
    new_user,
    not_found,
    refused,
    shown_group,
    shown_user,
)
from tests.contract.moto.differences import Difference, Example
from tests.contract.moto.model import model_problems

RESERVED = {"Administrator", "AWSAdministrators"}
NAMES = {"CreateUser": "UserName", "CreateGroup": "DisplayName"}
LOOKUPS = {"GetUserId": {"userName", "emails.value"}, "GetGroupId": {"displayName"}}
FILTERS = {"ListUsers": "UserName", "ListGroups": "DisplayName"}
OTHER = "aws:identitystore:other"


def names_other_extensions(asked: Call, _book: Book) -> bool:
    return any(name != ENTERPRISE for name in asked.get("Extensions") or ())


def looks_up_otherwise(asked: Call, _book: Book) -> bool:
    path = asked.get("AlternateIdentifier", "UniqueAttribute", "AttributePath")
    return path is not None and path not in LOOKUPS[asked.operation]


def filters_otherwise(asked: Call, _book: Book) -> bool:
    return any(one["AttributePath"] != FILTERS[asked.operation] for one in asked.get("Filters") or ())


# The order matters: a call that several rows apply to is answered as the first says, and AWS checks shapes first.
INPUT = {
    "shapes": Difference(
        "Requests are not checked against the shapes of the service model.",
        "The model: lengths, patterns, required members, unions of one, sizes of lists, the range of MaxResults; "
        "a request that breaks them is a ValidationException.",
        (
            Example(new_user("a b"), made("User"), INVALID),
            Example(new_user("x" * 129), made("User"), INVALID),
            Example(new_user(Title=""), made("User"), INVALID),
            Example(new_user(Emails=[]), made("User"), INVALID),
            Example(new_user(Emails=[{}, {}]), made("User"), INVALID),
            Example(new_group("a\x00b"), made("Group"), INVALID),
            Example(new_group("x" * 1025), made("Group"), INVALID),
            Example(call("DescribeUser", UserId="ann"), not_found("User"), INVALID),
            Example(call("DescribeGroup"), not_found("Group"), INVALID),
            Example(call("GetUserId", AlternateIdentifier={}), not_found("User"), INVALID),
            Example(call("ListGroupMembershipsForMember", MemberId={}), crashed("KeyError"), INVALID),
            Example(call("ListUsers", MaxResults=0), answer(Users=[]), INVALID),
            Example(call("ListUsers", MaxResults=101), answer(Users=[]), INVALID),
            Example(call("ListUsers", MaxResults="1"), crashed("TypeError"), INVALID),
            Example(call("ListUsers", NextToken=""), refused("InvalidToken"), INVALID),
            Example(call("ListUsers", IdentityStoreId="directory"), answer(Users=[]), INVALID),
            Example(Call("ListUsers"), crashed("TypeError"), INVALID),
            Example(call("IsMemberInGroups", MemberId={"UserId": NO_USER}, GroupIds=[]), answer(Results=[]), INVALID),
        ),
        applies=lambda asked, _book: bool(model_problems(asked)),
        ours=lambda _asked, _book: INVALID,
    ),
    "extensions": Difference(
        "Extensions of any name are accepted, and ignored.",
        "The model on Extensions of CreateUser, DescribeUser and ListUsers: aws:identitystore:enterprise is the only "
        "supported extension name.",
        (
            Example(new_user(Extensions={OTHER: {"a": "b"}}), made("User"), INVALID),
            Example(call("ListUsers", Extensions=[OTHER]), answer(Users=[]), INVALID),
        ),
        applies=names_other_extensions,
        ours=lambda _asked, _book: INVALID,
    ),
    "stores": Difference(
        "Any store that is asked for is created.",
        "The model: every operation but ListIdentityStores has a ResourceNotFoundException, and its ResourceType may "
        "be IDENTITY_STORE; a store is made with its instance only.",
        (
            Example(call("ListUsers", IdentityStoreId=NO_STORE), answer(Users=[]), not_found("Store")),
            Example(call("ListUsers", IdentityStoreId=NO_STORE.as_arn()), answer(Users=[]), not_found("Store")),
        ),
        applies=lambda asked, _book: bool(asked.parameters["IdentityStoreId"].number < 0),
        ours=lambda _asked, _book: not_found("Store"),
    ),
    "arns": Difference(
        "ARNs are not understood where ids are.",
        "The model on IdentityStoreId, UserId, GroupId and MembershipId: by ID or by Amazon Resource Name.",
        (
            Example(
                call("DescribeUser", UserId=USER.as_arn()),
                not_found("User"),
                answer(**shown_user(UserStatus="ENABLED")),
                ONE_OF_EACH,
            ),
            Example(
                call("DescribeGroup", GroupId=GROUP.as_arn()),
                not_found("Group"),
                answer(**shown_group()),
                ONE_OF_EACH,
            ),
            Example(
                call("DescribeGroupMembership", MembershipId=MEMBERSHIP.as_arn()),
                not_found("Membership"),
                answer(**SHOWN_MEMBERSHIP),
                ONE_OF_EACH,
            ),
            Example(
                call("IsMemberInGroups", MemberId={"UserId": USER}, GroupIds=[GROUP.as_arn()]),
                answer(
                    Results=[
                        {
                            "GroupId": "ARN of Group 0",
                            "MemberId": {"UserId": "User 0"},
                            "MembershipExists": False,
                        }
                    ]
                ),
                answer(
                    Results=[{"GroupId": "Group 0", "MemberId": {"UserId": "User 0"}, "MembershipExists": True}],
                ),
                ONE_OF_EACH,
            ),
            Example(
                call("ListGroups", IdentityStoreId=STORE.as_arn()),
                answer(Groups=[]),
                answer(Groups=[shown_group()]),
                ONE_OF_EACH,
            ),
        ),
        applies=lambda asked, _book: asked.without_arns() != asked,
        instead=lambda asked, _book: (asked.without_arns(),),
    ),
    "reserved names": Difference(
        "Reserved names are given.",
        "The model on UserName and on the DisplayName of a group: Administrator and AWSAdministrators are reserved "
        "names and can't be used for users or groups.",
        (
            Example(new_user("Administrator"), made("User"), INVALID),
            Example(new_group("AWSAdministrators"), made("Group"), INVALID),
        ),
        applies=lambda asked, _book: asked.operation in NAMES and asked.get(NAMES[asked.operation]) in RESERVED,
        ours=lambda _asked, _book: INVALID,
    ),
    "nameless groups": Difference(
        "Groups without a display name are made.",
        "Not settled: the SCIM guide requires displayName in CreateGroup, while the model requires the store alone.",
        (Example(call("CreateGroup"), made("Group"), INVALID),),
        applies=lambda asked, _book: asked.operation == "CreateGroup" and "DisplayName" not in asked.parameters,
        ours=lambda _asked, _book: INVALID,
    ),
    "other paths": Difference(
        "A path that is not supported finds nothing, or what another path would find, instead of being refused.",
        "The model on AlternateIdentifier: the only valid paths are userName and emails.value for users, and "
        "displayName for groups; AttributePath is JMESPath, which minds case.",
        (
            Example(by_attribute("GetUserId", "username", "ann"), made("User"), INVALID, (new_user("ann"),)),
            Example(by_attribute("GetGroupId", "description", "a"), not_found("Group"), INVALID),
        ),
        applies=looks_up_otherwise,
        ours=lambda _asked, _book: INVALID,
    ),
    "other filters": Difference(
        "A filter on what cannot be filtered on is ignored.",
        "The model on Filter: UserName is a valid attribute path for ListUsers, and DisplayName for ListGroups.",
        (
            Example(
                filtered("ListGroups", "Description", "a"),
                answer(Groups=[shown_group(ExternalIds=[])]),
                INVALID,
                (new_group(),),
            ),
        ),
        applies=filters_otherwise,
        ours=lambda _asked, _book: INVALID,
    ),
}
