"""Realms from end to end: real FreeRADIUS as home servers, by UDP and through radsecproxy by RadSec."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.access.radius_office import PERSON, class_of, opened_office, serving
from tests.peers.certificates import create_authority
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.freeradius import FileUser, FreeRadius
from tests.peers.radsecproxy import TLS, UDP, RadSecProxy, Side
from tests.peers.waiting import wait_until

pytestmark = [
    pytest.mark.peer("slapd"),
    pytest.mark.peer("radclient"),
    pytest.mark.peer("freeradius"),
    # Nothing of this depends on the kind of database.
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

SECRET = "shared-with-partners"
ALICE = FileUser("alice@partner.example", "alice's own", {"Filter-Id": '"everything"'})
OLD_KIM = FileUser(PERSON, "kim's old password")


@contextmanager
def gate(address, directory, servers, radsec=None, **more):
    """An office that asks these servers (name -> settings) about the realm; radsec are its own files."""
    realm = {"names": "partner.example,PARTNER", "users": f"{PERSON}@hangang", "response_s": "10"} | more
    settings = {f"OFFICEGATE_REALMS__PARTNER__{name.upper()}": value for name, value in realm.items()}
    settings |= {
        f"OFFICEGATE_RADIUS__RADSEC_{name.upper()}": str(path) for name, path in (radsec or {}).items()
    }
    for name, server in servers.items():
        for setting, value in ({"address": "127.0.0.1"} | server).items():
            key = f"OFFICEGATE_REALMS__PARTNER__SERVERS__{name.upper()}__{setting.upper()}"
            settings[key] = str(value)
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang, settings)
        with serving(office):
            yield office
        office.app.close()


def udp(radius):
    # Debian's signs no Access-Accept without EAP.
    return {"port": radius.port, "secret": SECRET, "message_authenticator": "false"}


def log(office, password=ALICE.password, name=ALICE.name):
    return office.log_in("switch", password, name=name)


def reasons(office):
    office.load()
    return [record.reason for record in office.audited() if record.kind == "login"]


@pytest.fixture
def home():
    with FreeRadius([ALICE, OLD_KIM], SECRET) as running:
        yield running


def test_a_visitor_is_vouched_for_at_home_and_decided_here(address, directory, home):
    with gate(address, directory, {"first": udp(home)}, zombie_s="60") as office:
        accepted, refused = log(office), log(office, "wrong")
        as_prefix = log(office, name="PARTNER\\bob")

        assert (accepted.code, refused.code, as_prefix.code) == (
            "Access-Accept",
            "Access-Reject",
            "Access-Reject",
        )
        # The policy's VLAN; what the home server would like to give besides stays out.
        assert accepted.get("Tunnel-Private-Group-Id") == "guests"
        assert accepted.get("Filter-Id") is None
        assert reasons(office) == ["PERMITTED", "HOME_SERVER_REFUSED", "HOME_SERVER_REFUSED"]
        record = next(each for each in office.audited() if each.reason == "PERMITTED")
        assert (record.detail["realm"], record.detail["method"]) == ("partner", "home-server")
        assert [(step["name"], step["outcome"]) for step in record.detail["steps"]] == [
            ("home server", "partner/first"),
            ("decision", ""),
        ]
        (session,) = office.sessions()
        assert (session.user_id, session.realm) == (None, "partner")
        assert session.user_name == "alice@partner.example"
        office.account("switch", "Start", class_of(accepted))
        office.load()
        (session,) = office.sessions()
        assert session.state == "live"


def test_one_of_ours_who_has_not_moved_is_asked_at_the_old_server_and_decided_as_ours(
    address, directory, home
):
    with gate(address, directory, {"first": udp(home)}) as office:
        old, new = log(office, OLD_KIM.password, PERSON), log(office, office.password, PERSON)

        assert (old.code, new.code) == ("Access-Accept", "Access-Reject")
        assert old.get("Tunnel-Private-Group-Id") == "staff"
        office.load()
        (session,) = office.sessions()
        assert session.user_id is not None


def test_unknown_realms_are_answered_with_their_reason(address, directory, home):
    with gate(address, directory, {"first": udp(home)}) as office:
        reply = log(office, name="kim@nowhere.example")

        assert reply.code == "Access-Reject"
        assert "case" in reply.get("Reply-Message") or "사례" in reply.get("Reply-Message")
        assert reasons(office) == ["UNKNOWN_REALM"]


@pytest.mark.peer("eapol_test")
def test_a_visitor_s_laptop_has_its_tunnel_with_the_home_server_and_keys_that_match(
    address, directory, tmp_path
):
    files = create_authority(tmp_path).issue("radius.partner.example")
    homes = [FreeRadius([ALICE], SECRET, eap=True, files=files) for _ in range(2)]
    with homes[0] as first, homes[1] as second:
        servers = {"first": udp(first), "second": udp(second)}
        with gate(address, directory, servers, order="balance") as office:
            laptop = Laptop(ALICE.name, ALICE.password, files.authority, anonymous="@partner.example")

            login, other = (log_in(office.server("switch"), laptop) for _ in range(2))

            assert login.success, login.log[-2000:]
            assert login.keys_match
            assert login.vlan == "guests"
            # Each conversation stays with the server it began with: the other one would know nothing of it.
            assert other.success, other.log[-2000:]
            assert reasons(office) == ["PERMITTED", "PERMITTED"]
            asked = [each.detail["steps"][0]["outcome"] for each in office.audited() if each.kind == "login"]
            assert sorted(asked) == ["partner/first", "partner/second"]


def test_the_next_server_answers_when_one_is_killed_and_the_first_again_when_it_is_back(
    address, directory, home
):
    with FreeRadius([FileUser(ALICE.name, "known to the second only")], SECRET) as second:
        servers = {"first": udp(home), "second": udp(second)}
        with gate(address, directory, servers, response_s="0.5", probe_s="0.1") as office:
            wait_until(lambda: log(office).code == "Access-Accept", "the first")

            home.daemon.kill()
            wait_until(lambda: log(office, "known to the second only").code == "Access-Accept", "the second")

            home.daemon.start()
            wait_until(lambda: log(office).code == "Access-Accept", "the first to be asked again")


def test_when_all_are_dead_it_is_refused_with_the_reason(address, directory, home):
    with gate(address, directory, {"first": udp(home)}, response_s="0.5") as office:
        home.daemon.kill()

        assert log(office).code == "Access-Reject"
        assert reasons(office) == ["HOME_SERVER_UNAVAILABLE"]


@pytest.mark.peer("radsecproxy")
@pytest.mark.parametrize(
    ("certificate", "response_s", "code"),
    [("radius.partner.example", "10", "Access-Accept"), ("other.example", "0.5", "Access-Reject")],
)
def test_a_home_server_may_be_reached_by_radsec_if_it_is_the_one(
    address, directory, home, tmp_path, certificate, response_s, code
):
    authority = create_authority(tmp_path)
    proxys, ours = authority.issue("radius.partner.example"), authority.issue("gate.example", client=True)
    own = {"authority": authority.path, "certificate": ours.certificate, "private_key": ours.key}
    with RadSecProxy(Side(TLS), Side(UDP, SECRET, home.port), proxys) as proxy:
        server = {"port": proxy.tls, "transport": "radsec", "certificate": certificate}
        with gate(address, directory, {"first": server}, own, response_s=response_s) as office:
            assert log(office).code == code
