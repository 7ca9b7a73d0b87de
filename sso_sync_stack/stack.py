"""The stack: a list of capabilities, and who may use which."""

from collections.abc import Mapping

from aws_cdk import Aws, CfnOutput, Duration, Environment, FileSystem, Stack, Tags
from constructs import Construct

from sso_sync.aws.stacks import OUTPUT
from sso_sync.settings import AdSyncSettings, DocumentationSettings, Settings
from sso_sync.settings.deployed import DEPLOYMENT_VARIABLE, sha256, split
from sso_sync.settings.loading import CONFIG_VARIABLE
from sso_sync.settings.references import optional, required
from sso_sync.settings.types import DeploymentSettings
from sso_sync_stack.ad_sync import grant_sync_filters
from sso_sync_stack.approvals import Approvals
from sso_sync_stack.bundling import Bundle
from sso_sync_stack.config_file import ConfigFile
from sso_sync_stack.directories import grant_sign_in
from sso_sync_stack.encryption import Encryption
from sso_sync_stack.filters import GroupFilters
from sso_sync_stack.function import SyncFunction
from sso_sync_stack.identity_center import grant_identity_center
from sso_sync_stack.permissions import allow
from sso_sync_stack.schedule import Schedule, longest_wait
from sso_sync_stack.secrets import Secrets
from sso_sync_stack.storage import Storage
from sso_sync_stack.sync_on_deploy import SyncOnDeploy


class SsoSyncStack(Stack):
    """Everything that one deployment needs, named by `deployment.name` of its settings.

    `function_environment` is for a local AWS. Raises SettingsError if the settings cannot be deployed.
    """

    def __init__(
        self,
        scope: Construct,
        settings: Settings,
        bundle: Bundle,
        *,
        function_environment: Mapping[str, str] | None = None,
        env: Environment | None = None,
    ) -> None:
        parts = split(settings, "The config")
        deployment = settings.deployment or DeploymentSettings()
        super().__init__(
            scope, deployment.name, env=env, description="sso-sync: keeps IAM Identity Center equal to a directory"
        )
        self._settings, self._deployment = settings, deployment
        keep = deployment.on_destroy
        documentation = settings.documentation or DocumentationSettings()

        self._encryption = Encryption(
            self, "Encryption", name=deployment.name, keep="keep" in {keep.bucket, keep.secrets}
        )
        self._secrets = Secrets(
            self,
            "Secrets",
            names=[r.secret_name for r in (*required(settings), *optional(settings)) if r.secret_name],
            key=self._encryption.key,
            deployment=deployment.name,
            keep=keep.secrets == "keep",
        )
        self._filters = GroupFilters(self, "GroupFilters", deployment=deployment.name, filters=parts.filters)
        self._config = ConfigFile(self, "Config", content=parts.rest, folder=bundle.folder.parent)
        self._storage = Storage(
            self,
            "Storage",
            key=self._encryption.key,
            keep=keep.bucket == "keep",
            docs_folder=documentation.folder,
            keep_days=documentation.keep_days,
        )
        self._approvals = Approvals(self, "Approvals", deployment=deployment.name, approvers=deployment.approvers)
        filters_hash, config_hash = sha256(parts.filters), sha256(parts.rest)
        created = {
            "stack": Aws.STACK_ID,
            "bucket": self._storage.bucket.bucket_name,
            "secrets": dict(self._secrets.arns),
            "filters_parameter": self._filters.name,
            "filters_sha256": filters_hash,
            "config_sha256": config_hash,
            "approvals": self._approvals.path,
            "schedule": deployment.schedule,
            "time_zone": deployment.time_zone,
        }
        self._function = SyncFunction(
            self,
            "Function",
            deployment=deployment.name,
            bundle=bundle,
            environment={
                CONFIG_VARIABLE: self._config.url,
                DEPLOYMENT_VARIABLE: self.to_json_string(created),
                **(function_environment or {}),
            },
            memory=deployment.memory,
            timeout=Duration.seconds(deployment.timeout),
            longest_wait=longest_wait(deployment.schedule),
            log_retention_days=deployment.log_retention_days,
            vpc=deployment.vpc,
        )
        self._grant(documentation)
        sync = SyncOnDeploy(
            self,
            "OnDeploy",
            function=self._function.sync,
            timeout_seconds=deployment.timeout,
            changes_with={
                "Filters": filters_hash,
                "Config": config_hash,
                "Code": FileSystem.fingerprint(str(bundle.folder)),
            },
            on_destroy=keep,
        )
        # Last to come and first to go: everything that a sync needs is there whenever it runs.
        sync.node.add_dependency(self._encryption, self._secrets, self._filters, self._storage, self._function)
        if deployment.schedule != "off":
            schedule = Schedule(self, "Schedule", settings=deployment, function=self._function.sync)
            # Gone before a removal of identities begins, or its next run would bring them back.
            schedule.node.add_dependency(sync)
        created["function"] = self._function.sync.function_name
        created["approver"] = self._approvals.role.role_arn
        CfnOutput(self, "Summary", value=sync.summary, description="What the last deployment's sync said")
        CfnOutput(self, OUTPUT, value=self.to_json_string(created), description="For the sso-sync command")
        Tags.of(self).add("sso-sync", deployment.name)

    def _grant(self, documentation: DocumentationSettings) -> None:
        sync, crash = self._function.sync_role, self._function.crash_role
        for role in (sync, crash):
            self._config.grant_read(role)
            self._storage.grant_publish(role, folder=documentation.folder, other=documentation.bucket or "")
            self._encryption.grant_use(role, services=["s3", "secretsmanager"])
            allow(role, "KnowOwnStack", ["cloudformation:DescribeStacks"], [self.stack_id])
            if self._settings.events:
                buses = f"arn:{Aws.PARTITION}:events:{Aws.REGION}:{Aws.ACCOUNT_ID}:event-bus"
                allow(role, "PutEvents", ["events:PutEvents"], [f"{buses}/{self._settings.events.bus}"])
        self._filters.grant_read(sync)
        self._secrets.grant_read(sync, [*required(self._settings), *optional(self._settings)])
        self._secrets.grant_read(crash, optional(self._settings))
        self._storage.grant_state(sync, other=self._settings.state or "")
        self._storage.grant_notes(crash, deployment=self._deployment.name, other=self._settings.state or "")
        if self._deployment.on_destroy.bucket == "delete":
            self._storage.grant_empty(sync)
        grant_sign_in(sync, self._settings.sources)
        center, by_aws = self._settings.identity_center, isinstance(self._settings.sources[0], AdSyncSettings)
        grant_sync_filters(sync, self._settings.sources, center)
        grant_identity_center(sync, center, accounts=documentation.accounts, by_aws=by_aws)
        self._approvals.grant_read(sync)
        self._storage.grant_read_refusals(self._approvals.role, other=self._settings.state or "")
        if not self._settings.state:
            self._encryption.grant_decrypt(self._approvals.role, services=["s3"])
