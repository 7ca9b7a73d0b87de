"""What can be configured of the directories that people come from."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from sso_sync.core.model import AttributeName

Text = Annotated[str, Meta(min_length=1)]


class FilterSettings(Struct, frozen=True, kw_only=True):
    """A filter with a description that documentation and cards show."""

    match: Annotated[
        Text | Annotated[list[Text], Meta(min_length=1)],
        Meta(description="A pattern, or several that must all match: aws-*, name:Admins*, name=Exact, *"),
    ]
    description: Annotated[str, Meta(description="What the filter is for")] = ""


FilterItem = Text | FilterSettings


class SelectionSettings(Struct, frozen=True, kw_only=True):
    """Include and exclude filters; selected is what any include matches and no exclude does."""

    include: Annotated[list[FilterItem], Meta(description="What is wanted: any of these", min_length=1)]
    exclude: Annotated[list[FilterItem], Meta(description="What is ignored even so")] = []


class GoogleWorkspaceSettings(Struct, frozen=True, kw_only=True):
    """Google Workspace, read by a service account with domain-wide delegation."""

    type: Literal["google_workspace"]
    admin: Annotated[Text, Meta(description="E-mail of the administrator whom the service account acts for")]
    credentials: Annotated[
        Text,
        Meta(
            description="The service account's key: secret:NAME of the deployment, a file, env:VARIABLE, or the ARN "
            "of a secret or of an SSM parameter"
        ),
    ] = "secret:google-credentials"
    groups: Annotated[
        SelectionSettings,
        Meta(description="Groups to sync, by name or e-mail: aws-*, name:…, name=…, email:…"),
    ]
    method: Annotated[
        Literal["groups", "users_groups"],
        Meta(
            description="groups: only members of selected groups exist; users_groups: people are selected by "
            "'users' themselves"
        ),
    ] = "groups"
    users: Annotated[
        SelectionSettings | None,
        Meta(
            description="People to sync: name, email, org_unit, custom.SCHEMA.FIELD; with method groups it narrows "
            "down who of the members is wanted"
        ),
    ] = None
    include_suspended: Annotated[bool, Meta(description="Keep suspended people, as inactive users (needs SCIM)")] = (
        False
    )
    include_archived: Annotated[bool, Meta(description="Keep archived people, as inactive users (needs SCIM)")] = False
    group_name: Annotated[Literal["name", "email"], Meta(description="What a group is called in Identity Center")] = (
        "name"
    )
    user_name: Annotated[
        Text,
        Meta(description="JMESPath over Google's user that gives the user name; the SAML NameID must equal it"),
    ] = "primaryEmail"
    missing_name: Annotated[
        Text,
        Meta(description="Stands in for a given or family name that is missing; Identity Center demands both"),
    ] = "-"
    attributes: Annotated[
        dict[AttributeName, Text],
        Meta(description="Optional attributes, each a JMESPath over Google's user"),
    ] = {}
    customer: Annotated[Text, Meta(description="The Google customer id")] = "my_customer"
    root_url: Annotated[Text, Meta(description="Where the Directory API is; change it for tests only")] = (
        "https://admin.googleapis.com/"
    )
    queries_per_minute: Annotated[
        int, Meta(ge=60, le=1_000_000, description="Google's quota for the project and admin")
    ] = 2400
