"""The same logins at this server and at FreeRADIUS: the same verdict, and keys that match."""

import os
from dataclasses import replace
from itertools import chain

import pytest

from radius.eap.gtc import Gtc
from radius.eap.md5 import md5
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.tls import Tls
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity
from radius.limits import Limits
from tests.peers.certificates import create_authority
from tests.peers.eapol_test import WITHOUT_KEYS, Laptop, log_in
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.radclient import Server, ask
from tests.radius.office import MAC, PASSWORD, chap, mschap_exchange
from tests.radius.running import SECRET, running

pytestmark = [pytest.mark.peer(name) for name in ("freeradius", "radclient", "eapol_test")]

CHALLENGE = bytes(range(16))
VERSIONS = {"TLSv1.2": "tls_disable_tlsv1_3=1", "TLSv1.3": "tls_disable_tlsv1_3=0"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return create_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def files(authority):
    return authority.issue("radius.example")


@pytest.fixture(scope="module")
def laptop_files(authority):
    return authority.issue("kim", client=True)


@pytest.fixture(scope="module")
def oracle(files):
    with FreeRadius([FileUser("kim", PASSWORD)], SECRET, eap=True, files=files, hashed=True) as server:
        yield Server(server.port, SECRET)


@pytest.fixture(scope="module")
def ours(authority, files):
    trusted = (authority.path.read_bytes(),)
    contexts = Contexts(ServerIdentity(str(files.certificate), str(files.key), trusted))
    alone = {EapType.MSCHAPV2: mschapv2(os.urandom), EapType.GTC: Gtc, EapType.MD5_CHALLENGE: md5(os.urandom)}
    inside = Setting(
        {**alone, EapType.TLS: lambda opening: Tls(contexts.tunnel(EapType.TLS), opening)}, os.urandom
    )
    methods = {
        EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening, alone),
        EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, inside),
        EapType.TLS: lambda opening: Tls(contexts.tunnel(EapType.TLS), opening),
        **alone,
    }
    at_once = Limits(reject_delay_s=0)
    with running(methods=methods, eap_methods=tuple(methods), limits=at_once) as served:
        yield served.auth


def by_chap(password, challenge=CHALLENGE):
    return {"CHAP-Challenge": CHALLENGE, "CHAP-Password": chap(challenge, password)}


def by_mschap(password=PASSWORD, name="kim", challenge=CHALLENGE):
    made = mschap_exchange(challenge, name.encode(), password)
    response = b"\x07\0" + made.peer_challenge + bytes(8) + made.response
    return {"MS-CHAP-Challenge": CHALLENGE, "MS-CHAP2-Response": response}


PACKETS = {
    "PAP": {"User-Password": PASSWORD},
    "PAP, wrong": {"User-Password": "wrong"},
    "PAP, in capitals": {"User-Password": PASSWORD.upper()},
    "PAP, longer": {"User-Password": PASSWORD + "x"},
    "CHAP": by_chap(PASSWORD),
    "CHAP, wrong": by_chap("wrong"),
    "CHAP of another challenge": by_chap(PASSWORD, bytes(16)),
    "MSCHAPv2": by_mschap(),
    "MSCHAPv2, wrong": by_mschap("wrong"),
    "MSCHAPv2 of another name": by_mschap(name="lee"),
    "MSCHAPv2 of another challenge": by_mschap(challenge=bytes(16)),
    "nothing": {},
}


@pytest.mark.parametrize("attributes", PACKETS.values(), ids=PACKETS.keys())
@pytest.mark.parametrize("name", ["kim", "nobody"])
def test_a_request_without_eap_gets_the_same_verdict(oracle, ours, attributes, name):
    asked = {"User-Name": name, "Calling-Station-Id": MAC} | attributes

    theirs, own = (ask(server, asked) for server in (oracle, ours))

    assert own.code == theirs.code
    for attribute in ("MS-CHAP2-Success", "MS-MPPE-Send-Key", "MS-MPPE-Recv-Key"):
        assert own.get(attribute) == theirs.get(attribute)


INNER = {
    "TTLS": ("PAP", "CHAP", "MSCHAPV2"),
    "TTLS with EAP": ("MD5", "GTC", "MSCHAPV2"),
    "PEAP": ("MSCHAPV2", "GTC", "MD5"),
}
TUNNELLED = [
    (eap.partition(" ")[0], f"{'autheap' if eap == 'TTLS with EAP' else 'auth'}={inner}")
    for eap, inner in chain.from_iterable(((eap, one) for one in inners) for eap, inners in INNER.items())
]
ALONE = [("MSCHAPV2", ""), ("GTC", ""), ("MD5", "")]


@pytest.mark.parametrize("password", [PASSWORD, "wrong"], ids=["right", "wrong"])
@pytest.mark.parametrize(("eap", "inner"), [*TUNNELLED, *ALONE])
def test_a_password_by_eap_gets_the_same_verdict(oracle, ours, authority, eap, inner, password):
    laptop = Laptop("kim", password, authority.path, eap, inner, anonymous="kim")

    theirs, own = (log_in(server, laptop) for server in (oracle, ours))

    assert (own.success, own.code) == (theirs.success, theirs.code) == verdict(password), own.log
    assert own.keys_match == theirs.keys_match == (theirs.success and eap not in WITHOUT_KEYS)


def verdict(password):
    return (True, "Access-Accept") if password == PASSWORD else (False, "Access-Reject")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_gets_the_same_verdict(oracle, ours, authority, laptop_files, version, tmp_path):
    stranger = create_authority(tmp_path, "somebody else").issue("kim", client=True)
    for shown, success in ((laptop_files, True), (stranger, False)):
        more = {"client_cert": shown.certificate, "private_key": shown.key}
        lines = {name: f'"{path}"' for name, path in more.items()} | {"phase1": f'"{VERSIONS[version]}"'}
        laptop = replace(Laptop("kim", "", authority.path, "TLS", ""), more=lines)

        theirs, own = (log_in(server, laptop) for server in (oracle, ours))

        assert (own.success, theirs.success) == (success, success), own.log
        assert own.keys_match == theirs.keys_match == success
