"""The bucket: state under state/, documentation under its prefix, private, versioned, encrypted, TLS only."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sso_sync_stack.acknowledge import acknowledge

OLD_VERSIONS_DAYS = 90
RECORDS_DAYS = 400  # a little more than a year, for the yearly audit


class Storage(Construct):
    """A bucket of the deployment's own, and what may be done with others that the config names."""

    def __init__(self, scope: Construct, id_: str, *, key: kms.IKey, keep: bool, docs_folder: str) -> None:
        super().__init__(scope, id_)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS,
            encryption_key=key,
            bucket_key_enabled=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            enforce_ssl=True,
            versioned=True,
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="old-versions",
                    noncurrent_version_expiration=Duration.days(OLD_VERSIONS_DAYS),
                    abort_incomplete_multipart_upload_after=Duration.days(1),
                ),
                *(
                    s3.LifecycleRule(id=f"{name}-of-runs", prefix=prefix, expiration=Duration.days(RECORDS_DAYS))
                    for name, prefix in (("records", "state/runs/"), ("pages", f"{docs_folder}runs/"))
                ),
            ],
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
            auto_delete_objects=not keep,
        )
        acknowledge(self.bucket, "S1", "CloudTrail's data events tell who read what; a log bucket would need one too")

    def grant_state(self, grantee: iam.IGrantable, *, other: str) -> None:
        """Let a role keep the state: here, or under s3://bucket/prefix if `other` says so."""
        if not other:
            self._allow_state(grantee, self.bucket.bucket_arn, "state")
            return
        bucket, _, prefix = other.removeprefix("s3://").partition("/")
        arn = f"arn:{Aws.PARTITION}:s3:::{bucket}"
        self._allow_state(grantee, arn, prefix.strip("/"))
        self._allow_key_of(grantee, arn, "State")

    def grant_publish(self, grantee: iam.IGrantable, *, folder: str, other: str) -> None:
        """Let a role write pages: here, or in a bucket named `other`."""
        arn = f"arn:{Aws.PARTITION}:s3:::{other}" if other else self.bucket.bucket_arn
        _allow(grantee, "PublishPages", ["s3:PutObject"], [f"{arn}/{folder}*"])
        if other:
            self._allow_key_of(grantee, arn, "Pages")

    @staticmethod
    def _allow_state(grantee: iam.IGrantable, bucket_arn: str, prefix: str) -> None:
        below = f"{bucket_arn}/{prefix}/*" if prefix else f"{bucket_arn}/*"
        _allow(grantee, "KeepState", ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], [below])
        # Without it S3 calls a missing ledger forbidden instead of missing.
        _allow(grantee, "TellMissingFromForbidden", ["s3:ListBucket"], [bucket_arn])

    @staticmethod
    def _allow_key_of(grantee: iam.IGrantable, bucket_arn: str, what: str) -> None:
        """Allow the key of a bucket that is not ours, whichever it is, for that bucket's objects only."""
        grantee.grant_principal.add_to_principal_policy(
            iam.PolicyStatement(
                sid=f"UseTheKeyOf{what}",
                actions=["kms:Decrypt", "kms:GenerateDataKey"],
                resources=[f"arn:{Aws.PARTITION}:kms:*:*:key/*"],
                conditions={
                    "StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.amazonaws.com"},
                    "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket_arn, f"{bucket_arn}/*"]},
                },
            )
        )


def _allow(grantee: iam.IGrantable, sid: str, actions: list[str], resources: list[str]) -> None:
    grantee.grant_principal.add_to_principal_policy(iam.PolicyStatement(sid=sid, actions=actions, resources=resources))
