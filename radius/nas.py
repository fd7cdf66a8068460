"""What the server must know about one NAS."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv6Address

from radius.eap.packet import EapType
from radius.questions import Method

IPAddress = IPv4Address | IPv6Address

PASSWORD_QUESTION = "Password: "  # noqa: S105 - asks for one


class MessageAuthenticatorPolicy(Enum):
    """What becomes of an Access-Request without EAP and without a Message-Authenticator."""

    REQUIRE = "require"  # dropped and counted
    AUTO = "auto"  # taken until this NAS has sent one, without EAP too, that holds; dropped from then on
    OFF = "off"  # taken


class CodeMode(Enum):
    """How a one-time code travels from this NAS."""

    NONE = "none"  # this NAS asks for a password only
    APPENDED = "appended"  # the last characters of the password are the code
    CHALLENGE = "challenge"  # asked for by an Access-Challenge after the password


@dataclass(frozen=True, slots=True)
class Nas:
    """A device that asks RADIUS.

    secrets has more than one entry while the secret is being changed; a packet may be made with any. A
    request that carries nothing made with the secret is read with the preferred one, by its place. signs
    says that it was seen to sign requests that need not be signed. via says what kind of access this NAS
    gives ("vpn", "wired", ...); radius does not read it. inside are the ways to log in inside of a tunnel
    that the application could accept here; None: any. question asks its people for their password.
    """

    key: str
    name: str
    secrets: tuple[bytes, ...] = field(repr=False)
    message_authenticator: MessageAuthenticatorPolicy = MessageAuthenticatorPolicy.REQUIRE
    code: CodeMode = CodeMode.NONE
    code_digits: int = 6
    via: str = ""
    eap_methods: tuple[EapType, ...] = ()
    inside: frozenset[Method] | None = None
    question: str = PASSWORD_QUESTION
    mab: bool = False
    vendor: str = "generic"
    preferred: int = 0
    signs: bool = False

    def __post_init__(self) -> None:
        if not self.secrets or not all(self.secrets):
            raise ValueError(f"NAS {self.name} has an empty secret: with that anybody could speak for it")


NasLookup = Callable[[IPAddress], Nas | None]
