"""Every way to log in that a worker speaks beside TTLS and EAP-TLS, through the running service."""

import os
import re
import shutil
import socket
import struct
import subprocess
import tempfile
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path

import pytest
from sqlalchemy import update

from access.logins.eap_methods import eap_methods
from access.logins.login_words import PROMPT
from access.logins.memory import EAP_TYPES
from access.nas.registry import EapMethod
from access.proof.network_password import PasswordSummary
from access.store import nas, network_passwords, organizations, people
from access.store.tables import tokens
from radius.eap.packet import EapType
from tests.access.radius_office import DOORS, PERSON, SECRET, RadiusOffice, opened_office, serving
from tests.bench.eap_client import Login
from tests.bench.radius_client import ACCESS_ACCEPT, ACCESS_REJECT
from tests.bench.supplicant import Endpoint, Method
from tests.layering import ROOT
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.eapol_typed import log_in_typing
from tests.peers.people import hangang, namsan
from tests.peers.ports import LOOPBACK
from tests.peers.radclient import ask
from tests.peers.slapd import Slapd
from tests.radius.office import mschap_exchange

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient"), pytest.mark.peer("eapol_test")]

CHALLENGE = bytes(range(16))
ALONE = (EapMethod.MSCHAPV2, EapMethod.GTC, EapMethod.MD5)
BOUND = {"OFFICEGATE_RADIUS__REQUIRE_CRYPTO_BINDING": "true"}
ASKING = replace(DOORS["asking"], name="gtc", network=ip_network("127.0.0.6"), eap_methods=(EapMethod.GTC,))
BARE = replace(DOORS["switch"], name="bare", network=ip_network("127.0.0.5"), eap_methods=ALONE)

# EAP-MD5 is offered where the NAS names it and a rule does.
TELEPHONES = """
  - id: telephones
    permit: [login:wired]
    who: [organization:hangang]
    when: {method: [eap-md5]}
    gives: {vlan: staff}
"""


@pytest.fixture(scope="module")
def installed(migrated_sqlite):
    """An installation with a network password, a binding required, and a NAS that names every method."""
    companies = (hangang(), namsan())
    with tempfile.TemporaryDirectory(prefix="r-") as kept, Slapd(companies) as slapd:
        file = Path(kept) / "db" / "gate.sqlite"
        file.parent.mkdir()
        shutil.copy(migrated_sqlite, file)
        office = opened_office(Path(kept), f"sqlite:///{file}", slapd, companies[0], BOUND)
        office.publish_more(TELEPHONES)
        now = office.app.clock()
        with office.app.database.write() as conn:
            keyring, random = office.app.keyring, office.app.random
            own = organizations.all_organizations(conn)[0].id
            for door in (BARE, ASKING):
                nas.add(conn, keyring, replace(door, organization_id=own), now, random)
            user = people.user_by_name(conn, own, PERSON)
            new = PasswordSummary(0, "laptop", now, valid_until=now + 86400)
            password = network_passwords.add(conn, keyring, random, new, (user.id, own))
        with serving(office):
            yield office, password
        office.app.close()


@pytest.fixture
def office(installed):
    return installed[0]


@pytest.fixture
def network_password(installed):
    return installed[1]


def laptop(office: RadiusOffice, password: str, eap: str = "PEAP", inner: str = "auth=MSCHAPV2", **more):
    anonymous = "anonymous@hangang.example" if eap == "PEAP" else f"{PERSON}@hangang.example"
    authority = office.state_dir / "tls" / "authority.pem"
    return Laptop(f"{PERSON}@hangang.example", password, authority, eap, inner, anonymous, more=more)


def last_session(office):
    office.load()
    session = office.sessions()[-1]
    return session.method, session.user_name, session.vlan


NAME = "minjun.kim@hangang.example"


