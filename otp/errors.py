"""What the package raises. A wrong code is never an error: it is an Outcome."""


class OtpError(Exception):
    """The root of everything this package raises on purpose."""


class BadToken(OtpError):
    """A token was described with values outside its standard: whoever made it has to correct it."""


class SecretWithheld(OtpError):
    """The secret of a token was asked for outside the only time it may be shown, its enrolment."""
