"""Each rule that a client of the SCIM endpoint can break: the request, and what AWS says to it."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import httpx
import msgspec
import pytest

from tests.support.companies import company
from tests.support.live import LiveSandbox

Json = dict[str, Any]
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"

# Sources: pages of the "IAM Identity Center SCIM Implementation Developer Guide", where nothing else is said.
CREATE_USER = "CreateUser, constraints"
NOT_SUPPORTED = "CreateUser, not supported"
PATCH_USER = "PatchUser, constraints"
PATCH_GROUP = "PatchGroup, constraints"
LISTING = "ListUsers, constraints"
QUERY = "ListUsers, query parameters"
LIMITATIONS = "Limitations from SCIM specification"
UNAUTHORIZED = "every page, errors: UnauthorizedException"
UNSUPPORTED = "every page, errors: ValidationException, unsupported"
UNPARSABLE = "every page, errors: ValidationException, cannot be parsed"
NOT_FOUND = "GetUser, errors: ResourceNotFoundException"
SHAPE = "Identity Store API model, shape "
OPEN = "open: our choice, the stricter way"
NOBODY = "0000000000-00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Rule:
    """What a client does, and how it is refused."""

    name: str
    request: tuple[str, str, Any]
    status: int
    detail: str
    source: str
    headers: dict[str, str] = field(default_factory=dict)


def user(**changed: object) -> Json:
    body: Json = {
        "schemas": [USER],
        "userName": "new@example.com",
        "name": {"givenName": "New", "familyName": "User"},
        "displayName": "New User",
        "emails": [{"value": "new@example.com", "type": "work", "primary": True}],
        "active": True,
    }
    return {name: value for name, value in (body | changed).items() if value is not None}


def create(**changed: object) -> tuple[str, str, Any]:
    return "POST", "Users", user(**changed)


def create_group(**changed: object) -> tuple[str, str, Any]:
    return "POST", "Groups", {"schemas": [GROUP], "displayName": "New"} | changed


def operation(op: str, path: str = "", value: object = None) -> Json:
    given = {"op": op, "path": path, "value": value}
    return {name: part for name, part in given.items() if part is not None and part != ""}


def patch(*operations: Json, of: str = "Users/<ann>") -> tuple[str, str, Any]:
    return "PATCH", of, {"schemas": [PATCH], "Operations": list(operations)}


def patch_group(*operations: Json) -> tuple[str, str, Any]:
    return patch(*operations, of="Groups/<admins>")


def get(path: str) -> tuple[str, str, Any]:
    return "GET", path, None


def members(count: int) -> list[Json]:
    return [{"value": "<ann>"}] * count


ANN = {"value": "<ann>"}
NEWCOMERS = [{"userName": name, "emails": None} for name in ("c", "d", "e")]
MAIL = {"value": "other@example.com", "type": "work", "primary": True}
RULES = [
    # CreateUser and PutUser
    Rule("a user needs a userName", create(userName=None), 400, "userName is required", CREATE_USER),
    Rule("a user needs a displayName", create(displayName=None), 400, "displayName is required", CREATE_USER),
    Rule("a user needs a name", create(name=None), 400, "givenName is required", CREATE_USER),
    Rule("a user needs a givenName", create(name={"familyName": "F"}), 400, "name.givenName is required", CREATE_USER),
    Rule("a user needs a familyName", create(name={"givenName": "G"}), 400, "name.familyName is required", CREATE_USER),
    Rule("there is one e-mail", create(emails=[MAIL, MAIL]), 400, "exactly 1 value", CREATE_USER),
    Rule("an e-mail is not none", create(emails=[]), 400, "exactly 1 value", OPEN),
    Rule("an e-mail has a value", create(emails=[{"primary": True}]), 400, "emails: a value is required", OPEN),
    Rule("a role has a value", create(roles=[{"type": "x"}]), 400, "roles: a value is required", OPEN),
    *(
        Rule(f"nothing is none of the {name}", create(**{name: [{}]}), 400, f"{name}: a value is required", OPEN)
        for name in ("emails", "phoneNumbers", "addresses", "roles")
    ),
    Rule("an e-mail is primary", create(emails=[{"value": "a@example.com"}]), 400, "must be primary", CREATE_USER),
    Rule(
        "an e-mail does not say that it is not primary",
        create(emails=[{"value": "a@example.com", "primary": False}]),
        400,
        "must be primary",
        CREATE_USER,
    ),
    Rule("there is one address", create(addresses=[{"country": "A"}, {"country": "B"}]), 400, "exactly 1", CREATE_USER),
    Rule(
        "there is one phone number",
        create(phoneNumbers=[{"value": "1"}, {"value": "2"}]),
        400,
        "exactly 1",
        CREATE_USER,
    ),
    Rule("there is one role", create(roles=[{"value": "a"}, {"value": "b"}]), 400, "exactly 1 value", CREATE_USER),
    Rule("a role has no display", create(roles=[{"value": "a", "display": "A"}]), 400, "not supported", CREATE_USER),
    Rule("an e-mail has no display", create(emails=[MAIL | {"display": "A"}]), 400, "emails.display", NOT_SUPPORTED),
    Rule("an address has no display", create(addresses=[{"display": "A"}]), 400, "addresses.display", NOT_SUPPORTED),
    Rule(
        "a phone number has no display",
        create(phoneNumbers=[{"value": "1", "display": "A"}]),
        400,
        "phoneNumbers.display",
        NOT_SUPPORTED,
    ),
    *(
        Rule(f"a user has no {name}", create(**{name: value}), 400, f"{name}: this attribute", NOT_SUPPORTED)
        for name, value in (
            ("password", "secret"),
            ("photos", []),  # even as none: goauthentik/authentik#5640
            ("ims", [{"value": "x"}]),
            ("entitlements", [{"value": "x"}]),
            ("x509Certificates", [{"value": "eA=="}]),
        )
    ),
    Rule("a user does not come with groups", create(groups=[]), 400, "groups: this attribute", CREATE_USER),
    Rule(
        "a manager has no displayName",
        create(**{ENTERPRISE: {"manager": {"displayName": "M"}}}),
        400,
        "manager: an object of value and $ref",
        NOT_SUPPORTED,
    ),
    Rule("an extension is as RFC 7643 has it", create(**{ENTERPRISE: {"floor": "1"}}), 400, ENTERPRISE, LIMITATIONS),
    Rule("a title is not empty", create(title=""), 400, "title", SHAPE + "SensitiveStringType"),
    Rule("a title is not too long", create(title="x" * 1025), 400, "title", SHAPE + "SensitiveStringType"),
    Rule("a title is text", create(title=1), 400, "title", SHAPE + "SensitiveStringType"),
    Rule("a user name is not too long", create(userName="x" * 129), 400, "userName", SHAPE + "UserName"),
    Rule("a user name has no spaces", create(userName="a b"), 400, "userName", CREATE_USER),
    Rule("a user name is not reserved", create(userName="Administrator"), 400, "reserved", "CreateUser of the API"),
    Rule("an externalId is not too long", create(externalId="x" * 257), 400, "externalId", SHAPE + "ExternalId"),
    Rule("an externalId is not empty", create(externalId=""), 400, "externalId", SHAPE + "ExternalIdIdentifier"),
    Rule("active is a boolean", create(active="yes"), 400, "active: a boolean", "RFC 7643, 4.1.1"),
    Rule("primary is a boolean", create(emails=[MAIL | {"primary": "true"}]), 400, "primary: a bool", "RFC 7643, 2.4"),
    Rule("the schemas of a user are known", create(schemas=[GROUP]), 400, "schemas", "RFC 7643, 3"),
    Rule("a userName is unique", create(userName="ANN@example.com"), 409, "duplicate", "CreateUser, errors"),
    Rule(
        "an e-mail is unique",
        create(emails=[MAIL | {"value": "ann@example.com"}]),
        409,
        "duplicate",
        "user guide, Add users: e-mail addresses are unique",
    ),
    Rule("an externalId is unique", create(externalId="ext-ann"), 409, "duplicate", OPEN),
    Rule("a replaced user is whole", ("PUT", "Users/<ann>", {"title": "x"}), 400, "required", "PutUser, constraints"),
    Rule(
        "a replaced user takes no taken name",
        ("PUT", "Users/<ann>", user(userName="bob@example.com")),
        409,
        "duplicate",
        "PutUser, errors",
    ),
    Rule(
        "a replaced user keeps its id",
        ("PUT", "Users/<ann>", user(id="<bob>")),
        400,
        "id: it is immutable",
        OPEN + ": RFC 7644, 3.5.1 refuses what is immutable, and ignores what is read-only",
    ),
    Rule("schemas are text", create(schemas=[[USER]]), 400, "schemas", "RFC 7643, 3"),
    # PatchUser
    Rule(
        "a patch says that it is one", ("PATCH", "Users/<ann>", {"Operations": []}), 400, "schemas", "RFC 7644, 3.5.2"
    ),
    Rule("a patch has operations", patch(), 400, "at least one operation", "RFC 7644, 3.5.2"),
    Rule("a patch names its operation", patch({"path": "title", "value": "x"}), 400, "must be specified", PATCH_USER),
    Rule("a patch knows three operations", patch(operation("move", "title", "x")), 400, "add, replace", PATCH_USER),
    Rule("remove needs a path", patch(operation("remove")), 400, "required for remove", PATCH_USER),
    Rule("add needs a value", patch(operation("add", "title")), 400, "required for add", PATCH_USER),
    Rule("replace needs a value", patch(operation("replace", "title")), 400, "required for add and", PATCH_USER),
    Rule(
        "without a path, one attribute changes",
        patch(operation("replace", value={"title": "x", "locale": "y"})),
        400,
        "a single attribute",
        "reported by users of AWS; no page has it",
    ),
    *(
        Rule(f"a patch does not reach {path}", patch(operation("add", path, "x")), 400, "not supported", PATCH_USER)
        for path in ("id", "roles", "groups", "password", "photos", "meta.created", "name.title", "emails.display")
    ),
    Rule("userName stays", patch(operation("remove", "userName")), 400, "remove is not supported", PATCH_USER),
    Rule("active stays", patch(operation("remove", "active")), 400, "remove is not supported", PATCH_USER),
    Rule("a displayName stays", patch(operation("remove", "displayName")), 400, "is required", CREATE_USER),
    Rule("a name stays", patch(operation("remove", "name")), 400, "is required", CREATE_USER),
    *(
        Rule(
            f"{path} changes once in a patch",
            patch(operation("replace", path, one), operation("replace", path, two)),
            400,
            "Multiple operations",
            "PatchUser, not supported",
        )
        for path, one, two in (("userName", "x", "y"), ("active", True, False))
    ),
    Rule("a patch adds no second e-mail", patch(operation("add", "emails", [MAIL])), 400, "exactly 1", PATCH_USER),
    Rule("a patch brings one e-mail", patch(operation("replace", "emails", [MAIL, MAIL])), 400, "exactly", PATCH_USER),
    Rule(
        "a filter in a path has eq",
        patch(operation("replace", 'emails[type ne "home"].value', "x@example.com")),
        400,
        "only the eq operator",
        PATCH_USER,
    ),
    Rule(
        "a filter in a path finds something",
        patch(operation("replace", 'emails[type eq "home"].value', "x@example.com")),
        400,
        "no value matches",
        OPEN,
    ),
    Rule(
        "a patched manager has no displayName",
        patch(operation("replace", f"{ENTERPRISE}:manager", {"displayName": "M"})),
        400,
        "manager: an object",
        "PatchUser, not supported",
    ),
    Rule(
        "a patch takes no taken name",
        patch(operation("replace", "userName", "bob@example.com")),
        409,
        "duplicate",
        "PatchUser, errors",
    ),
    Rule(
        "a patch is carried out as a whole",
        patch(operation("replace", "title", "x"), operation("remove", "active")),
        400,
        "remove is not supported",
        "RFC 7644, 3.5.2",
    ),
    # Groups
    Rule("a group needs a displayName", create_group(displayName=""), 400, "displayName", "CreateGroup, constraints"),
    Rule("a group has few attributes", create_group(description="x"), 400, "not supported", LIMITATIONS),
    Rule("a group starts with 100 members", create_group(members=members(101)), 400, "100", "CreateGroup, constraints"),
    Rule("a member is an object", create_group(members=["<ann>"]), 400, "needs a value", "RFC 7643, 4.2"),
    Rule("a member is a user", create_group(members=[ANN | {"type": "Group"}]), 400, "the type User", OPEN),
    Rule("a member's type is not null", create_group(members=[ANN | {"type": None}]), 400, "the type User", OPEN),
    Rule("a member's $ref is text", create_group(members=[ANN | {"$ref": 1}]), 400, "$ref of text", OPEN),
    Rule(
        "an added member is a user",
        patch_group(operation("add", "members", [ANN | {"type": "Group"}])),
        400,
        "the type User",
        OPEN,
    ),
    Rule("a member exists", create_group(members=[{"value": NOBODY}]), 404, "not found", OPEN),
    Rule("a group's name is unique", create_group(displayName="ADMINS"), 409, "duplicate", "CreateGroup, errors"),
    Rule(
        "a group's name is not reserved",
        create_group(displayName="AWSAdministrators"),
        400,
        "reserved",
        "CreateGroup of the Identity Store API",
    ),
    Rule(
        "a patch changes 100 memberships",
        patch_group(operation("add", "members", members(60)), operation("remove", "members", members(41))),
        400,
        "at most 100",
        PATCH_GROUP,
    ),
    Rule(
        "members are not replaced",
        patch_group(operation("replace", "members", members(1))),
        400,
        "Replacing group memberships is not supported",
        LIMITATIONS,
    ),
    Rule(
        "members are not replaced without a path",
        patch_group(operation("replace", value={"members": members(1)})),
        400,
        "Replacing group memberships is not supported",
        LIMITATIONS,
    ),
    Rule(
        "not all members are removed",
        patch_group(operation("remove", "members")),
        400,
        "Removing all",
        "PatchGroup, not supported",
    ),
    Rule("all members exist", create_group(members=[ANN, {"value": NOBODY}]), 404, "USER", OPEN),
    Rule(
        "a group is patched as a whole",
        patch_group(
            operation("replace", "displayName", "x"),
            operation("remove", "members", [ANN]),
            operation("add", "members", [{"value": "<bob>"}, {"value": NOBODY}]),
        ),
        404,
        "USER",
        "RFC 7644, 3.5.2",
    ),
    Rule("an added member exists", patch_group(operation("add", "members", [{"value": NOBODY}])), 404, "USER", OPEN),
    Rule(
        "a group's description is not patched",
        patch_group(operation("add", "description", "x")),
        400,
        "only",
        PATCH_GROUP,
    ),
    Rule("a group keeps a name", patch_group(operation("remove", "displayName")), 400, "only displayName", PATCH_GROUP),
    Rule("members have no filter", patch_group(operation("remove", 'members[value eq "<ann>"]')), 400, "only", OPEN),
    Rule("a group is not replaced", ("PUT", "Groups/<admins>", {"displayName": "x"}), 400, "unsupported", UNSUPPORTED),
    # What is not there
    Rule("nobody is read", get(f"Users/{NOBODY}"), 404, "not found", NOT_FOUND),
    Rule("no group is read", get(f"Groups/{NOBODY}"), 404, "not found", "GetGroup, errors"),
    Rule("nobody is replaced", ("PUT", f"Users/{NOBODY}", user()), 404, "not found", OPEN),
    Rule(
        "nobody is patched",
        patch(operation("add", "title", "x"), of=f"Users/{NOBODY}"),
        404,
        "not",
        "PatchUser, errors",
    ),
    Rule(
        "no group is patched",
        patch(operation("add", "members", members(1)), of=f"Groups/{NOBODY}"),
        404,
        "not found",
        "PatchGroup, errors",
    ),
    Rule("nobody is deleted", ("DELETE", f"Users/{NOBODY}", None), 404, "not found", "DeleteUser, errors"),
    Rule("no group is deleted", ("DELETE", f"Groups/{NOBODY}", None), 404, "not found", "DeleteGroup, errors"),
    Rule("no such schema", get("Schemas/urn:example:none"), 400, "no such schema", "GetSchema, errors: no 404"),
    Rule("no resource type is read", get("ResourceTypes/User"), 400, "unsupported", "Supported API operations"),
    Rule("no such endpoint", get("Devices"), 404, "endpoint does not exist", NOT_FOUND),
    *(
        Rule(f"there is no {method} /{path}", (method, path, {}), 400, "unsupported", LIMITATIONS)
        for method, path in (("POST", "Bulk"), ("GET", "Me"), ("POST", ".search"), ("POST", "Users/.search"))
    ),
    *(
        Rule(f"there is no {method} /{path}", (method, path, {}), 400, "unsupported", UNSUPPORTED)
        for method, path in (("PUT", "Users"), ("DELETE", "Groups"), ("POST", "Schemas"), ("PUT", "ResourceTypes"))
    ),
    # Listings
    Rule("a filter has eq alone", get('Users?filter=userName sw "a"'), 400, "eq", LISTING),
    Rule("a filter quotes its value", get("Users?filter=userName eq ann"), 400, "filterValue", LISTING),
    Rule("a filter is not empty", get("Users?filter="), 400, "filter", LISTING),
    Rule("filters are not joined by or", get('Users?filter=id eq "a" or id eq "b"'), 400, "filter", LIMITATIONS),
    Rule(
        "two filters are id and manager",
        get('Users?filter=userName eq "a" and externalId eq "b"'),
        400,
        "userName and externalId is not supported",
        LISTING,
    ),
    Rule("manager is no filter alone", get('Users?filter=manager eq "a"'), 400, "manager is not supported", LISTING),
    Rule("users have no filter by title", get('Users?filter=title eq "a"'), 400, "title is not", LISTING),
    Rule("users have no filter by e-mail", get('Users?filter=emails.value eq "a"'), 400, "emails.value", LISTING),
    Rule("groups have no filter by userName", get('Groups?filter=userName eq "a"'), 400, "userName", "ListGroups"),
    Rule("member is no filter alone", get('Groups?filter=member eq "a"'), 400, "member", "ListGroups, constraints"),
    Rule("a parameter is given once", get("Users?count=1&count=2"), 400, "given twice", OPEN),
    Rule("a filter is given once", get('Groups?filter=id eq "a"&filter=id eq "a"'), 400, "given twice", OPEN),
    Rule("a count is not 0", get("Users?count=0"), 400, "count", QUERY),
    Rule("a count is at most 100", get("Users?count=101"), 400, "count", QUERY),
    Rule("a count is a number", get("Groups?count=many"), 400, "count", "ListGroups, query parameters"),
    *(
        Rule(f"a listing of {what} has no {name}", get(f"{what}?{name}=1"), 400, name, f"List{what}, not supported")
        for what in ("Users", "Groups")
        for name in ("startIndex", "attributes", "excludedAttributes")
    ),
    Rule("listings are not sorted", get("Users?sortBy=userName"), 400, "sortBy", "ServiceProviderConfig: sort"),
    Rule("a cursor has few characters", get("Users?cursor=a.b"), 400, "pattern", QUERY),
    Rule("a cursor is one that was given", get("Users?cursor=abcd"), 400, "token", OPEN),
    # The way in
    Rule("a wrong token is refused", get("Users"), 401, "Authorization", UNAUTHORIZED, {"Authorization": "Bearer x"}),
    Rule("a token is needed", get("Groups"), 401, "Authorization", UNAUTHORIZED, {"Authorization": ""}),
    Rule("a token is a bearer's", get("Users"), 401, "Authorization", UNAUTHORIZED, {"Authorization": "Basic x"}),
    Rule("a tenant is one's own", get("/scim/other/scim/v2/Users"), 401, "tenant ID", UNAUTHORIZED),
    Rule("a body is SCIM", create(), 400, "Content-Type", OPEN, {"Content-Type": "application/xml"}),
    Rule("a body is JSON", ("POST", "Users", "{"), 400, "unparsable", UNPARSABLE),
    *(
        Rule(f"a body is JSON without {what}", ("POST", "Users", text), 400, "unparsable", UNPARSABLE)
        for what, text in (
            ("NaN", json.dumps(user()).replace("true", "NaN")),
            ("half a character", json.dumps(user(title="\ud800"))),
            ("a bottom", "[" * 100_000),
        )
    ),
    Rule("a body is an object", ("POST", "Groups", "[]"), 400, "unparsable", UNPARSABLE),
    Rule(
        "an operation is an object",
        ("PATCH", "Users/<ann>", {"schemas": [PATCH], "Operations": [1]}),
        400,
        "op",
        UNPARSABLE,
    ),
]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSandbox]:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("scim")) as live:
        yield live


@pytest.fixture(scope="module")
def http(sandbox: LiveSandbox) -> Iterator[httpx.Client]:
    token = {"Authorization": f"Bearer {sandbox.sandbox.scim_token}"}
    with httpx.Client(base_url=sandbox.sandbox.scim_endpoint, headers=token) as client:
        yield client


@pytest.fixture
def ids(sandbox: LiveSandbox) -> dict[str, str]:
    """Put Ann and Bob in place, and the group that Ann is in; return their ids."""
    store = sandbox.sandbox.store
    store.empty()
    found = {}
    for name in ("ann", "bob"):
        email = f"{name}@example.com"
        attributes = {
            "UserName": email,
            "DisplayName": name,
            "Name": {"GivenName": name, "FamilyName": "Doe"},
            "Emails": [{"Value": email, "Type": "work", "Primary": True}],
        }
        found[name] = store.create_user(attributes, "SCIM", f"ext-{name}")["UserId"]
    found["admins"] = store.create_group({"DisplayName": "Admins"}, "SCIM", "ext-admins")["GroupId"]
    store.create_membership(found["admins"], found["ann"], "SCIM")
    return found


def send(http: httpx.Client, request: tuple[str, str, Any], ids: dict[str, str], **headers: str) -> httpx.Response:
    method, path, body = request
    text = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
    for name, object_id in ids.items():
        path, text = path.replace(f"<{name}>", object_id), text.replace(f"<{name}>", object_id)
    path = path if not path.startswith("/") else str(http.base_url.copy_with(path=path))
    return http.request(method, path, content=text, headers={"Content-Type": "application/scim+json"} | headers)


def held(sandbox: LiveSandbox) -> object:
    store = sandbox.sandbox.store
    return deepcopy((store.users, store.groups, store.memberships, store.by_pair))


def refused(answer: httpx.Response, status: int, detail: str) -> None:
    assert answer.status_code == status, answer.text
    assert detail.lower() in answer.json()["detail"].lower()


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_broken_rule_is_refused_and_changes_nothing(
    rule: Rule, sandbox: LiveSandbox, http: httpx.Client, ids: dict[str, str]
) -> None:
    before = held(sandbox)
    answer = send(http, rule.request, ids, **rule.headers)
    refused(answer, rule.status, rule.detail)
    assert held(sandbox) == before, rule.source


def test_no_rule_is_named_twice_or_without_a_source() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    assert all(rule.source for rule in RULES)


# What depends on switches, on the clock or on how much was asked before.


@pytest.fixture
def switched(sandbox: LiveSandbox) -> Iterator[LiveSandbox]:
    """Let a test set switches, and set them back."""
    before = msgspec.to_builtins(sandbox.sandbox.switches)
    yield sandbox
    sandbox.switch(**before)


def page(http: httpx.Client, path: str, ids: dict[str, str]) -> Json:
    answer = send(http, get(path), ids)
    assert answer.status_code == 200, answer.text
    shown: Json = answer.json()
    return shown


def test_a_cursor_goes_on_and_ends(http: httpx.Client, ids: dict[str, str]) -> None:
    first = page(http, "Users?cursor&count=1", ids)
    second = page(http, f"Users?count=1&cursor={first['nextCursor']}", ids)
    assert [row["id"] for row in first["Resources"] + second["Resources"]] == [ids["ann"], ids["bob"]]
    assert first.keys() == {"itemsPerPage", "nextCursor", "schemas", "Resources"}
    assert second.keys() == {"itemsPerPage", "schemas", "Resources"}


@pytest.mark.parametrize(
    ("again", "because"),
    [("Groups", "of another listing"), ('Users?filter=userName eq "a"', "the filter changed (ListUsers, errors)")],
)
def test_a_cursor_belongs_to_its_listing(http: httpx.Client, ids: dict[str, str], again: str, because: str) -> None:
    cursor = page(http, "Users?cursor&count=1", ids)["nextCursor"]
    join = "&" if "?" in again else "?"
    assert send(http, get(f"{again}{join}cursor={cursor}"), ids).status_code == 400, because


def test_a_cursor_expires(http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox) -> None:
    cursor = page(http, "Users?cursor&count=1", ids)["nextCursor"]
    sandbox.sandbox.clock.advance(sandbox.sandbox.switches.token_lifetime + 1)
    refused(send(http, get(f"Users?count=1&cursor={cursor}"), ids), 400, "token is not valid")


def test_without_a_cursor_the_totals_are_those_of_the_one_page(http: httpx.Client, ids: dict[str, str]) -> None:
    shown = page(http, "Users?count=1", ids)
    assert (shown["totalResults"], shown["itemsPerPage"], shown["startIndex"]) == (1, 1, 1)


def test_pages_may_be_short(http: httpx.Client, ids: dict[str, str], switched: LiveSandbox) -> None:
    switched.switch(short_pages=True)
    shown = page(http, "Users?cursor&count=3", ids)
    assert (shown["itemsPerPage"], len(shown["Resources"])) == (1, 1)
    assert shown["nextCursor"]


def test_what_is_new_may_be_listed_and_found_later(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.switch(listed_after=60.0, found_after=60.0)
    new = send(http, create(), ids).json()["id"]
    assert page(http, "Users", ids)["totalResults"] == 0
    assert send(http, get(f"Users/{new}"), ids).status_code == 404
    switched.sandbox.clock.advance(61)
    assert page(http, "Users", ids)["totalResults"] == 3
    assert send(http, get(f"Users/{new}"), ids).status_code == 200


def test_a_user_name_may_have_spaces_where_the_switch_says_so(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.switch(scim_user_name_spaces=True)
    assert send(http, create(userName="a b"), ids).status_code == 201
    refused(send(http, create(userName=" "), ids), 400, "userName")


def test_whole_lists_are_patched_only_where_the_switch_says_so(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    change = patch(operation("replace", "emails", [MAIL]))
    assert send(http, change, ids).json()["emails"] == [MAIL]
    switched.switch(scim_patch_lists=False)
    refused(send(http, change, ids), 400, "this path is not supported")


@pytest.mark.parametrize("told", [True, False])
def test_memberships_have_a_rate_of_their_own(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox, told: bool
) -> None:
    switched.switch(scim_memberships_per_second=2.0, scim_retry_after=told)
    switched.sandbox.clock.advance(60)
    both = [{"value": "<ann>"}, {"value": "<bob>"}]
    assert send(http, create_group(members=both), ids).status_code == 201
    before = held(switched)
    answer = send(http, patch_group(operation("add", "members", both)), ids)
    refused(answer, 429, "rate exceeded")
    assert ("Retry-After" in answer.headers) is told
    assert held(switched) == before


def test_too_many_requests_are_refused(ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> None:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("slow"), quota_scale=0.05) as live:
        token = {"Authorization": f"Bearer {live.sandbox.scim_token}"}
        with httpx.Client(base_url=live.sandbox.scim_endpoint, headers=token) as http:
            answers = [send(http, ("DELETE", f"Users/{NOBODY}", None), ids) for _ in range(3)]
            assert [answer.status_code for answer in answers] == [404, 429, 429]
            assert int(answers[-1].headers["Retry-After"]) >= 1
            assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}", answers[-1].json()["timeStamp"])
            assert send(http, get("Users"), ids).status_code == 200  # each operation has its own rate


def test_at_the_documented_rate_a_second_is_enough_to_wait(
    ids: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    with LiveSandbox(company([], []), tmp_path_factory.mktemp("rate"), quota_scale=1.0) as live:
        token = {"Authorization": f"Bearer {live.sandbox.scim_token}"}
        with httpx.Client(base_url=live.sandbox.scim_endpoint, headers=token) as http:
            answers = (send(http, ("DELETE", f"Users/{NOBODY}", None), ids) for _ in range(1000))
            refusal = next(answer for answer in answers if answer.status_code == 429)
            assert refusal.headers["Retry-After"] == "1"


def test_members_taken_out_count_against_the_rate_of_memberships(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.switch(scim_memberships_per_second=0.1)  # slow enough that none comes back meanwhile
    assert send(http, patch_group(operation("remove", "members", [ANN])), ids).status_code == 204
    refused(send(http, patch_group(operation("remove", "members", [ANN])), ids), 429, "rate exceeded")
    refused(send(http, patch_group(operation("add", "members", [ANN])), ids), 429, "rate exceeded")


def test_who_is_too_new_becomes_no_member_and_nothing_changes(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.sandbox.clock.advance(61)
    switched.switch(found_after=60.0)
    ids["new"] = send(http, create(), ids).json()["id"]
    before = held(switched)
    both = [{"value": "<bob>"}, {"value": "<new>"}]
    renamed = operation("replace", "displayName", "x")
    for request in (create_group(members=both), patch_group(renamed, operation("add", "members", both))):
        refused(send(http, request, ids), 404, "USER")
        assert held(switched) == before


def test_a_new_group_has_its_members_though_it_is_not_found_yet(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.sandbox.clock.advance(61)
    switched.switch(found_after=60.0)
    group_id = send(http, create_group(members=[ANN, {"value": "<bob>"}]), ids).json()["id"]
    assert {(group_id, ids["ann"]), (group_id, ids["bob"])} <= switched.sandbox.store.by_pair.keys()


def test_who_was_added_a_moment_ago_can_be_taken_out(
    http: httpx.Client, ids: dict[str, str], switched: LiveSandbox
) -> None:
    switched.sandbox.clock.advance(61)
    switched.switch(found_after=60.0)
    for op in ("add", "remove"):
        assert send(http, patch_group(operation(op, "members", [{"value": "<bob>"}])), ids).status_code == 204
    assert (ids["admins"], ids["bob"]) not in switched.sandbox.store.by_pair


@pytest.mark.parametrize(("first", "then"), [("add", "remove"), ("remove", "add")])
@pytest.mark.parametrize("who", ["ann", "bob"])  # Ann is a member, Bob is none
def test_operations_are_carried_out_in_their_order(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox, first: str, then: str, who: str
) -> None:
    member = [{"value": f"<{who}>"}]
    request = patch_group(operation(first, "members", member), operation(then, "members", member))
    assert send(http, request, ids).status_code == 204
    assert ((ids["admins"], ids[who]) in sandbox.sandbox.store.by_pair) is (then == "add")


@pytest.mark.parametrize(
    ("kept", "shown"),
    [
        ({"manager": "M"}, {"manager": {"value": "M"}}),
        ({"manager": {"value": "M", "$ref": "../Users/M"}}, {"manager": {"value": "M"}}),
        ({"manager": {"value": 1}, "department": "D"}, {"department": "D"}),
        ({"manager": ["M"], "department": 1, "floor": "1"}, None),
        ({"department": None}, None),
        ("text", None),
        (["text"], None),
    ],
)
def test_whatever_is_in_the_store_is_shown(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox, kept: Any, shown: Any
) -> None:
    sandbox.sandbox.store.users[ids["bob"]]["Extensions"] = {"aws:identitystore:enterprise": kept}
    assert page(http, "Users/<bob>", ids).get(ENTERPRISE) == shown
    assert page(http, "Users", ids)["totalResults"] == 2


def test_a_user_whose_manager_is_text_is_patched_and_found(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox
) -> None:
    extensions = {"Extensions": {"aws:identitystore:enterprise": {"manager": "M"}}}
    sandbox.sandbox.store.update_user(ids["bob"], extensions, "API")
    shown = {"manager": {"value": "M"}}
    answer = send(http, patch(operation("replace", "title", "x"), of="Users/<bob>"), ids)
    assert (answer.status_code, answer.json()["title"], answer.json().get(ENTERPRISE)) == (200, "x", shown)
    assert sandbox.sandbox.store.users[ids["bob"]]["Extensions"] == extensions["Extensions"]
    division = operation("add", f"{ENTERPRISE}:division", "V")
    answer = send(http, patch(division, of="Users/<bob>"), ids)
    assert answer.json()[ENTERPRISE] == shown | {"division": "V"}
    found = page(http, 'Users?filter=id eq "<bob>" and manager eq "M"', ids)["Resources"]
    assert [row["id"] for row in found] == [ids["bob"]]


def test_what_is_null_is_not_shown(http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox) -> None:
    changed = {"PhoneNumbers": [{"Value": "1", "Type": None}], "Roles": [{"Value": None}]}
    sandbox.sandbox.store.users[ids["bob"]] |= changed
    shown = page(http, "Users/<bob>", ids)
    assert (shown["phoneNumbers"], "roles" in shown) == ([{"value": "1"}], False)


def test_a_change_moves_when_it_was_modified_and_not_when_it_was_created(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox
) -> None:
    rename = operation("replace", "displayName", "x")
    for path, change in (
        ("Users/<ann>", patch(rename)),
        ("Users/<ann>", ("PUT", "Users/<ann>", user(userName="ann@example.com"))),
        ("Groups/<admins>", patch_group(rename)),
    ):
        before = page(http, path, ids)["meta"]
        sandbox.sandbox.clock.advance(5)
        assert send(http, change, ids).is_success
        after = page(http, path, ids)["meta"]
        assert after["created"] == before["created"]
        assert after["lastModified"] > before["lastModified"]


# What the guide's own examples do must be accepted.

EXAMPLES: list[tuple[str, tuple[str, str, Any], int]] = [
    ("CreateUser: without schemas", create(schemas=None), 201),
    (
        "CreateUser: a role, a manager",
        create(
            roles=[{"value": "R", "primary": True}],
            **{ENTERPRISE: {"manager": {"value": "<ann>", "$ref": "../Users/<ann>"}}},
        ),
        201,
    ),
    (
        "CreateGroup: without schemas",
        (
            "POST",
            "Groups",
            {"displayName": "G", "members": [{"value": "<ann>", "$ref": "../Users/<ann>", "type": "User"}]},
        ),
        201,
    ),
    ("PatchUser: active as text", patch(operation("replace", "active", "false")), 200),
    ("PatchUser: a filter with eq", patch(operation("replace", 'emails[type eq "work"].value', "x@example.com")), 200),
    ("PatchUser: a part of a name", patch(operation("replace", "name", {"givenName": "N"})), 200),
    (
        "PatchGroup: the id beside the name",
        patch_group(operation("replace", value={"id": "<admins>", "displayName": "N"})),
        204,
    ),
    ("PatchGroup: a member removed", patch_group(operation("remove", "members", members(1))), 204),
    ("PatchGroup: a member added", patch_group(operation("add", "members", [{"value": "<bob>"}])), 204),
]


@pytest.mark.parametrize(("name", "request_", "status"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_what_the_guide_shows_is_accepted(
    http: httpx.Client, ids: dict[str, str], name: str, request_: tuple[str, str, Any], status: int
) -> None:
    answer = send(http, request_, ids)
    assert answer.status_code == status, (name, answer.text)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ('Users?filter=userName eq "ANN@example.com"', ["ann"]),
        ('Users?filter=externalId eq "ext-bob"', ["bob"]),
        ('Users?filter=groups.value eq "<admins>"', ["ann"]),
        ('Users?filter=id eq "<bob>"', ["bob"]),
        ('Users?filter=manager eq "<ann>" and id eq "<bob>"', ["bob"]),
        ('Users?filter=userName eq "black and white"', []),
        ('Groups?filter=displayName eq "admins"', ["admins"]),
        ('Groups?filter=externalId eq "ext-admins"', ["admins"]),
        ('Groups?filter=members.value eq "<ann>"', ["admins"]),
        ('Groups?filter=id eq "<admins>" and member eq "<bob>"', []),
        ('Groups?filter=members eq "<ann>" and id eq "<admins>"', ["admins"]),
    ],
)
def test_the_documented_filters_find_what_they_name(
    http: httpx.Client, ids: dict[str, str], path: str, found: list[str]
) -> None:
    manager = patch(operation("add", f"{ENTERPRISE}:manager", {"value": "<ann>"}), of="Users/<bob>")
    assert send(http, manager, ids).json()[ENTERPRISE] == {"manager": {"value": ids["ann"]}}
    assert [row["id"] for row in page(http, path, ids)["Resources"]] == [ids[name] for name in found]


class _NotWalked(dict[str, Json]):
    """A table that may be looked into and not gone through."""

    def __iter__(self) -> Iterator[str]:
        raise AssertionError

    values = items = keys = __iter__  # type: ignore[assignment]


@pytest.mark.parametrize(
    "path",
    [
        'Users?filter=userName eq "ann@example.com"',
        'Users?filter=externalId eq "ext-ann"',
        'Users?filter=groups.value eq "<admins>"',
        'Users?filter=id eq "<ann>"',
        'Users?filter=id eq "<ann>" and manager eq "<bob>"',
        'Groups?filter=displayName eq "Admins"',
        'Groups?filter=externalId eq "ext-admins"',
        'Groups?filter=members.value eq "<ann>"',
        'Groups?filter=id eq "<admins>" and member eq "<ann>"',
    ],
)
def test_a_filter_does_not_look_at_everybody(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    store = sandbox.sandbox.store
    send(http, patch(operation("add", f"{ENTERPRISE}:manager", {"value": "<bob>"})), ids)
    monkeypatch.setattr(store, "users", _NotWalked(store.users))
    monkeypatch.setattr(store, "groups", _NotWalked(store.groups))
    assert len(page(http, path, ids)["Resources"]) == 1


@pytest.mark.parametrize(
    "path",
    [
        'Users?filter=groups.value eq "<ann>"',  # a user is no group
        'Groups?filter=members.value eq "<admins>"',
        f'Users?filter=groups.value eq "{NOBODY}"',
        'Users?filter=id eq "<admins>"',
        'Users?filter=id eq "<ann>" and manager eq ""',
        'Users?filter=externalId eq "ext-admins"',
        'Groups?filter=externalId eq "ext-ann"',
    ],
)
def test_a_filter_finds_nothing_else(http: httpx.Client, ids: dict[str, str], path: str) -> None:
    assert page(http, path, ids)["Resources"] == []


def test_what_a_filter_finds_is_in_the_order_of_the_listing(
    http: httpx.Client, ids: dict[str, str], sandbox: LiveSandbox
) -> None:
    everybody = [ids["ann"], ids["bob"], *(send(http, create(**who), ids).json()["id"] for who in NEWCOMERS)]
    group_id = sandbox.sandbox.store.create_group({"DisplayName": "All"}, "SCIM")["GroupId"]
    for user_id in reversed(everybody):
        sandbox.sandbox.store.create_membership(group_id, user_id, "SCIM")
    query = f'Users?filter=groups.value eq "{group_id}"'
    first = page(http, f"{query}&count=3&cursor", ids)
    second = page(http, f"{query}&count=3&cursor={first['nextCursor']}", ids)
    assert [row["id"] for row in first["Resources"] + second["Resources"]] == everybody


def test_names_that_differ_by_case_are_told_apart_where_the_switch_says_so(
    http: httpx.Client, switched: LiveSandbox, request: pytest.FixtureRequest
) -> None:
    switched.switch(names_fold_case=False)
    ids: dict[str, str] = request.getfixturevalue("ids")  # the store keeps names as the switch has it at that time
    for path, found in (
        ('Users?filter=userName eq "ann@example.com"', 1),
        ('Users?filter=userName eq "ANN@example.com"', 0),
        ('Groups?filter=displayName eq "Admins"', 1),
        ('Groups?filter=displayName eq "admins"', 0),
    ):
        assert page(http, path, ids)["totalResults"] == found, path


def test_a_filter_finds_only_who_is_listed(http: httpx.Client, ids: dict[str, str], switched: LiveSandbox) -> None:
    switched.switch(listed_after=60.0)
    assert page(http, 'Users?filter=userName eq "ann@example.com"', ids)["totalResults"] == 0
    switched.sandbox.clock.advance(61)
    assert page(http, 'Users?filter=userName eq "ann@example.com"', ids)["totalResults"] == 1


def test_members_are_in_no_answer(http: httpx.Client, ids: dict[str, str]) -> None:
    assert "members" not in send(http, get("Groups/<admins>"), ids).json()
    assert [row["members"] for row in page(http, "Groups", ids)["Resources"]] == [[]]


def test_a_replaced_user_keeps_only_what_was_sent(http: httpx.Client, ids: dict[str, str]) -> None:
    send(http, patch(operation("add", "title", "x")), ids)
    shown = send(http, ("PUT", "Users/<ann>", user(emails=None)), ids).json()
    assert {"title", "emails", "externalId"} & shown.keys() == set()
    assert (shown["id"], shown["userName"]) == (ids["ann"], "new@example.com")
