"""What Entra's login answers when it refuses, as sentences with the next step.

The codes are those of "Microsoft Entra authentication and authorization error codes"; the page says that they may
change, so that a code that is not known here is passed on in Entra's own words.
"""

import re
from collections.abc import Mapping

from sso_sync.core.errors import CredentialsError
from sso_sync.core.wording import one_line
from sso_sync.settings import EntraIdSettings

APP = "Entra admin center, App registrations, the app"
FEDERATED = f"{APP}, Certificates & secrets, Federated credentials"
NEW_SECRET = f"make a new one ({APP}, Certificates & secrets) and store its value, not its id"
NO_TENANT = "there is no such tenant; correct 'tenant', or 'login_url' in a national cloud"
WRONG_KEY = (
    "the certificate is not one of the app registration's, or its key is another; upload the certificate "
    f"({APP}, Certificates & secrets)"
)
NO_MATCH = (
    "no federated credential of the app registration fits the token of AWS; compare its issuer, its subject (the ARN "
    f"of the role) and its audience with {FEDERATED}, to the letter"
)
REASONS: Mapping[int, str] = {
    7000215: f"the client secret is wrong; {NEW_SECRET}",
    7000222: f"the client secret has expired; {NEW_SECRET}",
    7000216: "the app registration takes no client secret of this form; make a new one",
    700016: "the app registration is not in this tenant; correct 'client_id' and 'tenant'",
    700027: WRONG_KEY,
    700024: "the time of this machine, or that of the token, is not Entra's; set the clock, then run again",
    90002: NO_TENANT,
    900023: NO_TENANT,
    7000112: "the app registration is disabled; switch it on (Entra admin center, Enterprise applications, Properties)",
    7000229: "the app registration has no service principal in this tenant; grant it consent there "
    f"({APP}, API permissions, Grant admin consent)",
    70021: NO_MATCH,
    700211: f"no federated credential has the issuer of the token of AWS; correct the issuer ({FEDERATED})",
    700212: f"no federated credential has the audience of the token of AWS; correct the audience ({FEDERATED})",
    700213: "no federated credential has the subject of the token of AWS, the ARN of the role; correct the subject "
    f"({FEDERATED})",
    7002138: f"the subject of the federated credential has the ARN of the role in other case; correct it ({FEDERATED})",
    53003: "a Conditional Access policy for workload identities blocks the app; exclude it from the policy",
}
ADDITIONS = r"\s*(Trace ID|Correlation ID|Timestamp):.*"  # what Entra ends its sentences with


def refused(answer: Mapping[str, object], settings: EntraIdSettings) -> CredentialsError:
    """Say why Entra refused to sign in; secrets are in no answer."""
    said = str(answer.get("error_description") or answer.get("error") or "it does not say why")
    codes = [int(code) for code in re.findall(r"AADSTS(\d+)", said)]
    why = next((REASONS[code] for code in codes if code in REASONS), "")
    words = one_line(re.sub(ADDITIONS, "", said, flags=re.DOTALL), 300).rstrip(".")
    return CredentialsError(
        f"Cannot sign in to Microsoft Entra ID as {settings.client_id} in {settings.tenant}: {why or words}"
        + (f" (AADSTS{codes[0]})." if why else ".")
    )
