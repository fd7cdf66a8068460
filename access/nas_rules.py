"""What fits together in a NAS client, and what cannot work: each rule says why and what to write instead.

The code against the EAP methods:

    method     password travels   code appended          code asked for
    tls        none               needs none             needs none
    peap       GTC inside         yes                    yes, by GTC inside
    ttls       PAP inside         yes                    only with GTC inside
    gtc        as it is           yes                    yes
    mschapv2   as a hash          nothing to cut it off  no room for it
    md5        as a hash          nothing to cut it off  no room for it

What travels as a hash needs something to be compared with, which not every company has at every door.
"""

import hmac
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from access.directory.mschap import Source
from access.model import Via
from access.network_password import DOORS
from access.registry import BadNas, Code, EapMethod, MessageAuthenticator, NasClient, check_secret

# In the order of preference of a NAS that names none: what needs no password first.
USUAL_METHODS = (EapMethod.TLS, EapMethod.PEAP, EapMethod.TTLS)
HASHED = frozenset({EapMethod.MSCHAPV2, EapMethod.MD5})
WITHOUT_KEYS = frozenset({EapMethod.GTC, EapMethod.MD5})
# Methods that can ask for a code, or need none.
PROMPTING = frozenset({EapMethod.TLS, EapMethod.PEAP, EapMethod.GTC})

# At which doors the hash that a method sends can be compared with something.
Compared = Mapping[EapMethod, frozenset[Via]]
ANYWHERE: Compared = {method: frozenset(Via) for method in HASHED}


def where_compared(companies: Iterable[tuple[Collection[str], bool]]) -> Compared:
    """At which doors hashes can be compared.

    Of each company: who can tell about MSCHAPv2, and whether its people may have network passwords.
    """
    mschapv2, md5 = set[Via](), set[Via]()
    for sources, has_network_passwords in companies:
        own = DOORS if has_network_passwords else ()
        md5.update(own)
        mschapv2.update(own if Source.NETWORK_PASSWORD in sources else ())
        mschapv2.update(Via if Source.SAMBA in sources or Source.NTLM_AUTH in sources else ())
    return {EapMethod.MSCHAPV2: frozenset(mschapv2), EapMethod.MD5: frozenset(md5)}


def eap_methods(client: NasClient) -> tuple[EapMethod, ...]:
    """The methods a NAS may use, the preferred one first; none where it may use no EAP."""
    return (client.eap_methods or USUAL_METHODS) if client.eap else ()


def read_methods(text: str) -> tuple[EapMethod, ...]:
    """The methods in a list with commas, each named once. Raises BadNas."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    known = ", ".join(EapMethod)
    for name in names:
        if name not in set(EapMethod):
            raise BadNas(f"{name} is no EAP method that can be offered. There are: {known}.")
    if len(set(names)) < len(names):
        raise BadNas(f"{text} names a method twice. Write each once, the preferred one first.")
    return tuple(map(EapMethod, names))


def problems(client: NasClient, compared: Compared) -> list[str]:
    """Why a NAS client cannot work as it is; empty where it can."""
    return [*(why for rule in RULES for why in rule(client)), *_hashes(client, compared)]


def refuse_problems(client: NasClient, compared: Compared) -> None:
    """Raise BadNas where a NAS client cannot work."""
    found = problems(client, compared)
    if found:
        raise BadNas(f"{client.name}: {' '.join(found)}")


def sharers(client: NasClient, others: Iterable[NasClient]) -> list[str]:
    """The names of the other NAS clients that have one of this one's secrets."""
    return [
        other.name
        for other in others
        if other.id != client.id and other.enabled and _share(client.secrets, other.secrets)
    ]


def _share(ours: tuple[str, ...], theirs: tuple[str, ...]) -> bool:
    return any(hmac.compare_digest(one.encode(), other.encode()) for one in ours for other in theirs)


def _secrets(client: NasClient) -> Iterator[str]:
    for secret in client.secrets:
        try:
            check_secret(secret)
        except BadNas as error:
            yield str(error)


def _network(client: NasClient) -> Iterator[str]:
    if client.network.prefixlen == 0:
        yield f"{client.network} is the whole world: name the networks that your devices are in."
    many = client.network.num_addresses > 1
    if many and client.message_authenticator is MessageAuthenticator.AUTO:
        yield (
            f"{client.network} is many devices, and what one of them does says nothing about the others:"
            " --message-authenticator auto needs an address of its own. Use require, or off."
        )


def _methods(client: NasClient) -> Iterator[str]:
    named = client.eap_methods
    if named and not client.eap:
        yield "EAP methods are named, but this NAS may not use EAP. Leave one of the two out."
    hashed = ", ".join(method for method in named if method in HASHED)
    if hashed and client.code is Code.APPENDED:
        yield (
            f"{hashed} sends a hash of the password: no code behind it can be cut off (--code appended)."
            " Use peap, ttls or gtc for passwords with a code, or --code none."
        )
    if hashed and client.code is Code.CHALLENGE:
        yield f"{hashed} has no room to ask for a code (--code challenge). Use peap or gtc, or --code none."
    elif named and client.code is Code.CHALLENGE and not PROMPTING.intersection(named):
        yield (
            f"{', '.join(named)} has no room to ask for a code (--code challenge). Add peap, whose GTC can"
            " ask, or use --code appended."
        )
    keyless = ", ".join(method for method in named if method in WITHOUT_KEYS)
    if keyless and client.via is Via.WIRELESS:
        yield (
            f"{keyless} makes no keys, and without them an access point cannot encrypt."
            " Use tls, peap, ttls or mschapv2 on Wi-Fi."
        )


def _hashes(client: NasClient, compared: Compared) -> Iterator[str]:
    for method in client.eap_methods:
        if method not in HASHED or client.via in compared[method]:
            continue
        yield (
            f"Nobody could log in by {method} at --via {client.via}: no company has anything there to compare"
            f" its hash with. {_REMEDIES[method]} Or use tls, peap, ttls or gtc."
        )


_OWN = "A network password counts on wires and access points alone."
_REMEDIES = {
    EapMethod.MSCHAPV2: f"{_OWN} Set organizations.KEY.directory.mschap to sambaNTPassword or ntlm_auth.",
    EapMethod.MD5: _OWN,
}
RULES: tuple[Callable[[NasClient], Iterator[str]], ...] = (_secrets, _network, _methods)
