"""A laptop at a real wired port: authorised, accounted, logged in anew, disconnected."""

import tempfile
from pathlib import Path

import pytest

from access.app import open_disconnects
from access.logins.network_session import Disconnect, Wish
from access.nas.disconnect import disconnect_session
from access.store import wishes
from tests.access.radius_office import PERSON, POLICY, SECRET, opened_office, serving
from tests.peers.waiting import wait_until
from tests.peers.wired_port import LOGGED_IN_S, Credentials, Servers, WiredPort

pytestmark = [
    *(pytest.mark.peer(name) for name in ("netns", "hostapd", "wpa_supplicant", "slapd")),
    # What this is about does not depend on the kind of database.
    pytest.mark.parametrize("address", ["sqlite"], indirect=True),
]

COA_PORT = 3799


@pytest.fixture
def port():
    with tempfile.TemporaryDirectory(prefix="p-") as kept, WiredPort(Path(kept)) as port:
        yield port


@pytest.fixture
def office(address, directory, port):
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        office.set_door("switch", vendor="hostapd", coa_port=COA_PORT)
        with serving(office, ns=port.switch):
            yield office
        office.app.close()


def plugged_in(office, port):
    port.guard(Servers(office.auth_port, office.acct_port, COA_PORT, SECRET))
    authority = office.state_dir / "tls" / "authority.pem"
    port.plug_in(Credentials(f"{PERSON}@hangang.example", office.password, authority))
    port.wait_for("AP-STA-CONNECTED")


def loaded(office, condition, what):
    """Load journals until the sessions are so."""

    def holds():
        office.load()
        return condition(office.sessions())

    wait_until(holds, what, LOGGED_IN_S)
    return office.sessions()


def lasted_s(row):
    return row.seen_at - row.started_at


def reported(rows):
    """The newest session, if it is live and has been reported."""
    return [row for row in rows[-1:] if row.state == "live" and row.interim_s]


def test_a_laptop_is_let_in_accounted_for_and_thrown_out(office, port):
    office.publish(POLICY.replace("session_timeout: 12h", "session_timeout: 12h, idle_timeout: 1s"))
    assert not port.reaches()
    plugged_in(office, port)
    wait_until(port.reaches, "the port to carry packets")
    # On a slow machine hostapd may have begun anew before the first login was through.
    # It heeds no Idle-Timeout: nothing happens for longer, and the session goes on.
    session = loaded(office, lambda rows: any(lasted_s(row) >= 3 for row in reported(rows)), "3 seconds")[-1]
    assert (session.state, session.method, session.vlan) == ("live", "eap-ttls-pap", "staff")
    assert session.user_name == "minjun.kim@hangang.example"
    assert session.nas_address == "127.0.0.1"

    # Awake it would log in again at once.
    port.fall_asleep()
    disconnects = open_disconnects(office.app, "worker")
    with office.app.database.write() as conn:
        wishes.want(conn, session.id, Wish.END, office.app.clock())
    settled = port.in_switch(lambda: disconnect_session(disconnects, session.id, office.app.clock))
    disconnects.close()

    assert settled.result is Disconnect.ACKED, settled
    port.wait_for("AP-STA-DISCONNECTED")
    assert not port.reaches()
    stopped = loaded(office, lambda rows: rows[-1].disconnect == "proven", "the Stop that proves it")[-1]
    assert (stopped.id, stopped.state, stopped.end_reason) == (session.id, "ended", "DISCONNECTED")


def test_a_laptop_logs_in_anew_when_its_time_is_over_and_goes_on(office, port):
    office.publish(POLICY.replace("session_timeout: 12h", "session_timeout: 2s"))
    plugged_in(office, port)

    first, *later = loaded(office, lambda rows: bool(rows) and rows[0].state == "ended", "a login anew")

    assert first.end_reason == "LOGGED_IN_AGAIN"
    # To the NAS it is one session all the time; some of its logins may be too short to be reported.
    assert {row.acct_session_id for row in later} - {""} == {first.acct_session_id}
    assert "AP-STA-DISCONNECTED" not in port.events
    wait_until(port.reaches, "the port to carry packets")
