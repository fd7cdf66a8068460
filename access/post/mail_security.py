"""How a connection to the mail server may be protected."""

from enum import StrEnum


class Security(StrEnum):
    """How a connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"
