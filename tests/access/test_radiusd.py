import tempfile
from pathlib import Path

import pytest

from access.app import open_disconnects
from access.disconnect import disconnect_session
from tests.access.radius_office import class_of, opened_office, serving

pytestmark = [pytest.mark.peer("slapd"), pytest.mark.peer("radclient")]


@pytest.fixture
def office(address, directory):
    # Not tmp_path: the path of a unix socket has at most 107 octets.
    with tempfile.TemporaryDirectory(prefix="r-") as kept:
        office = opened_office(Path(kept), address.url, directory.slapd, directory.hangang)
        with serving(office):
            yield office
        office.app.close()


def test_a_right_password_with_its_code_is_accepted_and_recorded(office):
    reply = office.log_in("vpn", office.password + office.code())

    assert reply.code == "Access-Accept"
    assert reply.get("Session-Timeout") == "36000"
    assert office.load() == 1
    (session,) = office.sessions()
    assert bytes(session._mapping["class"]) == class_of(reply)
    assert (session.state, session.user_name, session.via) == (
        "admitted",
        "minjun.kim@hangang.example",
        "vpn",
    )


def test_accounting_with_our_class_makes_the_session_live_and_ends_it(office):
    granted = class_of(office.log_in("vpn", office.password + office.code()))

    assert (
        office.account("vpn", "Start", granted, Framed_IP_Address="10.77.0.5").code == "Accounting-Response"
    )
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.address4, session.acct_session_id) == ("live", "10.77.0.5", "session-1")

    office.account("vpn", "Stop", granted, Acct_Input_Octets="17")
    office.load()
    (session,) = office.sessions()
    assert (session.state, session.end_reason, session.address4) == ("ended", "STOPPED", None)
    assert session.octets_in == 17


def test_accounting_without_our_class_is_answered_and_gains_nothing(office):
    reply = office.account("vpn", "Start", None, Framed_IP_Address="10.77.0.5")

    assert reply.code == "Accounting-Response"
    office.load()
    assert office.sessions() == []
    assert [record.reason for record in office.audited()][-1] == "SESSION_NOT_OURS"


def test_a_session_is_ended_at_the_nas(office, nas):
    granted = class_of(office.log_in("vpn", office.password + office.code()))
    office.account("vpn", "Start", granted)
    office.load()
    (session,) = office.sessions()
    office.want_disconnected(session.id, nas)

    disconnect_session(open_disconnects(office.app, "worker"), session.id, office.app.clock)

    (asked,) = nas.requests
    assert asked.is_disconnect
    assert asked.valid
    assert asked.get("User-Name") == "minjun.kim@hangang.example"
    assert asked.get("Acct-Session-Id") == "session-1"
    (session,) = office.sessions()
    assert (session.state, session.disconnect, session.end_reason) == ("ended", "acked", "DISCONNECTED")
