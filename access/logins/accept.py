"""What an Access-Accept carries, in the attributes of the NAS it goes to.

A feature that the family of the NAS lacks is UnknownFeature: the login is refused then. A narrower network
that could not be spelt must not become a wide one.
"""

from collections.abc import Mapping
from functools import lru_cache

from access.model import Decision, Gives, User, Via
from access.nas.registry import Endpoint, NasClient
from access.proof.network_password import NetworkPassword
from radius.attributes import Attribute, AttributeType, integer
from radius.definitions import Definitions
from radius.dictionary import Dictionary
from radius.vendor.families import family_of
from radius.vendor.family import Feature, UnknownFeature, spell
from radius.vendor.generic import session_timeout

LONGEST_TIMEOUT_S = 0x7FFFFFFF


def lasts_s(decision: Decision, proof_ends: float | None, now: float) -> int | None:
    """Return how long the session may last: what the policy gives, while decision and proof hold."""
    moments = [moment for moment in (decision.valid_until, proof_ends) if moment is not None]
    ends = [int(moment - now) for moment in moments]
    if decision.gives.session_timeout_s is not None:
        ends.append(decision.gives.session_timeout_s)
    return max(1, min(*ends, LONGEST_TIMEOUT_S)) if ends else None


def proof_ends(
    password: NetworkPassword | None, endpoint: Endpoint | None, user: User | None
) -> float | None:
    """Return when what somebody came in with counts no more, their account included; None for no end."""
    ends = [each.valid_until for each in (password, endpoint) if each is not None]
    ends.append(user.expires_at if user is not None else None)
    return min((end for end in ends if end is not None), default=None)


def for_network(
    client: NasClient,
    decision: Decision,
    timeout_s: int | None,
    vlans: Mapping[str, int],
    interim_s: int = 0,
) -> tuple[Attribute, ...]:
    """Return the attributes of a login to the network. Raises UnknownFeature.

    vlans has the numbers of VLANs where the NAS stands, by name; what is not there travels by its name.
    interim_s: how often the NAS is to report the session, 0 for as it likes (RFC 2869 section 5.16).
    """
    gives = decision.gives
    given = _network_gifts(client.vendor, gives, vlans)
    if gives.idle_timeout_s is not None:
        given += (integer(AttributeType.IDLE_TIMEOUT, gives.idle_timeout_s),)
    if interim_s:
        given += (integer(AttributeType.ACCT_INTERIM_INTERVAL, interim_s),)
    if timeout_s is None:
        return given
    # A VPN client would need another code: it ends. On a wire the endpoint just proves itself again.
    return (*given, *session_timeout(timeout_s, authenticate_again=client.via is not Via.VPN))


def for_device(client: NasClient, decision: Decision, now: float) -> tuple[Attribute, ...]:
    """Return the attributes of an administrator's login to the NAS itself. Raises UnknownFeature."""
    privilege = decision.gives.privilege
    if privilege is None:
        raise UnknownFeature("no rule says with which privilege")
    given = spell(family_of(client.vendor), Feature.PRIVILEGE, privilege)
    if decision.gives.idle_timeout_s is not None:
        given = (*given, integer(AttributeType.IDLE_TIMEOUT, decision.gives.idle_timeout_s))
    timeout_s = lasts_s(decision, None, now)
    return given if timeout_s is None else (*given, *session_timeout(timeout_s, authenticate_again=False))


def untellable(vendor: str, gives: Gives, vlans: Mapping[str, int]) -> str:
    """Return what of it the NASes of a vendor cannot be told; empty where they can be told all.

    A privilege is of a login to the NAS itself, all else of one to the network. vlans: as for_network has it.
    """
    family = family_of(vendor)
    try:
        if gives.privilege is not None:
            spell(family, Feature.PRIVILEGE, gives.privilege)
        _network_gifts(vendor, gives, vlans)
    except UnknownFeature as error:
        return str(error)
    return ""


def _network_gifts(vendor: str, gives: Gives, vlans: Mapping[str, int]) -> tuple[Attribute, ...]:
    vlan, voice_vlan = _numbered(gives.vlan, vlans), _numbered(gives.voice_vlan, vlans)
    given = _spelt(vendor, vlan, voice_vlan, gives.role, gives.acl)
    if told := _more(gives):
        family = family_of(vendor)
        given += tuple(a for feature, value in told for a in spell(family, feature, value))
    return given


class Spoken:
    """Attributes as people read them, one line each. A worker gives the same few again and again."""

    def __init__(self, names: Dictionary) -> None:
        self._lines = lru_cache(maxsize=1024)(lambda given: tuple(map(self._line, given)))
        self._names = names

    def __call__(self, attributes: tuple[Attribute, ...]) -> tuple[str, ...]:
        """Return the lines."""
        return self._lines(attributes)

    def _line(self, attribute: Attribute) -> str:
        return " = ".join(self._names.describe(attribute))


# By their numbers: for who has no dictionary.
NUMBERED = Spoken(Dictionary(Definitions()))


@lru_cache(maxsize=1024)
def _spelt(
    vendor: str, vlan: str | None, voice_vlan: str | None, role: str | None, acl: str | None
) -> tuple[Attribute, ...]:
    """Return the gifts of a login for a family. Raises UnknownFeature. The same few come again and again."""
    family = family_of(vendor)
    given = {Feature.VLAN: vlan, Feature.VOICE_VLAN: voice_vlan, Feature.ROLE: role, Feature.ACL: acl}
    return tuple(a for feature, value in given.items() if value for a in spell(family, feature, value))


@lru_cache(maxsize=1024)
def _more(gives: Gives) -> tuple[tuple[Feature, str], ...]:
    """Return the gifts that few rules give, as families spell them."""
    limits = f"{gives.up_kbps or ''}/{gives.down_kbps or ''}"
    written = {
        Feature.BANDWIDTH: "" if limits == "/" else limits,
        Feature.ADDRESS: "" if gives.address is None else str(gives.address),
        Feature.ROUTES: " ".join(map(str, gives.routes)),
        Feature.DNS: " ".join(map(str, gives.dns)),
        Feature.DNS_SUFFIXES: " ".join(gives.dns_suffixes),
    }
    return tuple((feature, value) for feature, value in written.items() if value)


def _numbered(vlan: str | None, vlans: Mapping[str, int]) -> str | None:
    return vlan if vlan is None or vlan not in vlans else str(vlans[vlan])
