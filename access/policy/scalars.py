"""Single words of a policy document to values. Each parser raises BadValue for bad text, and nothing else."""

import re
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_interface, ip_network
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from access.logins.risk import Level
from access.model import NETWORK_DOORS, Bilingual, Certified, DesktopDuty, Medium, Method, Via
from access.nas.endpoint_standing import Standing
from access.nas.registry import LONGEST_NAME
from access.people.naming import spell
from access.policy.subjects import canonical_mac
from access.policy.vocabulary import BadValue, Ports, Protocol, Tier
from access.proof.factors import Factor, Origin
from access.words.phrase import Phrase, say
from access.words.value_mistakes import Hint, ValueMistake

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
MAX_DURATION_S = 366 * 86400
LONGEST_SSID_OCTETS = 32
LONGEST_ATTRIBUTE = 200

MAX_KBPS = 100_000_000
LONGEST_DOMAIN = 200

_KBPS = {"k": 1, "M": 1000, "G": 1_000_000}
_RATE = re.compile(r"([0-9]{1,9})([kMG])")
_DOMAIN = re.compile(r"(?=.)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NAME = re.compile(r"[\w][\w.-]{0,63}")
_ATTRIBUTE = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,63}")
# They have text read in another order than it is written (Unicode UAX 9).
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_CALENDAR_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_CLOCK = re.compile(r"([0-9]{2}):([0-9]{2})")
_PORTS = re.compile(r"(tcp|udp)(?:/([0-9]{1,5})(?:-([0-9]{1,5}))?)?")


def name(text: str) -> str:
    """A name of an object, rule, group of sites ...: letters of any script, digits, dot, dash, underscore."""
    if not _NAME.fullmatch(text):
        raise BadValue(ValueMistake.NOT_A_NAME, text=text[:80])
    return unicodedata.normalize("NFC", text)


def place(text: str) -> str:
    """A site or a group of NAS, as `officegate nas add` takes one: inside of it there may be spaces."""
    if not text or not text.isprintable() or text != text.strip() or len(text) > LONGEST_NAME:
        raise BadValue(ValueMistake.NOT_A_PLACE, text=text[:80])
    return unicodedata.normalize("NFC", text)


def sentence(text: str) -> str:
    """A line of text for people. It stands in terminals, logs and pages: it has nothing that moves them."""
    if not text.strip() or len(text) > 500:
        raise BadValue(ValueMistake.NOT_A_SENTENCE)
    unseen = next((each for each in text if _is_unseen(each)), None)
    if unseen is not None:
        raise BadValue(ValueMistake.CONTROL_CHARACTER, unseen=unseen)
    return " ".join(text.split("\n")).strip()


def _is_unseen(char: str) -> bool:
    """Whether a character steers a terminal, turns the writing round or is half of one."""
    return (unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t") or char in _TURNS


MAX_COUNT = 1000


def duration(text: str) -> float:
    """Seconds of a duration such as 90s, 30m, 12h or 7d; at least one second."""
    match = _DURATION.fullmatch(text)
    if not match:
        raise BadValue(ValueMistake.NOT_A_DURATION, text=text[:80])
    seconds = int(match[1]) * SECONDS[match[2]]
    if not 0 < seconds <= MAX_DURATION_S:
        raise BadValue(ValueMistake.NO_SUCH_DURATION, text=text)
    return float(seconds)


def count(text: str) -> int:
    """A number of things, from 1 to 1000."""
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:5]) <= MAX_COUNT or len(text) > 4:
        raise BadValue(ValueMistake.NOT_A_COUNT, text=text[:80], most=MAX_COUNT)
    return int(text)


def rate(text: str) -> int:
    """The kbit/s of a bandwidth such as 512k, 10M or 1G."""
    match = _RATE.fullmatch(text)
    kbps = int(match[1]) * _KBPS[match[2]] if match else 0
    if not 0 < kbps <= MAX_KBPS:
        raise BadValue(ValueMistake.NOT_A_BANDWIDTH, text=text[:80])
    return kbps


def domain(text: str) -> str:
    """A domain such as hangang.example, in small letters."""
    if not _DOMAIN.fullmatch(text.lower()) or len(text) > LONGEST_DOMAIN:
        raise BadValue(ValueMistake.NOT_A_DOMAIN, text=text[:80])
    return text.lower()


def desktop_duty(text: str) -> DesktopDuty:
    """What is owed where somebody has a desktop: recorded, watermark, no-clipboard or no-file-transfer."""
    return DesktopDuty(_word(tuple(DesktopDuty), text))


def clock(text: str) -> int:
    """Minutes after midnight of a time such as 08:00; 24:00 is the end of the day."""
    match = _CLOCK.fullmatch(text)
    minutes = int(match[1]) * 60 + int(match[2]) if match else -1
    if not match or int(match[2]) > 59 or minutes > 1440:
        raise BadValue(ValueMistake.NOT_A_TIME_OF_DAY, text=text[:80])
    return minutes


