"""RadSec from end to end: radsecproxy in front of a worker, and requests to the NAS the other way."""

import tempfile
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from access.app import open_disconnects
from access.nas.disconnect import disconnect_session
from access.nas.nas_certificate import by_name, of_file
from access.radius.radsec_caller import RadSecCaller
from access.store import nas
from radius.attributes import Attribute, AttributeType
from radius.dynauth import Action
from radius.limits import RADSEC_SECRET
from radius.packet import Code
from tests.access.radius_office import LAPTOP, PERSON, class_of, opened_office, serving
from tests.peers.certificates import Files, create_authority
from tests.peers.eapol_test import Laptop, log_in
from tests.peers.radclient import Kind, Server, ask
from tests.peers.radsecproxy import TLS, UDP, RadSecProxy, Side
from tests.peers.waiting import wait_until
from tests.radius.office import Asker
from tests.radius.test_radsec import acknowledge
from tests.radius.tls_office import TlsNas

pytestmark = [
    pytest.mark.peer("slapd"),
    pytest.mark.peer("radclient"),
    pytest.mark.peer("radsecproxy"),
    # Nothing of this depends on the kind of database.
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

SECRET = "a secret of some length"


@pytest.fixture
def authority(tmp_path):
    return create_authority(tmp_path)


@pytest.fixture
def office(address, directory, authority):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        settings = {"OFFICEGATE_RADIUS__RADSEC_AUTHORITY": str(authority.path)}
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang, settings)
        with serving(office, radsec=True):
            yield office
        office.app.close()


def trusted(office, files):
    """The same certificate for somebody who trusts the worker's own authority, another than the NASes'."""
    return Files(office.state_dir / "tls" / "authority.pem", files.certificate, files.key)


def connected(office, files):
    ours = trusted(office, files)
    return TlsNas(office.radsec_port, ours.authority, ours)


def may_connect(office, files):
    """Whether a Status-Server is answered; with TLS 1.3 a client hears of a refusal after its handshake."""
    try:
        with connected(office, files) as nas_:
            nas_.send(Asker(RADSEC_SECRET).access(code=Code.STATUS_SERVER))
            return nas_.receive() is not None
    except OSError:
        return False


@pytest.fixture
def proxy(office, authority):
    """A radsecproxy that stands for the switch, and trusts the worker's certificate."""
    files = authority.issue("switch.hangang.example", client=True)
    office.let_connect("switch", of_file(files.certificate.read_bytes()))
    wait_until(lambda: may_connect(office, files), "the worker to know the switch")
    back = Side(TLS, port=office.radsec_port)
    with RadSecProxy(Side(UDP, SECRET), back, trusted(office, files)) as running:
        yield Server(running.udp, SECRET)


def test_logins_and_accounting_by_way_of_radsecproxy_are_those_of_the_nas(office, proxy):
    attributes = {"User-Name": PERSON, "User-Password": office.password, "Calling-Station-Id": LAPTOP}

    reply = ask(proxy, attributes)
    wrong = ask(proxy, attributes | {"User-Password": "wrong"})
    start = {"Acct-Status-Type": "Start", "Acct-Session-Id": "s1", "User-Name": PERSON}
    accounted = ask(proxy, start | {"Class": class_of(reply)}, Kind.ACCT)

    assert (reply.code, wrong.code, accounted.code) == (
        "Access-Accept",
        "Access-Reject",
        "Accounting-Response",
    )
    assert reply.get("Tunnel-Private-Group-Id") == "staff"
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.via, session.method) == ("live", "wired", "pap")


@pytest.mark.peer("eapol_test")
def test_a_laptop_logs_in_by_way_of_radsecproxy_with_keys_that_match(office, proxy):
    laptop = Laptop(PERSON, office.password, office.state_dir / "tls" / "authority.pem")

    login = log_in(proxy, laptop)

    assert login.success, login.log[-2000:]
    assert login.keys_match


def test_a_nas_may_connect_as_soon_as_its_name_is_added_and_not_once_that_is_removed(office, authority):
    name = by_name("switch.hangang.example")
    files = authority.issue("switch.hangang.example", client=True)
    assert not may_connect(office, files)

    office.let_connect("switch", name)
    wait_until(lambda: may_connect(office, files), "the newcomer")

    office.let_connect("switch", name, no_more=True)
    wait_until(lambda: not may_connect(office, files), "the end")


def test_a_nas_is_asked_over_the_connection_that_it_has_and_told_apart_without_one(office, authority):
    files = authority.issue("switch.hangang.example", client=True)
    office.let_connect("switch", by_name("switch.hangang.example"))
    with office.app.database.read() as conn:
        client = nas.client_by_name(conn, office.app.keyring, "switch")
    caller = RadSecCaller(office.app.clock, office.state_dir / "run", deadline_s=30)
    wait_until(lambda: may_connect(office, files), "the newcomer")

    with connected(office, files) as nas_:
        nas_.send(Asker(RADSEC_SECRET).access(code=Code.STATUS_SERVER))
        assert nas_.receive()
        answering = threading.Thread(target=acknowledge, args=(nas_,))
        answering.start()
        said = caller.ask(client, Action.DISCONNECT, ())
        answering.join()
    assert said.acknowledged

    wait_until(lambda: caller.ask(client, Action.DISCONNECT, ()) is None, "the end of the connection")


def end(app, session_id):
    """What the worker of a machine makes of the wish to end a session."""
    disconnects = open_disconnects(app, "worker")
    try:
        return disconnect_session(disconnects, session_id, app.clock)
    finally:
        disconnects.close()


def test_a_session_is_ended_over_the_connection_of_its_nas(office, authority, tmp_path):
    files = authority.issue("switch.hangang.example", client=True)
    office.let_connect("switch", by_name("switch.hangang.example"))
    wait_until(lambda: may_connect(office, files), "the newcomer")
    asker = Asker(RADSEC_SECRET)

    with connected(office, files) as nas_:
        accepted = nas_.ask(asker.pap(office.password, name=PERSON))
        assert accepted.code is Code.ACCESS_ACCEPT
        class_ = Attribute(AttributeType.CLASS, accepted.first(AttributeType.CLASS))
        assert nas_.ask(asker.account(1, class_)).code is Code.ACCOUNTING_RESPONSE
        office.load()
        (session,) = office.sessions()
        office.want_ended(session.id)
        # A worker of another machine, which has no connection with the NAS, leaves it to ours.
        elsewhere = replace(office.app.settings, state_dir=tmp_path)
        assert end(replace(office.app, settings=elsewhere), session.id) is None
        answering = threading.Thread(target=acknowledge, args=(nas_,))
        answering.start()
        assert end(office.app, session.id) is not None
        answering.join()

    (session,) = office.sessions()
    assert (session.state, session.disconnect, session.end_reason) == ("ended", "acked", "DISCONNECTED")