def test_peap_with_mschapv2_takes_a_network_password(office, network_password):
    bound = {"phase1": '"crypto_binding=2"'}

    login = log_in(office.server("switch"), laptop(office, network_password, **bound))

    assert login.success, login.log[-2000:]
    assert login.keys_match
    assert last_session(office) == ("peap-mschapv2", NAME, "staff")


def test_peap_that_is_resumed_is_decided_anew(office, network_password):
    login = log_in(office.server("switch"), laptop(office, network_password), again=1)

    assert (login.success, login.keys_match, login.keys_matched) == (True, True, 2), login.log[-2000:]
    assert last_session(office) == ("peap-mschapv2", NAME, "staff")


def test_peap_without_a_crypto_binding_is_refused_where_one_is_required(office, network_password):
    unbound = {"phase1": '"crypto_binding=0"'}

    login = log_in(office.server("switch"), laptop(office, network_password, **unbound))

    assert login.code == "Access-Reject"
    office.load()
    assert office.audited()[-1].reason == "EAP_FAILED"


def test_peap_with_gtc_takes_the_password_of_the_directory(office):
    login = log_in(office.server("switch"), laptop(office, office.password, inner="auth=GTC"))

    assert (login.success, login.keys_match) == (True, True), login.log[-2000:]
    assert last_session(office) == ("peap-gtc", NAME, "staff")


def test_a_code_is_asked_for_inside_a_tunnel_in_the_words_of_the_company(office):
    ways = [("PEAP", "auth=GTC", "peap-gtc"), ("TTLS", "autheap=GTC", "eap-ttls-eap-gtc")]
    for later, (eap, inner, method) in enumerate(ways):
        device, typed = laptop(office, "", eap, inner), [office.password, office.code(later)]

        accepted, asked = log_in_typing(office.server("asking"), device, typed)
        again, _ = log_in_typing(office.server("asking"), device, typed)

        assert (accepted.success, accepted.keys_match) == (True, True), accepted.log[-2000:]
        assert asked == ["비밀번호: ", PROMPT.ko]
        assert last_session(office)[:2] == (method, NAME)
        assert again.code == "Access-Reject"
        assert office.audited()[-1].reason == "CODE_REPLAYED"


def test_the_password_of_the_directory_is_none_for_mschapv2(office, network_password):
    login = log_in(office.server("switch"), laptop(office, office.password))

    assert login.code == "Access-Reject"
    office.load()
    assert office.audited()[-1].reason == "WRONG_PASSWORD"


@pytest.mark.parametrize(
    ("eap", "method"), [("MSCHAPV2", "eap-mschapv2"), ("GTC", "eap-gtc"), ("MD5", "eap-md5")]
)
def test_a_method_without_a_tunnel_is_spoken_where_the_nas_names_it(office, network_password, eap, method):
    device = laptop(office, network_password, eap, "")

    refused = log_in(office.server("switch"), device)
    accepted = log_in(replace(office.server("switch"), source=str(BARE.network[0])), device)

    assert refused.code == "Access-Reject"
    assert accepted.success, accepted.log[-2000:]
    assert accepted.keys_match == (eap == "MSCHAPV2")
    assert last_session(office) == (method, NAME, "staff")


class Typist:
    """Somebody who answers what EAP-GTC asks, one line after the other (RFC 3748 section 5.6)."""

    def __init__(self, *lines: str) -> None:
        self.lines = list(lines)
        self.asked: list[str] = []

    def identity(self) -> bytes:
        return self._response(1, 0, PERSON.encode())

    def respond(self, request: bytes) -> bytes:
        code, identifier, kind = request[0], request[1], request[4]
        assert (code, kind) == (1, EapType.GTC)
        self.asked.append(request[5:].decode())
        return self._response(kind, identifier, self.lines.pop(0).encode())

    def _response(self, kind: int, identifier: int, data: bytes) -> bytes:
        return struct.pack("!BBHB", 2, identifier, 5 + len(data), kind) + data


