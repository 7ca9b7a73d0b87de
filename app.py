"""The CDK app: reads the config that -c config=FILE, SSO_SYNC_CONFIG or the default names, and makes the stack."""

import json
import os
import sys
from pathlib import Path

import aws_cdk as cdk

from sso_sync.core.errors import SsoSyncError
from sso_sync.settings import load_settings
from sso_sync.settings.loading import CONFIG_VARIABLE
from sso_sync_stack.bundling import AWS, BundlingError, build_bundle, this_machine
from sso_sync_stack.stack import SsoSyncStack


def main() -> None:
    """Synthesize; makes no call to AWS."""
    app = cdk.App()
    # Only the file counts: what a shell happens to override must not become a deployment.
    named = {name: value for name, value in os.environ.items() if name == CONFIG_VARIABLE}
    settings, _ = load_settings(app.node.try_get_context("config"), named)
    # For a local AWS (sandbox/README.md): endpoints that the function is to use, and code that this machine can run.
    local = json.loads(app.node.try_get_context("local_aws") or "{}")
    code = build_bundle(this_machine() if local else AWS, Path(app.outdir) / "bundle")
    region = settings.identity_center.region or os.environ.get("CDK_DEFAULT_REGION")
    environment = cdk.Environment(account=os.environ.get("CDK_DEFAULT_ACCOUNT"), region=region)
    SsoSyncStack(app, settings, code, function_environment=local, env=environment)
    app.synth()


if __name__ == "__main__":
    try:
        main()
    except (SsoSyncError, BundlingError) as exc:
        sys.exit(f"Error: {exc}")
