"""What moves a secret into an authenticator app: the otpauth link, and the same key to type by hand.

The link is the one of the key-uri format (github.com/google/google-authenticator/wiki/Key-Uri-Format).
Both exist only while the token is pending: afterwards nobody, no administrator either, sees the secret.
"""

import unicodedata
from base64 import b32encode

from pyotp.utils import build_uri

from otp.errors import SecretWithheld
from otp.kinds import Kind
from otp.token import State, Token

_GROUP = 4


def provisioning_uri(token: Token, issuer: str, account: str) -> str:
    """Return the otpauth link; the app lists the token as issuer (the company) and account (user@company).

    What every app takes for granted (SHA1, 6 digits, 30 seconds) is left out. Colons, which the format
    forbids in a label, and control characters become spaces. Raises SecretWithheld.
    """
    return build_uri(
        _key(token),
        _label(account),
        issuer=_label(issuer),
        algorithm=token.algorithm.value.lower(),
        digits=token.digits,
        period=token.period_s,
        initial_count=token.last_step + 1 if token.kind is Kind.HOTP else None,
    )


def key_to_type(token: Token) -> str:
    """Return the secret in base32, in groups of four, for a phone that cannot scan. Raises SecretWithheld."""
    key = _key(token)
    return " ".join(key[start : start + _GROUP] for start in range(0, len(key), _GROUP))


def _key(token: Token) -> str:
    if token.state is not State.PENDING:
        raise SecretWithheld(
            f"the secret of a token that is {token.state.value} is not shown again; enrol a new token instead"
        )
    return b32encode(token.secret).decode().rstrip("=")


def _label(text: str) -> str:
    plain = "".join(" " if unicodedata.category(c) == "Cc" or c == ":" else c for c in text)
    return " ".join(plain.split())
