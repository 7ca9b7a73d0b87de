"""What the SCIM endpoint says about itself: its features, resource types and schemas.

Sources: the guide's pages ServiceProviderConfig, ListResourceTypes, ListSchemas and GetSchema; which
attributes there are, "Limitations from SCIM specification" and CreateUser.
"""

import re
from typing import Any

from sandbox.identity_center.scim_records import ENTERPRISE_SCHEMA, GROUP_SCHEMA, USER_SCHEMA

Json = dict[str, Any]
DOCUMENTATION = "https://docs.aws.amazon.com/singlesignon/latest/userguide"
RESOURCE_TYPE_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:ResourceType"

SERVICE_PROVIDER_CONFIG: Json = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
    "documentationUri": f"{DOCUMENTATION}/manage-your-identity-source-idp.html",
    "authenticationSchemes": [
        {
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "Authentication scheme using the OAuth Bearer Token Standard",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "documentationUri": f"{DOCUMENTATION}/provision-automatically.html",
            "primary": True,
        }
    ],
    "patch": {"supported": True},
    "bulk": {"supported": False, "maxOperations": 1, "maxPayloadSize": 1048576},
    "filter": {"supported": True, "maxResults": 50},  # as the page has it, though listings give 100 by now
    "changePassword": {"supported": False},
    "sort": {"supported": False},
    "etag": {"supported": False},
}


def resource_types(root: str) -> list[Json]:
    """Return the resource types; `root` is the address of the endpoint."""
    extended = {"schemaExtensions": [{"schema": ENTERPRISE_SCHEMA, "required": True}]}  # true in the guide, too
    return [
        _resource_type(root, "User", "User Account", USER_SCHEMA) | extended,
        _resource_type(root, "Group", "Group", GROUP_SCHEMA),
    ]


def _resource_type(root: str, name: str, description: str, schema: str) -> Json:
    return {
        "schemas": [RESOURCE_TYPE_SCHEMA],
        "id": name,
        "name": name,
        "endpoint": f"/{name}s",
        "description": description,
        "schema": schema,
        "meta": {"resourceType": "ResourceType", "location": f"{root}/ResourceTypes/{name}"},
    }


def _attribute(name: str, kind: str = "string", *parts: Json, required: bool = False, **more: Any) -> Json:
    shown: Json = {
        "name": name,
        "type": kind,
        "multiValued": False,
        "description": re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.lstrip("$")).capitalize(),
        "required": required,
        "mutability": "readWrite",
        "returned": "default",
    }
    if kind == "string":
        shown |= {"caseExact": False, "uniqueness": "none"}
    return shown | more | ({"subAttributes": list(parts)} if parts else {})


def _list_of(name: str, *parts: str) -> Json:
    inner = [_attribute(part) for part in (*parts, "type")]
    return _attribute(name, "complex", *inner, _attribute("primary", "boolean"), multiValued=True)


_USER = [
    _attribute("userName", required=True, uniqueness="server"),
    _attribute(
        "name",
        "complex",
        _attribute("formatted"),
        _attribute("familyName", required=True),
        _attribute("givenName", required=True),
        *(_attribute(part) for part in ("middleName", "honorificPrefix", "honorificSuffix")),
        required=True,
    ),
    _attribute("displayName", required=True),
    _attribute("nickName"),
    _attribute("profileUrl", "reference", referenceTypes=["external"]),
    *(_attribute(name) for name in ("title", "userType", "preferredLanguage", "locale", "timezone")),
    _attribute("active", "boolean"),
    _list_of("emails", "value"),
    _list_of("addresses", "formatted", "streetAddress", "locality", "region", "postalCode", "country"),
    _list_of("phoneNumbers", "value"),
    _list_of("roles", "value"),
]
_GROUP = [
    _attribute("displayName", required=True, uniqueness="server"),
    _attribute(
        "members",
        "complex",
        _attribute("value", mutability="immutable"),
        _attribute("$ref", "reference", referenceTypes=["User"], mutability="immutable"),
        _attribute("type", mutability="immutable", canonicalValues=["User"]),
        multiValued=True,
    ),
]
_ENTERPRISE = [
    *(_attribute(name) for name in ("employeeNumber", "costCenter", "organization", "division", "department")),
    _attribute("manager", "complex", _attribute("value"), _attribute("$ref", "reference", referenceTypes=["User"])),
]
SCHEMAS: list[Json] = [
    {"id": USER_SCHEMA, "name": "User", "description": "User Account", "attributes": _USER},
    {"id": GROUP_SCHEMA, "name": "Group", "description": "Group", "attributes": _GROUP},
    {"id": ENTERPRISE_SCHEMA, "name": "EnterpriseUser", "description": "Enterprise User", "attributes": _ENTERPRISE},
]
