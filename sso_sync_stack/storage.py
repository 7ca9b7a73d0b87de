"""The bucket: state under state/, documentation under its prefix, private, versioned, encrypted, TLS only."""

from aws_cdk import Aws, Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from sso_sync_stack.permissions import acknowledge, allow

OLD_VERSIONS_DAYS = 90
RECORDS_DAYS = 400  # a little more than a year, for the yearly audit


class Storage(Construct):
    """A bucket of the deployment's own, and what may be done with others that the config names."""

    def __init__(
        self, scope: Construct, id_: str, *, key: kms.IKey, keep: bool, docs_folder: str, keep_days: int
    ) -> None:
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
                *(  # written anew by every run, and large in a large company; runs that wrote have pages of their own
                    s3.LifecycleRule(
                        id=f"old-versions-of-{name}", prefix=prefix, noncurrent_version_expiration=Duration.days(1)
                    )
                    for name, prefix in (("notes", "state/notes/"), ("pages", docs_folder))
                    if prefix
                ),
                *(
                    s3.LifecycleRule(id=f"{name}-of-runs", prefix=prefix, expiration=Duration.days(days))
                    for name, prefix, days in (
                        ("records", "state/runs/", RECORDS_DAYS),
                        ("pages", f"{docs_folder}runs/", keep_days),
                    )
                ),
            ],
            removal_policy=RemovalPolicy.RETAIN if keep else RemovalPolicy.DESTROY,
        )
        acknowledge(self.bucket, "S1", "CloudTrail's data events tell who read what; a log bucket would need one too")

    def grant_state(self, role: iam.Role, *, other: str) -> None:
        """Let a role keep the state: here, or under s3://bucket/prefix if `other` says so."""
        arn, folder = self._state(other)
        if other:
            _allow_key_of(role, arn, "State", ["kms:Decrypt", "kms:GenerateDataKey"])
        actions = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
        allow(
            role, "KeepState", actions, [f"{arn}/{folder}*"], because="ledgers, records and the lease have their names"
        )
        # Without it S3 calls a missing ledger forbidden instead of missing.
        allow(role, "TellMissingFromForbidden", ["s3:ListBucket"], [arn])

    def grant_notes(self, role: iam.Role, *, deployment: str, other: str) -> None:
        """Let a role keep what those who tell people of one deployment remember, wherever the state is."""
        arn, folder = self._state(other)
        if other:
            _allow_key_of(role, arn, "State", ["kms:Decrypt", "kms:GenerateDataKey"])
        notes = f"{arn}/{folder}notes/{deployment}/*"
        allow(role, "KeepNotes", ["s3:GetObject", "s3:PutObject"], [notes], because="each note has its own name")
        # Without it S3 calls a note that does not exist forbidden instead of missing.
        allow(role, "TellMissingFromForbidden", ["s3:ListBucket"], [arn])

    def grant_read_refusals(self, role: iam.Role, *, other: str) -> None:
        """Let a role read what waits for approval, wherever the state is."""
        arn, folder = self._state(other)
        if other:
            _allow_key_of(role, arn, "State", ["kms:Decrypt"])
        allow(role, "ReadRefusals", ["s3:GetObject"], [f"{arn}/{folder}refused/*"], because="each has its own name")
        # Without it S3 calls a refusal that does not exist forbidden instead of missing.
        allow(role, "TellMissingFromForbidden", ["s3:ListBucket"], [arn])

    def _state(self, other: str) -> tuple[str, str]:
        """Return the ARN of the bucket that holds the state, and the folder."""
        if not other:
            return self.bucket.bucket_arn, "state/"
        bucket, _, prefix = other.removeprefix("s3://").partition("/")
        return f"arn:{Aws.PARTITION}:s3:::{bucket}", f"{prefix.strip('/')}/" if prefix.strip("/") else ""

    def grant_empty(self, role: iam.Role) -> None:
        """Let a role delete everything in the bucket, every version of it."""
        allow(role, "ListToEmpty", ["s3:ListBucketVersions"], [self.bucket.bucket_arn])
        actions = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        allow(role, "Empty", actions, [f"{self.bucket.bucket_arn}/*"], because="the config says to delete it all")

    def grant_publish(self, role: iam.Role, *, folder: str, other: str) -> None:
        """Let a role write pages: here, or in a bucket named `other`."""
        arn = f"arn:{Aws.PARTITION}:s3:::{other}" if other else self.bucket.bucket_arn
        allow(role, "PublishPages", ["s3:PutObject"], [f"{arn}/{folder}*"], because="every run has a page of its own")
        if other:
            _allow_key_of(role, arn, "Pages", ["kms:Decrypt", "kms:GenerateDataKey"])


def _allow_key_of(role: iam.Role, bucket_arn: str, what: str, actions: list[str]) -> None:
    """Allow the key of a bucket that is not ours, whichever it is, for that bucket's objects only."""
    allow(
        role,
        f"UseTheKeyOf{what}",
        actions,
        [f"arn:{Aws.PARTITION}:kms:*:*:key/*"],
        conditions={
            "StringEquals": {"kms:ViaService": f"s3.{Aws.REGION}.amazonaws.com"},
            "StringLike": {"kms:EncryptionContext:aws:s3:arn": [bucket_arn, f"{bucket_arn}/*"]},
        },
        because="the key is that of a bucket whose name the config gives; the context names the bucket",
    )
