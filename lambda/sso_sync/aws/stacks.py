"""CloudFormation stacks: what one has created, and what is happening to it."""

import msgspec
from botocore.exceptions import BotoCoreError, ClientError

from sso_sync.core.errors import SettingsError, StateError
from sso_sync.http.boto import Aws
from sso_sync.http.boto_errors import error_code, translate
from sso_sync.settings.deployed import Deployment

OUTPUT = "Deployment"


def find_deployment(aws: Aws, stack: str) -> Deployment:
    """Return what the stack of this name has created.

    Raises SettingsError if there is no such stack, StateError or CredentialsError.
    """
    client = aws.cloudformation()
    try:
        stacks = client.describe_stacks(StackName=stack)["Stacks"]
    except ClientError as exc:
        if error_code(exc) == "ValidationError":
            missing = (
                f"there is no stack '{stack}' in {client.meta.region_name}; run cdk deploy first, or take the section "
                "'deployment' out of the config to work without one"
            )
            raise SettingsError("The deployment", [missing]) from exc
        raise translate(exc, f"look at the stack {stack}", StateError) from exc
    except BotoCoreError as exc:
        raise translate(exc, f"look at the stack {stack}", StateError) from exc
    outputs = {output.get("OutputKey"): output.get("OutputValue", "") for output in stacks[0].get("Outputs", [])}
    if OUTPUT not in outputs:
        status = stacks[0]["StackStatus"]
        why = (
            "was not made by this program; see deployment.name"
            if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
            else f"is not ready ({status}); if its creation has failed, run cdk destroy and deploy again"
        )
        raise SettingsError("The deployment", [f"the stack '{stack}' {why}"])
    return decode_deployment(outputs[OUTPUT])


def decode_deployment(text: str) -> Deployment:
    """Read what a stack says of itself; raises SettingsError."""
    try:
        return msgspec.json.decode(text, type=Deployment)
    except (msgspec.MsgspecError, UnicodeDecodeError) as exc:
        raise SettingsError("The deployment", [f"it was made by another version ({exc}); run cdk deploy"]) from exc
