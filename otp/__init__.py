"""One-time passwords: tokens and their verification, without clock, randomness or storage.

TYPES is the table of the kinds of token there are. A new kind is one file and one line here.
"""

from collections.abc import Mapping
from types import MappingProxyType

from otp import hotp, totp
from otp.kinds import Kind, TokenType

TYPES: Mapping[Kind, TokenType] = MappingProxyType(
    {
        Kind.TOTP: TokenType(totp.candidates, totp.distant, totp.wide, totp.follows, totp.drift),
        Kind.HOTP: TokenType(hotp.candidates, hotp.distant, hotp.wide, hotp.follows, hotp.drift),
    }
)
