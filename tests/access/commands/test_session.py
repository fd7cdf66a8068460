import pytest
from sqlalchemy import select

from access.store import address_leases
from access.store.tables import nas, sessions
from tests.access.gatehouse import Gatehouse
from tests.access.residents import NOW


@pytest.fixture
def house(officegate, database):
    return Gatehouse(database)


@pytest.fixture
def live(officegate, house):
    door = ("--address", "127.0.0.1", "--organization", "hangang", "--via", "vpn")
    assert officegate("nas", "add", "vpn-1", *door)[0] == 0
    with house.database.read() as conn:
        nas_id = conn.execute(select(nas.c.id)).scalar_one()
    return house.session(
        house.user_id,
        nas_id,
        "10.8.0.2",
        user_name="minjun.kim@hangang.example",
        calling_station="00:00:5e:00:53:01",
    )


def wish(house, session_id):
    query = select(sessions.c.wish, sessions.c.disconnect).where(sessions.c.id == session_id)
    with house.database.read() as conn:
        return tuple(conn.execute(query).one())


@pytest.mark.parametrize(
    ("command", "wanted", "told"),
    [
        ("disconnect", "end", "session.end-wanted"),
        ("reauthenticate", "reauthenticate", "session.reauthenticate-wanted"),
    ],
)
def test_a_session_is_ended_or_logged_in_anew_and_the_audit_says_who_asked(
    officegate, house, live, config, command, wanted, told
):
    status, out, _ = officegate("session", command, live)

    assert (status, str(live) in out) == (0, True)
    assert wish(house, live) == (wanted, "wanted")
    listed = officegate("session", "list")[1]
    assert f"{live}  live  minjun.kim@hangang.example  vpn  10.8.0.2/32" in listed
    # What a switch knows of it, to find it there.
    assert "10.8.0.2/32  at vpn-1  00:00:5e:00:53:01  VLAN -  since" in listed
    assert f"{wanted} wanted" in listed
    shown = officegate("audit", "show")[1]
    assert told in shown
    assert "at the command line" in shown


def test_what_is_asked_for_already_is_said_so_and_the_end_counts_for_more(officegate, house, live):
    officegate("session", "reauthenticate", live)
    assert officegate("session", "reauthenticate", live)[0] == 1
    assert officegate("session", "disconnect", live)[0] == 0

    status, _, complaint = officegate("session", "reauthenticate", live)
    assert (status, "already" in complaint) == (1, True)
    assert wish(house, live) == ("end", "wanted")


@pytest.mark.parametrize("state", ["naked", "unproven"])
def test_what_was_given_up_may_be_asked_for_again(officegate, house, live, state):
    house.change_session(live, disconnect=state, recipe=2)

    assert officegate("session", "disconnect", live)[0] == 0
    assert wish(house, live) == ("end", "wanted")


@pytest.mark.parametrize("command", ["disconnect", "reauthenticate"])
def test_a_session_that_is_not_there_or_over_is_refused(officegate, house, live, command):
    assert "session list" in officegate("session", command, 4711)[2]
    house.end(live)

    assert officegate("session", command, live)[0] == 1
    assert wish(house, live) == ("end", "")
    assert "Nobody is connected" in officegate("session", "list")[1]


def test_who_had_an_address_is_told_for_a_moment(officegate, house, live):
    with house.database.write() as conn:
        leases = address_leases.Leases(conn)
        leases.begin(live, ["10.8.0.2/32"], NOW)
        leases.end(live, ["10.8.0.2/32"], NOW + 60)
        leases.write()

    # 2027-01-15 17:00 in Seoul is NOW.
    status, out, _ = officegate("who-had", "10.8.0.2", "--at", "2027-01-15 17:00:30")
    assert status == 0
    assert "2027-01-15 17:00:00  2027-01-15 17:01:00  minjun.kim@hangang.example" in out
    assert f"session {live}" in out
    assert officegate("who-had", "10.8.0.2", "--at", "2027-01-15T08:00:30+00:00")[1] == out


@pytest.mark.parametrize(
    ("arguments", "status", "what"),
    [
        (("10.8.0.2", "--at", "2027-01-15 16:59"), 1, "nobody had"),
        (("10.8.0.3", "--at", "2027-01-15 17:00:30"), 1, "nobody had"),
        (("10.8.0", "--at", "2027-01-15 17:00:30"), 2, "is no address"),
        (("10.8.0.2", "--at", "yesterday"), 2, "is no moment"),
    ],
)
def test_who_had_an_address_says_what_it_cannot_tell(officegate, house, arguments, status, what):
    ended, _, complaint = officegate("who-had", *arguments)

    assert (ended, what in complaint) == (status, True)
