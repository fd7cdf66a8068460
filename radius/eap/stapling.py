"""What an OCSP responder says about our certificate, shown along with it (RFC 9190 section 5.4)."""

from dataclasses import dataclass
from datetime import datetime

from cryptography.x509 import ocsp


@dataclass(frozen=True, slots=True)
class Stapled:
    """An OCSP response (DER) by which our certificate is good, and until when that counts."""

    response: bytes
    until: datetime

    def at(self, now: datetime) -> bytes:
        """Return the response while it counts, b"" later: a peer would take an old one for an attack."""
        return self.response if now < self.until else b""


def read_stapled(response: bytes) -> Stapled:
    """Return a response that may be shown. Raises ValueError, which says why another may not."""
    read = ocsp.load_der_ocsp_response(response)
    if read.response_status is not ocsp.OCSPResponseStatus.SUCCESSFUL or read.next_update_utc is None:
        raise ValueError("the OCSP response for our certificate holds no answer, or none with an end")
    if read.certificate_status is not ocsp.OCSPCertStatus.GOOD:
        raise ValueError("the OCSP response says that our certificate is not good")
    return Stapled(response, read.next_update_utc)