def day(text: str) -> int:
    """The number of a day, Monday being 0."""
    if text not in DAYS:
        raise BadValue(ValueMistake.NOT_A_DAY, text=text[:80], hint=one_of(DAYS))
    return DAYS.index(text)


def zone(text: str) -> ZoneInfo:
    """A time zone by its name in the IANA database."""
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadValue(ValueMistake.NOT_A_TIME_ZONE, text=text[:80]) from None


def moment(text: str) -> float:
    """Seconds since the epoch of an ISO 8601 time with its offset."""
    try:
        at = datetime.fromisoformat(text)
        seconds = at.timestamp() if at.tzinfo else -1.0
    except (ValueError, OverflowError):
        seconds = -1.0
    if seconds < 0:
        raise BadValue(ValueMistake.NOT_A_MOMENT, text=text[:80])
    return seconds


def calendar_day(text: str) -> date:
    """A day such as 2026-12-24."""
    try:
        day = date.fromisoformat(text) if _CALENDAR_DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 9000:
        raise BadValue(ValueMistake.NOT_A_CALENDAR_DAY, text=text[:80])
    return day


def country(text: str) -> str:
    """A country by its two letters (ISO 3166-1), in capitals."""
    if not _COUNTRY.fullmatch(text.upper()) or not text.isascii():
        raise BadValue(ValueMistake.NOT_A_COUNTRY, text=text[:80])
    return text.upper()


def cidr(text: str) -> IPv4Network | IPv6Network:
    """A network; host bits must be zero."""
    try:
        meant = ip_interface(text).network
    except ValueError:
        hint = say(Hint.WRITE_A_NETWORK)
        raise BadValue(ValueMistake.NOT_A_NETWORK, text=text[:80], hint=hint) from None
    if isinstance(meant, IPv6Network) and _is_never_seen(meant.network_address):
        raise BadValue(ValueMistake.UNSEEN_NETWORK, text=text[:80])
    try:
        return ip_network(text)
    except ValueError:
        hint = say(Hint.DID_YOU_MEAN, meant=meant)
        raise BadValue(ValueMistake.NOT_A_NETWORK, text=text[:80], hint=hint) from None


def address(text: str) -> IPv4Address | IPv6Address:
    """One host address."""
    try:
        found = ip_address(text)
    except ValueError:
        raise BadValue(ValueMistake.NOT_AN_ADDRESS, text=text[:80]) from None
    if isinstance(found, IPv6Address) and _is_never_seen(found):
        raise BadValue(ValueMistake.UNSEEN_ADDRESS, text=text[:80])
    return found


def _is_never_seen(address: IPv6Address) -> bool:
    """Whether it stands for an IPv4 address (RFC 4291 section 2.5.5.2), or counts on one machine alone."""
    return address.ipv4_mapped is not None or address.scope_id is not None


def ports(text: str) -> Ports:
    """A protocol with its ports: tcp/443, udp/5000-5010, tcp (all of it) or icmp."""
    if text == Protocol.ICMP:
        return Ports(Protocol.ICMP)
    match = _PORTS.fullmatch(text)
    if match and match[2] is None:
        return Ports(Protocol(match[1]))
    first = int(match[2]) if match else -1
    last = int(match[3] or match[2]) if match else -1
    if not match or not 0 < first <= last <= 65535:
        raise BadValue(ValueMistake.NOT_A_PORT, text=text[:80])
    return Ports(Protocol(match[1]), first, last)


def subject(text: str) -> str:
    """Who a rule is about: group:ORG/NAME, attribute:ORG/NAME=VALUE, user:NAME@ORG, endpoint:MAC ..."""
    kind, _, value = text.partition(":")
    if kind not in _SUBJECTS:
        raise BadValue(ValueMistake.NAMES_NOBODY, text=text[:80])
    return f"{kind}:{_SUBJECTS[kind](value)}"


def group(text: str) -> str:
    """A group as ORG/NAME, its name spelt as access.people.naming spells it."""
    organization, _, group_name = text.partition("/")
    # A space inside a group's name is usual.
    words = [spell(word) for word in group_name.split(" ")]
    spelt = None if None in words else " ".join(filter(None, words))
    if spelt is None or not _NAME.fullmatch(organization):
        raise BadValue(ValueMistake.NOT_A_GROUP, text=text[:80])
    return f"{organization}/{spelt}"


def attribute(text: str) -> str:
    """An attribute of people of an organization, as ORG/NAME=VALUE."""
    organization, _, rest = text.partition("/")
    named, _, value = rest.partition("=")
    if not _NAME.fullmatch(organization):
        raise BadValue(ValueMistake.NOT_AN_ATTRIBUTE, text=text[:80])
    return f"{organization}/{attribute_name(named)}={attribute_value(value)}"


