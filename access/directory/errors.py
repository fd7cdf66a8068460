"""What can go wrong with a directory, by whose fault it is."""

from access.errors import AccessError, Misconfigured, Unavailable


class DirectoryError(AccessError):
    """The root of what this package raises. The message says what happened and what to do."""


class DirectoryUnavailable(DirectoryError, Unavailable):
    """The world's fault: down, slow, silent, or closing on us. Trying again later may help."""


class DirectoryMisconfigured(DirectoryError, Misconfigured):
    """Ours: a wrong address, authority, account or base. The settings must change."""


class Untrusted(DirectoryMisconfigured):
    """The server's certificate, or the file it is to be checked against, is not what it has to be."""


class NoTls(DirectoryUnavailable):
    """The server refuses TLS, or breaks it off."""


class BadMessage(DirectoryUnavailable):
    """The server sent bytes that RFC 4511 or RFC 4533 forbid: close the connection and read again."""


class RefreshRequired(DirectoryUnavailable):
    """The server no longer knows where our cookie was (RFC 4533 section 2.3): read everything again."""


class BadName(DirectoryError):
    """A distinguished name that RFC 4514 does not allow."""
