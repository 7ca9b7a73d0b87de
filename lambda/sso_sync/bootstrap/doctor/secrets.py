"""Every secret that the config names: stored, awaited, or out of reach."""

from collections.abc import Iterator

import msgspec

from sso_sync.bootstrap.credentials import how_to_keep
from sso_sync.bootstrap.doctor.known import Known, not_looked_at
from sso_sync.core.errors import CredentialsAwaited
from sso_sync.core.findings import Finding, Mark, look_at
from sso_sync.settings.references import Reference, optional, required


def examine_secrets(known: Known) -> Iterator[Finding]:
    """Read every secret, the ones first without which no run is possible."""
    for reference in required(known.settings):
        yield _look(known, reference, Mark.PROBLEM)
    for reference in optional(known.settings):
        yield _look(known, reference, Mark.WARNING)


def _look(known: Known, reference: Reference, otherwise: Mark) -> Finding:
    subject, secrets = f"Secrets: {reference.what.removeprefix('the ')}", known.ground.secrets
    if why := known.why_not(reference.text):
        return not_looked_at(subject, why)
    awaited = False

    def read() -> str:
        nonlocal awaited
        try:
            known.texts[reference.path] = secrets.read(reference.text, reference.what)
        except CredentialsAwaited:
            awaited = True
            raise
        since = secrets.since(reference.text)
        return f"It is in {reference.text}{f', stored on {since:%Y-%m-%d}' if since else ''}."

    grant = known.grant("ssm:GetParameter" if ":ssm:" in reference.text else "secretsmanager:GetSecretValue")
    finding = look_at(subject, read, otherwise=otherwise, grant=grant)
    if not awaited:
        return finding
    said, remedy = f"Nothing is stored in {reference.text} yet.", f"{how_to_keep(reference.text)}."
    return msgspec.structs.replace(finding, said=said, remedy=remedy[0].upper() + remedy[1:])
