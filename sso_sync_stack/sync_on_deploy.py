"""The custom resource: whenever filters, config or code change, a deployment syncs, and fails if that fails."""

from collections.abc import Mapping

from aws_cdk import CustomResource, Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from sso_sync.settings.types import OnDestroySettings

# CloudFormation waits this much longer than the function may run, for the event to arrive and the answer to be read.
GRACE = 180  # seconds


class SyncOnDeploy(Construct):
    """Invokes the function directly; its own answer is what CloudFormation hears.

    No Provider framework: its errors are unreadable, and its own wait collides with runs under way.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        function: lambda_.IFunction,
        timeout_seconds: int,
        changes_with: Mapping[str, str],
        on_destroy: OnDestroySettings,
    ) -> None:
        super().__init__(scope, id_)
        self._resource = CustomResource(
            self,
            "Sync",
            service_token=function.function_arn,
            resource_type="Custom::SsoSync",
            service_timeout=Duration.seconds(timeout_seconds + GRACE),
            properties={
                **changes_with,
                "IdentitiesOnDestroy": on_destroy.identities,
                "BucketOnDestroy": on_destroy.bucket,
            },
        )

    @property
    def summary(self) -> str:
        """Return what the sync said, as a token."""
        return self._resource.get_att_string("Summary")
