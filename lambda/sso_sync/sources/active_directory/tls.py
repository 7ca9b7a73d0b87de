"""TLS to a domain controller: its certificate and its host name are always verified."""

import socket
import ssl
from typing import Any

from ldap3 import Tls

# As OpenSSL numbers them (X509_V_ERR_…, x509_vfy.h).
_EXPIRED, _NOT_YET, _OTHER_NAME, _OTHER_ADDRESS = 10, 9, 62, 64
_UNKNOWN_CA = (2, 18, 19, 20, 21)


class VerifiedTls(Tls):
    """Lets Python verify chain and host name in the handshake; ldap3's own check of names knows fewer forms.

    `refusal` is why the certificate was not accepted, `certificate` the one that was.
    """

    def __init__(self, ca_certificate: str) -> None:
        """Take the CA's certificate as PEM, empty for those that the system trusts; raises ssl.SSLError."""
        super().__init__(validate=ssl.CERT_REQUIRED)
        pem = ca_certificate.encode("ascii", "ignore").decode()  # files of CAs have comments in any language
        self._context = ssl.create_default_context(cadata=pem or None)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.refusal: ssl.SSLCertVerificationError | None = None
        self.certificate: dict[str, Any] = {}

    def wrap_socket(self, connection: Any, do_handshake: bool = False) -> None:
        plain: socket.socket = connection.socket
        try:
            secure = self._context.wrap_socket(
                plain, do_handshake_on_connect=do_handshake, server_hostname=connection.server.host
            )
        except ssl.SSLCertVerificationError as exc:
            self.refusal = exc
            raise
        self.certificate = dict(secure.getpeercert() or {})
        connection.socket = secure


def why_refused(refusal: ssl.SSLCertVerificationError, host: str) -> str:
    """Say in a sentence why a certificate was not accepted, and what to do."""
    said = refusal.verify_message
    if refusal.verify_code in {_OTHER_NAME, _OTHER_ADDRESS}:
        return (
            f"The certificate of {host} is for another host name; write the server in the config as its certificate "
            "does (its subject alternative names), or give the domain controller a certificate with this name."
        )
    if refusal.verify_code == _EXPIRED:
        return f"The certificate of {host} has expired; renew it on the domain controller."
    if refusal.verify_code == _NOT_YET:
        return f"The certificate of {host} is not valid yet; compare the clocks of the domain controller and of this."
    if refusal.verify_code in _UNKNOWN_CA:
        return (
            f"The certificate of {host} was issued by a CA that is not known here ({said}); set 'ca_certificate' to "
            "the certificate of your CA (its root, as PEM)."
        )
    return f"The certificate of {host} is not accepted ({said})."
