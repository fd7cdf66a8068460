"""An authority for endpoints and one for the server, and the methods that are made with them."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from radius.eap.gtc import Gtc
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.tls import Tls
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from tests.peers.certificates import Authority, Files, create_authority
from tests.radius.eap.supplicant import Wireless
from tests.radius.office import Asker, Office


@dataclass(frozen=True)
class Pki:
    """server is the certificate of ours, renewed the next one; endpoints is who signs laptops'."""

    server: Files
    renewed: Files
    servers: Authority
    endpoints: Authority
    laptop: Files
    expired: Files
    for_servers: Files
    stranger: Files

    def identity(self, server=None, **more):
        authorities = (self.endpoints.path.read_bytes(),)
        ours = server or self.server
        files = {"certificate_chain": str(ours.certificate), "private_key": str(ours.key)}
        return ServerIdentity(**files | {"authorities": authorities} | more)


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    names = ("servers", "endpoints", "strangers")
    servers, endpoints, strangers = (create_authority(tmp_path_factory.mktemp(name), name) for name in names)
    return Pki(
        server=servers.issue("radius.example"),
        renewed=servers.issue("radius2.example"),
        servers=servers,
        endpoints=endpoints,
        laptop=endpoints.issue("laptop", client=True),
        expired=endpoints.issue("expired", client=True, lifetime=timedelta(hours=-1)),
        for_servers=endpoints.issue("printserver"),
        stranger=strangers.issue("stranger", client=True),
    )


@pytest.fixture
def contexts(pki):
    return Contexts(pki.identity())


@pytest.fixture
def office(contexts):
    """Return a maker of a server; what it is given is said of its NAS, but for limits."""
    inside = {EapType.MSCHAPV2: mschapv2(bytes), EapType.GTC: Gtc}

    def tls(opening):
        return Tls(contexts.tunnel(EapType.TLS), opening)

    in_peap = Setting({**inside, EapType.TLS: tls}, bytes)
    methods = {
        EapType.TLS: tls,
        EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, in_peap),
        EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening, inside),
    }

    def make(limits=None, **nas):
        more = {} if limits is None else {"limits": limits}
        return Office(methods, {"eap_methods": tuple(methods)} | nas, **more)

    return make


@pytest.fixture
def access_point(office):
    """Return a maker of an access point with a supplicant behind it; at is one that has served before."""

    def make(supplicant, outer="anonymous", at=None, **nas):
        if at is not None:
            return Wireless(at.office, at.asker, supplicant, outer)
        nas = {"eap_methods": (EapType(supplicant.type),)} | nas
        return Wireless(office(**nas), Asker(), supplicant, outer)

    return make