def attribute_name(text: str) -> str:
    """The name of an attribute of a directory, in lower case as no directory tells them apart."""
    if not _ATTRIBUTE.fullmatch(text):
        raise BadValue(ValueMistake.NOT_AN_ATTRIBUTE_NAME, text=text[:80])
    return text.lower()


def attribute_value(text: str) -> str:
    """What an attribute may say, compared without regard to upper and lower case."""
    if not text.strip() or len(text) > LONGEST_ATTRIBUTE or not text.isprintable():
        raise BadValue(ValueMistake.NOT_AN_ATTRIBUTE_VALUE, text=text[:80], most=LONGEST_ATTRIBUTE)
    return unicodedata.normalize("NFC", text.strip())


def user(text: str) -> str:
    """A user as NAME@ORG, the name spelt as access.people.naming spells it."""
    user_name, _, organization = text.partition("@")
    spelt = spell(user_name)
    if spelt is None or not _NAME.fullmatch(organization):
        raise BadValue(ValueMistake.NOT_A_USER, text=text[:80])
    return f"{spelt}@{organization}"


def mac_address(text: str) -> str:
    """An endpoint's address as aa:bb:cc:dd:ee:ff, from any usual spelling."""
    mac = canonical_mac(text)
    if mac is None:
        raise BadValue(ValueMistake.NOT_A_MAC_ADDRESS, text=text[:80])
    return mac


_SUBJECTS = {
    "group": group,
    "attribute": attribute,
    "user": user,
    "organization": name,
    "endpoint": mac_address,
    "realm": name,
}


def vlan(text: str) -> str:
    """A VLAN by its name on the devices or its number 1-4094."""
    if text.isdecimal() and not (text.isascii() and text[0] != "0" and int(text) <= 4094):
        raise BadValue(ValueMistake.NOT_A_VLAN, text=text[:80])
    return name(text)


def vlan_number(text: str) -> int:
    """The number of a VLAN, 1-4094."""
    if not text.isdecimal():
        raise BadValue(ValueMistake.NOT_A_VLAN_NUMBER, text=text[:80])
    return int(vlan(text))


def via(text: str) -> Via:
    """A door: vpn, wired, wireless, portal or device."""
    return Via(_word(tuple(Via), text))


def network_door(text: str) -> Via:
    """A door that has sessions of the network: vpn, wired or wireless."""
    return Via(_word(tuple(each for each in Via if each in NETWORK_DOORS), text))


def few(text: str) -> int:
    """A number of things, from 0 to 1000."""
    return 0 if text == "0" else count(text)


def tier(text: str) -> Tier:
    """Who answers for a rule: guardrail, organization, team or temporary."""
    return Tier(_word(tuple(Tier), text))


def method(text: str) -> Method:
    """A way to prove who one is: pap, eap-tls, peap-mschapv2, mab, web ..."""
    return Method(_word(tuple(Method), text))


def medium(text: str) -> Medium:
    """What leads to an endpoint: wired or wireless."""
    return Medium(_word(tuple(Medium), text))


def ssid(text: str) -> str:
    """The name of a wireless network: at most 32 octets, compared as it is written (IEEE 802.11)."""
    if not text or len(text.encode()) > LONGEST_SSID_OCTETS or not text.isprintable():
        raise BadValue(ValueMistake.NOT_AN_SSID, text=text[:80])
    return text


def certified(text: str) -> Certified:
    """What a certificate is of: managed or personal."""
    return Certified(_word(tuple(Certified), text))


def standing(text: str) -> Standing:
    """What an endpoint is: known, managed, certified or unregistered."""
    return Standing(_word(tuple(Standing), text))


def risk(text: str) -> Level:
    """How risky a login is: low, medium or high."""
    return Level(_word(tuple(Level), text))


def factor(text: str) -> Factor:
    """What made a code: totp, hotp, passkey, recovery, bypass or e-mail."""
    return Factor(_word(tuple(Factor), text))


def assurance(text: str) -> Origin:
    """How somebody came by what they sign in with: registration, on-site, handover ..."""
    return Origin(_word(tuple(each for each in Origin if each), text))


def _word(choices: tuple[str, ...], text: str) -> str:
    if text not in choices:
        meant = [each for each in choices if len(text) > 2 and text.lower() in each]
        hint = say(Hint.DID_YOU_MEAN, meant=either(meant)) if meant else one_of(choices)
        raise BadValue(ValueMistake.NOT_KNOWN_HERE, text=text[:80], hint=hint)
    return text


def one_of(choices: Sequence[str]) -> Phrase:
    """That one of these is to be written."""
    return say(Hint.USE, known=", ".join(choices))


def either(words: Sequence[str]) -> Bilingual:
    """Words of which each would do."""
    return Bilingual(ko=", ".join(words), en=" or ".join(words))
