"""What an operator says of a NAS or an endpoint, checked; and the rows as the application keeps them."""

import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

from access.errors import Refused
from access.model import Reason, Via

IPAddress = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SHORTEST_SECRET = 16
GENERATED_SECRET_OCTETS = 24
LONGEST_NAME = 100
MAC_OCTETS = 6
GROUP = 0x01
LOCALLY_ADMINISTERED = 0x02
_MAC_SEPARATORS = str.maketrans("", "", "-:. ")
_HEX = frozenset("0123456789abcdefABCDEF")


class BadName(Refused):
    """Something cannot be called that; the message says what can be a name."""


class BadNas(Refused):
    """A NAS cannot be added as described; the message says what to change."""


class BadEndpoint(Refused):
    """An endpoint cannot be registered as described; the message says what to change."""


class Code(StrEnum):
    """How the one-time code travels from a NAS."""

    APPENDED = "appended"
    CHALLENGE = "challenge"
    NONE = "none"


class MessageAuthenticator(StrEnum):
    """Whether an Access-Request has to carry one (RFC 3579 section 3.2, and BlastRADIUS)."""

    REQUIRE = "require"
    AUTO = "auto"
    OFF = "off"


class EapMethod(StrEnum):
    """The outer EAP methods that a NAS can be allowed."""

    TLS = "tls"
    PEAP = "peap"
    TTLS = "ttls"
    MSCHAPV2 = "mschapv2"
    GTC = "gtc"
    MD5 = "md5"


# As long as the codes of tokens can be (otp.token).
CODE_DIGITS = (6, 7, 8)


