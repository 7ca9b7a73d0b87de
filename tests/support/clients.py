"""A well-formed call of every operation of every stand-in, as it goes over the wire."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials as GoogleCredentials

from sandbox.google.token import GRANT_TYPE, ROOT
from sandbox.identity_center.assignments import replace_assignments
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from tests.support.live import LiveSandbox
from tests.support.teams import TITLE, card, message

Json = dict[str, Any]
Call = Callable[[], requests.Response]
TITLES = [{"AttributePath": "title", "AttributeValue": "x"}]
DESCRIPTIONS = [{"AttributePath": "description", "AttributeValue": "x"}]
NAME = {"GivenName": "New", "FamilyName": "Person"}
SCIM_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
SCIM_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SCIM_PERSON = {
    "schemas": [SCIM_USER],
    "userName": "new",
    "displayName": "New",
    "name": {"givenName": "New", "familyName": "Person"},
}
GOOGLE = {
    "users.list": "users?customer=my_customer",
    "users.get": "users/u1",
    "groups.list": "groups?customer=my_customer",
    "groups.get": "groups/g-a",
    "members.list": "groups/g-a/members",
    "domains.list": "customer/my_customer/domains",
}


class Clients:
    """A well-formed call of every operation, on a company with people in it."""

    def __init__(self, live: LiveSandbox) -> None:
        self.live = live
        store = self.store = live.sandbox.store
        live.sandbox.instances.empty()
        live.sandbox.switchboard.faults.clear()
        users = [
            store.create_user({"UserName": name, "DisplayName": name, "Name": NAME}, "test", f"external-{name}")
            for name in ("ann", "bob", "eve")
        ]
        self.user, self.other = users[0]["UserId"], users[1]["UserId"]
        groups = [store.create_group({"DisplayName": name}, "test") for name in ("a", "b", "c")]
        self.group = groups[0]["GroupId"]
        self.membership = store.create_membership(self.group, self.user, "test")["MembershipId"]
        self.arn = live.sandbox.instances.organisation_arn
        given = [("user", "ann", "1" * 12), ("user", "ann", "2" * 12), ("group", "a", "1" * 12)]
        replace_assignments(store, self.arn, [assignment(*one) for one in given])

    def state(self) -> str:
        """Show all that a call can change."""
        store = self.store
        return repr((store.users, store.groups, store.memberships, live_posts(self.live)))

    def aws(self, service: str, target: str, path: str, operation: str, parameters: Json) -> Call:
        headers = {"X-Amz-Target": f"{target}.{operation}", "Content-Type": "application/x-amz-json-1.1"}
        signed = AWSRequest("POST", f"{self.live.url}/{path}/", headers=headers, data=json.dumps(parameters))
        SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), service, "us-east-1").add_auth(signed)
        url = str(signed.url)
        return lambda: requests.post(url, data=signed.data, headers=dict(signed.headers), timeout=5)

    def identity_store(self, operation: str, **parameters: Any) -> Call:
        whole = {"IdentityStoreId": self.store.store_id, **parameters}
        return self.aws("identitystore", "AWSIdentityStore", "identitystore", operation, whole)

    def sso_admin(self, operation: str, **parameters: Any) -> Call:
        return self.aws("sso", "SWBExternalService", "sso-admin", operation, parameters)

    def scim(self, method: str, path: str, body: Json | None = None) -> Call:
        headers = {
            "Authorization": f"Bearer {self.live.sandbox.scim_token}",
            "Content-Type": "application/scim+json",
        }
        url = f"{self.live.sandbox.scim_endpoint}{path}"
        data = None if body is None else json.dumps(body)
        return lambda: requests.request(method, url, data=data, headers=headers, timeout=5)

    def google(self, path: str) -> Call:
        headers = {"Authorization": f"Bearer {google_token(self.live)}"}
        url = f"{self.live.url}/google/admin/directory/v1/{path}"
        return lambda: requests.get(url, headers=headers, timeout=5)

    def operations(self) -> dict[tuple[str, str], Call]:
        """List every operation of every stand-in: (system, operation) → call."""
        posted = message(card(TITLE))
        return {
            **{("identity_store", operation): call for operation, call in self._of_identity_store().items()},
            **{("scim", operation): call for operation, call in self._of_scim().items()},
            **{("google", operation): self.google(path) for operation, path in GOOGLE.items()},
            ("google", "batch"): self._batch(),
            ("google_oauth", "token"): self._token(),
            ("sso_admin", "ListInstances"): self.sso_admin("ListInstances"),
            ("sso_admin", "DescribeInstance"): self.sso_admin("DescribeInstance", InstanceArn=self.arn),
            ("sso_admin", "ListAccountAssignmentsForPrincipal"): self.sso_admin(
                "ListAccountAssignmentsForPrincipal",
                InstanceArn=self.arn,
                PrincipalId=self.user,
                PrincipalType="USER",
                MaxResults=2,
            ),
            ("sso_admin", "DescribePermissionSet"): self.sso_admin(
                "DescribePermissionSet",
                InstanceArn=self.arn,
                PermissionSetArn=self.store.assignments[0]["PermissionSetArn"],
            ),
            ("teams", "post_card"): lambda: requests.post(self.live.sandbox.teams_webhook, json=posted, timeout=5),
        }

    def _of_identity_store(self) -> dict[str, Call]:
        member = {"UserId": self.user}
        made = {
            "CreateUser": {"UserName": "new", "DisplayName": "New", "Name": NAME},
            "DescribeUser": {"UserId": self.user},
            "UpdateUser": {"UserId": self.user, "Operations": TITLES},
            "DeleteUser": {"UserId": self.user},
            "ListUsers": {"MaxResults": 2},
            "GetUserId": {
                "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": "ann"}}
            },
            "CreateGroup": {"DisplayName": "new"},
            "DescribeGroup": {"GroupId": self.group},
            "UpdateGroup": {"GroupId": self.group, "Operations": DESCRIPTIONS},
            "DeleteGroup": {"GroupId": self.group},
            "ListGroups": {"MaxResults": 2},
            "GetGroupId": {
                "AlternateIdentifier": {"UniqueAttribute": {"AttributePath": "displayName", "AttributeValue": "a"}}
            },
            "CreateGroupMembership": {"GroupId": self.group, "MemberId": {"UserId": self.other}},
            "DescribeGroupMembership": {"MembershipId": self.membership},
            "DeleteGroupMembership": {"MembershipId": self.membership},
            "GetGroupMembershipId": {"GroupId": self.group, "MemberId": member},
            "ListGroupMemberships": {"GroupId": self.group},
            "ListGroupMembershipsForMember": {"MemberId": member},
            "IsMemberInGroups": {"MemberId": member, "GroupIds": [self.group]},
        }
        return {operation: self.identity_store(operation, **parameters) for operation, parameters in made.items()}

    def _of_scim(self) -> dict[str, Call]:
        user, group = f"Users/{self.user}", f"Groups/{self.group}"
        change = {"schemas": [PATCH], "Operations": [{"op": "replace", "path": "displayName", "value": "X"}]}
        return {
            "ListUsers": self.scim("GET", "Users?cursor&count=2"),
            "GetUser": self.scim("GET", user),
            "CreateUser": self.scim("POST", "Users", SCIM_PERSON),
            "PutUser": self.scim("PUT", user, SCIM_PERSON),
            "PatchUser": self.scim("PATCH", user, change),
            "DeleteUser": self.scim("DELETE", user),
            "ListGroups": self.scim("GET", "Groups?cursor&count=2"),
            "GetGroup": self.scim("GET", group),
            "CreateGroup": self.scim("POST", "Groups", {"schemas": [SCIM_GROUP], "displayName": "new"}),
            "PatchGroup": self.scim("PATCH", group, change),
            "DeleteGroup": self.scim("DELETE", group),
            "ServiceProviderConfig": self.scim("GET", "ServiceProviderConfig"),
            "ListResourceTypes": self.scim("GET", "ResourceTypes"),
            "ListSchemas": self.scim("GET", "Schemas"),
            "GetSchema": self.scim("GET", f"Schemas/{SCIM_USER}"),
        }

    def _token(self) -> Call:
        """Ask for a token with an assertion that was signed once: signing takes longer than all the rest."""
        form = {"grant_type": GRANT_TYPE, "assertion": assertion_of(self.live)}
        return lambda: requests.post(f"{self.live.url}/google/token", data=form, timeout=5)

    def _batch(self) -> Call:
        part = "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nGET {} HTTP/1.1\r\n\r\n\r\n--b--\r\n"
        data = part.format("/google/admin/directory/v1/users/u1").encode()
        headers = {
            "Authorization": f"Bearer {google_token(self.live)}",
            "Content-Type": "multipart/mixed; boundary=b",
        }
        return lambda: requests.post(f"{self.live.url}/google/batch", data=data, headers=headers, timeout=5)


def assignment(kind: str, principal: str, account: str) -> Json:
    """Write an assignment as the sandbox's own API takes it."""
    return {"kind": kind, "principal": principal, "account": account, "permission_set": "Admin"}


@cache
def assertion_of(live: LiveSandbox) -> str:
    """Sign an assertion of the service account, as google-auth does."""
    key = live.sandbox.tokens.key_file()
    credentials: Any = GoogleCredentials.from_service_account_info(
        key, scopes=[f"{ROOT}user.readonly"], subject=live.sandbox.admin
    )
    signed: str = credentials._make_authorization_grant_assertion()  # noqa: SLF001 # what its refresh() sends
    return signed


@cache
def google_token(live: LiveSandbox) -> str:
    """Get a token once: signing for one takes longer than all the rest."""
    scopes = [f"{ROOT}{name}.readonly" for name in ("user", "group", "group.member", "domain")]
    key = live.sandbox.tokens.key_file()
    credentials: Any = GoogleCredentials.from_service_account_info(key, scopes=scopes, subject=live.sandbox.admin)
    credentials.refresh(Request())
    return str(credentials.token)


def live_posts(live: LiveSandbox) -> list[Any]:
    return [post.card for post in live.sandbox.teams.posts]