def type_in(office, typist: Typist) -> tuple[int, int]:
    """The last reply's code, and how many requests it took, of a login by the NAS that asks for codes."""
    login = Login(Endpoint(Method.TLS, PERSON), typist, 0.0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.settimeout(30)
        line.bind((str(ASKING.network[0]), 0))
        line.connect(("127.0.0.1", office.auth_port))
        for identifier in range(10):
            line.send(login.ask(SECRET.encode(), identifier, 0.0))
            reply = line.recv(4096)
            if not login.take(reply, 0.0):
                return reply[0], identifier + 1
    raise AssertionError("no end of it")


def test_gtc_alone_asks_for_the_password_and_then_for_the_code(office):
    with office.app.database.write() as conn:
        # The other logins by code have used what the phone shows.
        conn.execute(update(tokens).values(last_step=-1))
    typist = Typist(office.password, code := office.code())

    assert type_in(office, typist) == (ACCESS_ACCEPT, 3)

    assert len(typist.asked) == 2
    assert "인증 앱" in typist.asked[1]
    assert last_session(office)[:2] == ("eap-gtc", NAME)
    again = Typist(office.password, code)
    assert type_in(office, again)[0] == ACCESS_REJECT
    office.load()
    assert office.audited()[-1].reason == "CODE_REPLAYED"


def test_gtc_alone_asks_for_no_code_after_a_wrong_password(office):
    typist = Typist("wrong", office.code())

    assert type_in(office, typist) == (ACCESS_REJECT, 2)

    assert len(typist.asked) == 1


def test_chap_and_mschapv2_without_eap_take_a_network_password(office, network_password):
    who = {"User-Name": PERSON, "Calling-Station-Id": "02-00-00-00-00-01"}
    made = mschap_exchange(CHALLENGE, PERSON.encode(), network_password)
    response = b"\x07\0" + made.peer_challenge + bytes(8) + made.response

    by_chap = ask(office.server("switch"), who | {"CHAP-Password": network_password})
    chap_session = last_session(office)
    hashed = {"MS-CHAP-Challenge": CHALLENGE, "MS-CHAP2-Response": response}
    by_mschap = ask(office.server("switch"), who | hashed)

    assert (by_chap.code, chap_session) == ("Access-Accept", ("chap", NAME, "staff"))
    assert (by_mschap.code, last_session(office)) == ("Access-Accept", ("mschapv2", NAME, "staff"))
    assert by_mschap.get("MS-MPPE-Send-Key") is not None


def test_every_method_that_a_nas_may_name_is_spoken():
    spoken = eap_methods(None, bytes, None, binding_required=False)

    assert set(spoken) == set(EAP_TYPES.values())
    assert list(spoken)[:3] == [EapType.TLS, EapType.PEAP, EapType.TTLS]


def test_what_the_page_of_nas_clients_has_one_type_to_try_a_nas_works(office, network_password, tmp_path):
    page = (
        (ROOT / "docs" / "nas.md").read_text("utf-8").partition("\n## Trying it\n")[2].partition("\n## ")[0]
    )
    gateway, printer, laptop_conf, peap = re.findall(r"^```\w*\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    authority = str(office.state_dir / "tls" / "authority.pem")
    conf = laptop_conf.replace("abcd2345efgh6789", network_password).replace("authority.pem", authority)
    (tmp_path / "laptop.conf").write_text(conf)
    # radclient would read a file in /etc that not everybody may read.
    (tmp_path / "dictionary").touch()

    def typed(block: str) -> str:
        for written, here in (
            ("10.0.0.5", LOOPBACK),
            ("1812", str(office.auth_port)),
            ("Horse42!287082", office.password),
            ("radclient ", f"radclient -d {tmp_path} "),
        ):
            block = block.replace(written, here)
        shell = ["bash", "-c", block]
        environment = os.environ | {"SECRET": SECRET}
        return subprocess.run(
            shell, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        ).stdout

    assert "Received Access-Accept" in typed(gateway)
    assert "Received Access-Accept" in typed(printer)
    assert typed(peap).endswith("SUCCESS\n")
