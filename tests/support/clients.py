"""A well-formed call of every operation of every stand-in, as it goes over the wire."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode

import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from google.auth.transport.requests import Request
from google.oauth2.service_account import Credentials as GoogleCredentials

from sandbox.entra_id.company import APPLICATION_ID, guid
from sandbox.google.token import GRANT_TYPE, ROOT
from sandbox.identity_center.assignments import replace_assignments
from sandbox.identity_center.signature import ACCESS_KEY, SECRET_KEY
from sandbox.identity_sync.profile import PROFILE
from tests.support import google, okta
from tests.support.ad_sync import DOMAIN
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
    "roleAssignments.list": "customer/my_customer/roleassignments",
    "roles.list": "customer/my_customer/roles",
    "schemas.list": "customer/my_customer/schemas",
}
OKTA = {"listUsers": "users?limit=2", "listGroups": "groups?limit=2", "listGroupUsers": "groups/{group}/users?limit=2"}


GRAPH = {
    "users.list": "users?$select=id,userPrincipalName",
    "users.get": f"users/{guid('u1')}",
    "groups.list": "groups?$top=2",
    "groups.get": f"groups/{guid('g-a')}",
    "members.list": f"groups/{guid('g-a')}/members",
    "appRoleAssignedTo.list": f"servicePrincipals(appId='{APPLICATION_ID}')/appRoleAssignedTo",
    "applications.get": f"applications(appId='{guid('client sso-sync')}')",
    "organization.list": "organization",
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
        self.sync = live.sandbox.sync_profile
        self.sync.empty()
        live.switch(active_directory=DOMAIN)
        self.sync.create(PROFILE, f"arn:aws:ds:us-east-1:{'0' * 12}:directory/{store.store_id}", "us-east-1")
        self.sync.create_target("main", f"identitystore/{store.store_id}")
        self.filter = self.sync.put_filter("GROUP", "a", DOMAIN, "EXCLUDE")["SyncFilterId"]
        self.sync.put_filter("GROUP", "gone", DOMAIN, "EXCLUDE")

    def state(self) -> str:
        """Show all that a call can change."""
        store = self.store
        posts = live_posts(self.live)
        return repr((store.users, store.groups, store.memberships, self.sync.filters, self.sync.targets, posts))

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

    def identity_sync(self, method: str, path: str, body: Json | None = None) -> Call:
        """Call the API of AD sync, at a path below /v0/."""
        data, headers = "" if body is None else json.dumps(body), {"Content-Type": "application/json"}
        signed = AWSRequest(method, f"{self.live.url}/identity-sync/v0/{path}", headers=headers, data=data)
        SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "identity-sync", "us-east-1").add_auth(signed)
        url, sent = str(signed.url), dict(signed.headers)
        return lambda: requests.request(method, url, data=data, headers=sent, timeout=5)

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

    def okta(self, path: str) -> Call:
        """Ask for something of Okta's, `{group}` being its first group that is not built in."""
        group = next(i for i, one in self.live.sandbox.okta.organisation.groups.items() if one["type"] == "OKTA_GROUP")
        return lambda: okta.get(self.live, path.format(group=group))

    def graph(self, path: str) -> Call:
        headers = {"Authorization": f"Bearer {entra_token(self.live)}"}
        url = f"{self.live.sandbox.entra.graph_url}/v1.0/{path}"
        return lambda: requests.get(url, headers=headers, timeout=5)

    def sts(self, **parameters: str) -> Call:
        """Call STS by the Query protocol; what GetWebIdentityToken needs is there."""
        needed = {"Audience.member.1": "api://AzureADTokenExchange", "SigningAlgorithm": "RS256"}
        form = urlencode({"Version": "2011-06-15"} | needed | parameters)
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        signed = AWSRequest("POST", f"{self.live.url}/sts/", headers=headers, data=form)
        SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "sts", "us-east-1").add_auth(signed)
        url = str(signed.url)
        return lambda: requests.post(url, data=signed.data, headers=dict(signed.headers), timeout=5)

    def operations(self) -> dict[tuple[str, str], Call]:
        """List every operation of every stand-in: (system, operation) → call."""
        posted = message(card(TITLE))
        batched = {"requests": [{"id": "1", "method": "GET", "url": f"/{GRAPH['users.get']}"}]}
        return {
            **{("identity_store", operation): call for operation, call in self._of_identity_store().items()},
            **{("scim", operation): call for operation, call in self._of_scim().items()},
            **{("google", operation): self.google(path) for operation, path in GOOGLE.items()},
            ("google", "batch"): self._batch(),
            ("google_oauth", "token"): self._token(),
            ("google_sts", "token"): lambda: google.exchange(self.live, google.exchange_form()),
            ("google_iam", "signJwt"): self._sign_jwt(),
            **{("okta", operation): self.okta(path) for operation, path in OKTA.items()},
            ("okta_oauth", "token"): lambda: okta.ask_for_token(self.live),
            **{("entra", operation): self.graph(path) for operation, path in GRAPH.items()},
            ("entra", "batch"): self.graph_batch(batched),
            ("entra_login", "openid-configuration"): lambda: requests.get(
                f"{entra_url(self.live)}/v2.0/.well-known/openid-configuration", timeout=5
            ),
            ("entra_login", "token"): lambda: ask_for_entra_token(self.live),
            **{("identity_sync", operation): call for operation, call in self._of_identity_sync().items()},
            ("directory_service", "DescribeDirectories"): self.aws(
                "ds", "DirectoryService_20150416", "directory-service", "DescribeDirectories", {}
            ),
            ("sts", "GetWebIdentityToken"): self.sts(Action="GetWebIdentityToken"),
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

    def _of_identity_sync(self) -> dict[str, Call]:
        """List all operations but CreateSyncProfile, which is refused where all others can be called."""
        path = f"profiles/{PROFILE}"
        names = json.dumps({"samaccountname": ["b"], "associateddomain": [DOMAIN]})
        target = {"SyncTargetName": "new", "TargetResourceArn": f"identitystore/{self.store.store_id}"}
        wanted = {"FilterType": "GROUP", "Effect": "INCLUDE", "Attributes": names}
        return {
            "GetSyncProfile": self.identity_sync("GET", path),
            "ListSyncFilters": self.identity_sync("GET", f"{path}/filters?FilterType=GROUP&MaxResults=1"),
            "CreateSyncFilter": self.identity_sync("POST", f"{path}/filters?Augmentation=true", wanted),
            "DeleteSyncFilter": self.identity_sync("DELETE", f"{path}/filters/{self.filter}"),
            "GetSyncTarget": self.identity_sync("GET", f"{path}/targets/main"),
            "CreateSyncTarget": self.identity_sync("POST", f"{path}/targets", target),
            "StartSync": self.identity_sync("POST", f"{path}/startSync", {}),
        }

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

    def _sign_jwt(self) -> Call:
        bearer, body = f"Bearer {google.federated_token(self.live)}", {"payload": json.dumps(google.claims(self.live))}
        return lambda: google.sign(self.live, bearer, body)

    def graph_batch(self, body: Any) -> Call:
        headers = {"Authorization": f"Bearer {entra_token(self.live)}", "Content-Type": "application/json"}
        url = f"{self.live.sandbox.entra.graph_url}/v1.0/$batch"
        return lambda: requests.post(url, data=json.dumps(body), headers=headers, timeout=5)

    def _batch(self) -> Call:
        part = "--b\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nGET {} HTTP/1.1\r\n\r\n\r\n--b--\r\n"
        data = part.format("/google/admin/directory/v1/users/u1").encode()
        headers = {
            "Authorization": f"Bearer {google_token(self.live)}",
            "Content-Type": "multipart/mixed; boundary=b",
        }
        return lambda: requests.post(f"{self.live.url}/google/batch", data=data, headers=headers, timeout=5)


def entra_url(live: LiveSandbox) -> str:
    """Return where the tenant's login is."""
    return f"{live.sandbox.entra.login_url}/{live.sandbox.entra.tenant_id}"


def ask_for_entra_token(live: LiveSandbox, **changed: str) -> requests.Response:
    """Ask Entra's login for an access token with the client secret."""
    app = live.sandbox.entra.app
    form = {
        "grant_type": "client_credentials",
        "client_id": app.client_id,
        "client_secret": app.secrets[0].text,
        "scope": f"{live.sandbox.entra.graph_url}/.default",
    }
    return requests.post(f"{entra_url(live)}/oauth2/v2.0/token", data=form | changed, timeout=5)


@cache
def entra_token(live: LiveSandbox) -> str:
    """Get an access token that may read everything that the stand-in has."""
    live.sandbox.entra.app.roles |= {"Organization.Read.All"}
    return str(ask_for_entra_token(live).json()["access_token"])


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
    names = ("user", "group", "group.member", "domain", "rolemanagement", "userschema")
    scopes = [f"{ROOT}{name}.readonly" for name in names]
    key = live.sandbox.tokens.key_file()
    credentials: Any = GoogleCredentials.from_service_account_info(key, scopes=scopes, subject=live.sandbox.admin)
    credentials.refresh(Request())
    return str(credentials.token)


def live_posts(live: LiveSandbox) -> list[Any]:
    return [post.card for post in live.sandbox.teams.posts]
