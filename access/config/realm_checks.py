"""What has to fit together in [realms]. ◆"""

import re
from collections import Counter
from collections.abc import Iterator

from access.config.reader import Mistake
from access.config.values import HomeServerSettings, IPAddress, RealmSettings, Settings, Transport
from radius.relaying import GIFTS

_KEY = re.compile(r"[a-z][a-z0-9-]{0,62}")
_REALM = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,198}[A-Za-z0-9])?")
_SHA256_HEX = re.compile(r"[0-9a-f]{64}")
SHORTEST_SECRET = 12


def check_realms(settings: Settings) -> Iterator[Mistake]:
    """What does not fit in the realms: names that mean somebody else, servers that cannot be asked."""
    ours = {organization.realm.lower() for organization in settings.organizations.values()}
    ours |= set(settings.organizations)
    named = Counter(name.lower() for realm in settings.realms.values() for name in set(realm.names))
    for key, realm in settings.realms.items():
        place = f"realms.{key}"
        if not _KEY.fullmatch(key):
            yield Mistake(place, "is no short name", "small letters, digits and hyphens, a letter first")
        for name in realm.names:
            if not _REALM.fullmatch(name):
                yield Mistake(f"{place}.names", f"has {name!r}", "what stands behind the @ or before the \\")
            elif name.lower() in ours or named[name.lower()] > 1:
                yield Mistake(
                    f"{place}.names", f"has {name!r}, which means somebody else too", "another name"
                )
        yield from _who(place, realm, settings)
        yield from _servers(place, realm, settings)


def _who(place: str, realm: RealmSettings, settings: Settings) -> Iterator[Mistake]:
    if not (realm.names or realm.users or realm.groups):
        yield Mistake(
            f"{place}.names", "is missing", "names, users or groups: whom its servers are asked about"
        )
    for setting, texts, separator in (("users", realm.users, "@"), ("groups", realm.groups, "/")):
        for text in texts:
            parts = text.split(separator)
            organization = parts[-1] if separator == "@" else parts[0]
            if len(parts) != 2 or not all(parts) or organization not in settings.organizations:
                right = f"a list like {['kim@hangang', 'hangang/not-moved'][separator == '/']!r}"
                yield Mistake(f"{place}.{setting}", f"has {text!r}", right)
    for gift in realm.gives:
        if gift not in GIFTS:
            yield Mistake(f"{place}.gives", f"has {gift!r}", f"some of {', '.join(sorted(GIFTS))}")


def _servers(place: str, realm: RealmSettings, settings: Settings) -> Iterator[Mistake]:
    if not realm.servers:
        yield Mistake(f"{place}.servers", "has no server", f"write [{place}.servers.NAME] for each")
    for name, server in realm.servers.items():
        for setting, wrong, right in (*_proof(server, settings), *_self(server, settings)):
            yield Mistake(f"{place}.servers.{name}.{setting}", wrong, right)


def _proof(server: HomeServerSettings, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield why nobody could tell whether it is this server that answers."""
    if server.transport is Transport.UDP:
        if len(server.secret) < SHORTEST_SECRET:
            yield "secret", "is missing or too short", f"{SHORTEST_SECRET} characters or more, or secret_file"
    elif not server.certificate:
        yield "certificate", "is missing for radsec", "the SHA-256 of its certificate, or its DNS name"
    elif not _SHA256_HEX.fullmatch(server.certificate) and settings.radius.radsec_authority is None:
        right = (
            "radius.radsec_authority, which vouches for the name, or the fingerprint (SHA-256, 64 small hex)"
        )
        yield "certificate", "is a name that nobody vouches for", right


def _self(server: HomeServerSettings, settings: Settings) -> Iterator[tuple[str, str, str]]:
    """Yield why a request would come back to us."""
    radius = settings.radius
    ours = {radius.radsec_port} if server.transport is Transport.RADSEC else {radius.auth_port}
    if server.port in ours and any(_reaches(server.address, own) for own in radius.listen):
        yield "address", "is our own", "the server that knows these people"


def _reaches(address: IPAddress, own: IPAddress) -> bool:
    return address == own or (own.is_unspecified and (address.is_loopback or address.is_unspecified))
