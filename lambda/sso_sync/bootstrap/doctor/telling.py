"""Whoever is told about runs: Teams, the documentation, events. Nothing is posted or published."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from sso_sync.aws.trials import bucket_answers
from sso_sync.bootstrap.doctor.known import NOT_DEPLOYED, NOT_SIGNED_IN, Known, not_looked_at
from sso_sync.bootstrap.ground import safe_url
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.settings import DocumentationSettings
from sso_sync.settings.references import Reference, optional

# Where Workflows of Teams take cards, and the connectors that Microsoft has retired.
HOSTS = ("logic.azure.com", "environment.api.powerplatform.com", "api.powerautomate.com")
RETIRED = ("webhook.office.com", "outlook.office.com", "outlook.office365.com")


def examine_telling(known: Known) -> Iterator[Finding]:
    """Look at the addresses of Teams, at the bucket of the pages, and at what cannot be tried."""
    for reference in optional(known.settings):
        if text := known.texts.get(reference.path):
            yield _webhook(reference, text)
    yield _documentation(known)
    if known.settings.events:
        said = (
            f"That events can be put on the bus {known.settings.events.bus} was not tried, because that would put one."
        )
        yield Finding("Events: bus", Mark.NOTE, said)


def _webhook(reference: Reference, text: str) -> Finding:
    subject = f"Teams: {reference.path.rpartition('.')[2]}"
    finding = look_at(subject, lambda: safe_url(text, reference.what), otherwise=Mark.WARNING)
    if finding.mark is not Mark.GOOD:
        return finding
    host = urlsplit(text).hostname or ""
    if _is_in(host, RETIRED):
        said = f"The address is of a connector ({host}), which Microsoft has retired."
        return Finding(subject, Mark.WARNING, said, "Make a Workflow for the channel and store its address.")
    untried = "that a card arrives was not tried, because that would post one."
    if _is_in(host, HOSTS):
        return Finding(subject, Mark.GOOD, f"The address has the form of a Workflow's ({host}); {untried}")
    said = f"The address is not of a known host of Workflows ({host}); {untried}"
    return Finding(subject, Mark.NOTE, said)


def _is_in(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def _documentation(known: Known) -> Finding:
    subject, settings = "Documentation: bucket", known.settings.documentation or DocumentationSettings()
    if not settings.bucket and not known.ground.is_deployed:
        return Finding(subject, Mark.NOTE, "There is none, so that no pages are published.")
    if not known.signed_in:
        return not_looked_at(subject, NOT_SIGNED_IN)
    if not settings.bucket and not known.deployed:
        return not_looked_at(subject, NOT_DEPLOYED)
    bucket = settings.bucket or known.ground.deployment.bucket
    grant = f"{known.grant('s3:ListBucket')} A run needs s3:PutObject alone."
    return look_at(subject, lambda: bucket_answers(known.ground.aws, bucket), otherwise=Mark.WARNING, grant=grant)
