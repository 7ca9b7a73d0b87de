"""The sync function, and the one that answers when it has died."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_lambda_destinations as destinations
from aws_cdk import aws_logs as logs
from constructs import Construct

from sso_sync.settings.types import VpcSettings
from sso_sync_stack.bundling import Bundle
from sso_sync_stack.network import Network
from sso_sync_stack.permissions import acknowledge_wildcard, allow

HANDLERS = "sso_sync.entrypoints.function"


class SyncFunction(Construct):
    """A function that syncs once when it is invoked, whoever does so."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        deployment: str,
        bundle: Bundle,
        environment: Mapping[str, str],
        memory: int,
        timeout: Duration,
        longest_wait: Duration,
        log_retention_days: int,
        vpc: VpcSettings | None,
    ) -> None:
        super().__init__(scope, id_)
        self._bundle, self._environment = bundle, environment
        self._log_retention_days = log_retention_days
        self.crash, self.crash_role = self._function(
            "Crash", "crash.handler", f"{deployment}: answers when the sync has died", 512, Duration.minutes(2)
        )
        # The function above stays outside: it must tell of a run that died of its network.
        self.sync, self.sync_role = self._function(
            "Sync",
            "handler.handler",
            f"{deployment}: makes Identity Center equal to the directory",
            memory,
            timeout,
            Network(self, "Network", settings=vpc) if vpc else None,
        )
        # Runs exclude each other by a lease; a second try of a run that died is the next run's business.
        self.sync.configure_async_invoke(
            retry_attempts=0,
            max_event_age=longest_wait,
            on_failure=destinations.LambdaDestination(self.crash),
        )
        acknowledge_wildcard(
            self.sync_role, f"{self.crash.function_arn}:*", "CDK's construct for destinations allows versions, too"
        )

    def _function(
        self,
        id_: str,
        handler: str,
        description: str,
        memory: int,
        timeout: Duration,
        network: Network | None = None,
    ) -> tuple[lambda_.Function, iam.Role]:
        log_group = logs.LogGroup(self, f"{id_}Logs", removal_policy=RemovalPolicy.DESTROY)
        as_template = cast("logs.CfnLogGroup", log_group.node.default_child)
        as_template.retention_in_days = self._log_retention_days
        role = iam.Role(self, f"{id_}Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        allow(
            role,
            "WriteLogs",
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [log_group.log_group_arn],
            because="the ARN of a log group ends in :*, which stands for its streams",
        )
        if network:
            network.grant_attach(role)
        target = self._bundle.platform
        function = lambda_.Function(
            self,
            id_,
            description=description,
            runtime=lambda_.Runtime(f"python{target.python}", lambda_.RuntimeFamily.PYTHON),
            architecture=lambda_.Architecture.ARM_64 if target.architecture == "arm64" else lambda_.Architecture.X86_64,
            code=lambda_.Code.from_asset(str(self._bundle.folder)),
            handler=f"{HANDLERS}.{handler}",
            role=role,
            memory_size=memory,
            timeout=timeout,
            environment=dict(self._environment),
            log_group=log_group,
            vpc=network.vpc if network else None,
            vpc_subnets=network.subnets if network else None,
            security_groups=network.security_groups if network else None,
        )
        return function, role
