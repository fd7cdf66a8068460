"""What can be wrong with a certificate that somebody hands us. The messages say what to do."""

from access.errors import Refused, Unavailable


class BadAuthority(Refused):
    """This cannot be an authority of ours: no CA, over, or the key is another one's."""


class BadRequest(Refused):
    """A certificate cannot be made of this: a request that nobody has signed, or a time that is too long."""


class NoAuthority(Refused):
    """An organization has no authority that issues certificates."""


class UnknownCertificate(Refused):
    """There is no such certificate."""


class BadAnswer(Unavailable):
    """A list of revocations or an OCSP answer proves nothing: not signed by whom it should, or too old."""