@dataclass(frozen=True, slots=True)
class NasClient:
    """A device that asks RADIUS. id and gateway_id are row ids.

    secrets are opened: one, or the old and the new one while it is being changed. secrets_seen says when
    the NAS was last seen to use each, while there were two. eap_methods: the preferred one first, none for
    the usual ones. signs_since: when it was first seen to sign requests that need not be signed. code_digits:
    how long the code is that comes behind the password, one of CODE_DIGITS.
    """

    id: int
    organization_id: int
    name: str
    network: Network
    secrets: tuple[str, ...] = field(repr=False)
    via: Via
    code: Code = Code.APPENDED
    message_authenticator: MessageAuthenticator = MessageAuthenticator.REQUIRE
    vendor: str = "generic"
    site: str = ""
    nas_group: str = ""
    mab: bool = False
    eap: bool = True
    gateway_id: int | None = None
    coa_port: int = 3799
    enabled: bool = True
    eap_methods: tuple[EapMethod, ...] = ()
    signs_since: float | None = None
    secrets_seen: tuple[float | None, float | None] = (None, None)
    code_digits: int = 6

    @property
    def preferred(self) -> int:
        """The place of the secret that it was last seen to use."""
        old, new = self.secrets_seen
        uses_new = len(self.secrets) > 1 and new is not None and (old is None or new >= old)
        return 1 if uses_new else 0


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Something that logs in by its MAC address, as aa-bb-cc-dd-ee-ff, until valid_until if that is set.

    owner_id: the account that answers for it; None: nobody. owner: what that is called, name@organization;
    where there is nobody, whom it was registered to.
    dot1x_at and dot1x_place: when and where the same address last logged in by 802.1X. phone: its port is
    never bounced. managed: an administrator, or an import, says that the company manages it.
    """

    id: int
    organization_id: int
    mac: str
    name: str = ""
    owner: str = ""
    valid_until: float | None = None
    dot1x_at: float | None = None
    dot1x_place: str = ""
    phone: bool = False
    managed: bool = False
    owner_id: int | None = None


def check_name(text: str) -> str:
    """The name of a NAS, an endpoint, a site or the like, in NFC, if it can be one. Raises BadName."""
    if len(text) > LONGEST_NAME:
        raise BadName(
            f"{text[:30]}... is too long for a name: use at most {LONGEST_NAME} characters.",
            f"{text[:30]}... 이름이 너무 깁니다. {LONGEST_NAME}자 이하로 입력하십시오.",
        )
    if not text.isprintable() or text != text.strip() or not text:
        raise BadName(
            f"{text!r} cannot be a name: use printable characters, none of them a space at an end.",
            f"{text!r}은(는) 이름으로 쓸 수 없습니다. 앞뒤 공백 없이 표시되는 문자로 입력하십시오.",
        )
    return unicodedata.normalize("NFC", text)


def read_network(text: str) -> Network:
    """The address or CIDR of a NAS. Raises BadNas."""
    try:
        return ip_network(text)
    except ValueError as error:
        raise BadNas(
            f"{text} is no address and no network: {error}. Write 10.1.2.3 or 10.1.2.0/24.",
            f"{text}은(는) 주소나 네트워크가 아닙니다. 10.1.2.3 또는 10.1.2.0/24처럼 입력하십시오.",
        ) from None


def check_secret(secret: str) -> str:
    """The secret, if it is strong enough to be shared with a NAS. Raises BadNas."""
    if len(secret) < SHORTEST_SECRET:
        raise BadNas(
            f"The secret has {len(secret)} characters; whoever hears one packet could guess it."
            f" Use at least {SHORTEST_SECRET}, or leave it out to have one made.",
            f"공유 비밀이 {len(secret)}자라서 패킷 하나로도 알아낼 수 있습니다."
            f" {SHORTEST_SECRET}자 이상으로 하십시오.",
        )
    if len(set(secret)) < SHORTEST_SECRET // 2:
        raise BadNas(
            "The secret repeats a few characters. Leave it out to have one made.",
            "공유 비밀에 같은 문자가 너무 많이 반복됩니다. 새로 만들어 쓰십시오.",
        )
    if not secret.isascii() or not secret.isprintable():
        raise BadNas(
            "The secret has characters that not every NAS can be given. Use printable ASCII.",
            "공유 비밀에 장비에 따라 입력할 수 없는 문자가 있습니다. 영문자, 숫자, 기호만 쓰십시오.",
        )
    return secret


def mac_octets(text: str) -> bytes | None:
    """The six octets of a MAC address in any usual spelling; None for anything else."""
    digits = text.translate(_MAC_SEPARATORS)
    if len(digits) != 2 * MAC_OCTETS or not _HEX.issuperset(digits):
        return None
    return bytes.fromhex(digits)


def read_mac(text: str) -> str:
    """The MAC address as aa-bb-cc-dd-ee-ff, from any usual spelling. Raises BadEndpoint.

    Randomised addresses (the locally administered bit) are refused: tomorrow they are somebody else's.
    """
    octets = mac_octets(text)
    if octets is None:
        raise BadEndpoint(
            f"{text} is no MAC address. Write it like 00-11-22-33-44-55.",
            f"{text}은(는) MAC 주소가 아닙니다. 00-11-22-33-44-55처럼 입력하십시오.",
        )
    if octets[0] & GROUP:
        raise BadEndpoint(
            f"{text} is a group address; no endpoint has it as its own.",
            f"{text}은(는) 그룹 주소이므로 단말의 주소가 될 수 없습니다.",
        )
    if octets[0] & LOCALLY_ADMINISTERED:
        raise BadEndpoint(
            f"{text} is a randomised address (locally administered). Turn off the private address on the"
            " endpoint for this network, and register the one that is printed on it.",
            f"{text}은(는) 임의(비공개) MAC 주소입니다. 단말에서 이 네트워크의 임의 주소 사용을 끄고,"
            " 기기에 적힌 주소를 등록하십시오.",
        )
    return octets.hex("-")


def unknown_endpoint(mac: str) -> Reason:
    """Why an address that is not registered is refused: a randomised one can never be."""
    first = mac[:2]
    randomised = set(first) <= set("0123456789abcdef") and len(first) == 2 and int(first, 16) & 0x03 == 0x02
    return Reason.RANDOMISED_ENDPOINT if randomised else Reason.UNKNOWN_ENDPOINT


def owner_of(address: IPAddress, clients: list[NasClient]) -> NasClient | None:
    """The enabled client an address belongs to; of several networks the smallest."""
    matching = [client for client in clients if client.enabled and address in client.network]
    return max(matching, key=lambda client: client.network.prefixlen, default=None)
