from dataclasses import dataclass, field, replace
from ipaddress import ip_address, ip_network

import pytest

from access.logins.network_session import Disconnect, End, NetworkSession, State, Wish
from access.model import Via
from access.nas.disconnect import (
    ASK_AGAIN_S,
    ELSEWHERE_S,
    PROOF_S,
    Said,
    Settled,
    disconnect_session,
    identification,
)
from access.nas.registry import NasClient
from radius.attributes import Attribute, AttributeType
from radius.dynauth import Action
from radius.vendor.cisco import BOUNCE_PORT, REAUTHENTICATE
from radius.vendor.generic import AUTHORIZE_ONLY

NOW = 1_800_000_000.0
SESSION = NetworkSession(
    id=7,
    organization_id=1,
    nas_id=3,
    class_=b"class",
    via="vpn",
    method="pap",
    admitted_at=NOW,
    state=State.LIVE,
    user_name="minjun.kim@hangang.example",
    acct_session_id="session-1",
    calling_station="00:00:5e:00:53:01",
    address4="10.77.0.5",
    disconnect=Disconnect.WANTED,
)
WIRED = replace(SESSION, via="wired", nas_port="Gi1/0/7", seen_at=NOW, wish=Wish.END)
ACKED, NAKED, SILENT = Said(True), Said(False, 501, "refused"), Said(None, None, "no answer")
NO_SESSION = Said(False, 503, "no such session")
CLIENT = NasClient(3, 1, "vpn", ip_network("192.0.2.7"), ("a secret of sixteen",), Via.VPN)
SWITCH = replace(CLIENT, via=Via.WIRED, vendor="cisco")


@dataclass
class Ports:
    """One session at one NAS that answers as it was told, the last answer for ever."""

    answers: list[Said] = field(default_factory=lambda: [ACKED])
    held: NetworkSession = SESSION
    client: NasClient = CLIENT
    others: int = 0
    asked: list = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    elsewhere: bool = False

    def is_elsewhere(self, client):
        return self.elsewhere

    def session(self, session_id):
        return (self.held, self.client) if session_id == self.held.id else None

    def neighbours(self, session):
        return self.others

    def authorize_state(self, session_id, now):
        return f"state of {session_id}".encode()

    def ask_nas(self, client, asking):
        self.asked.append(asking)
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def settle(self, session, settled, now):
        self.settled.append(settled)

    @property
    def extras(self):
        """What was asked in turn: the action, and what stands after the session's name."""
        names = len(identification(self.held, self.client.vendor))
        return [(asking.action, asking.attributes[names:]) for asking in self.asked]


ANSWERS = [
    (ACKED, Settled(Disconnect.ACKED, "", NOW, ended=True)),
    (NO_SESSION, Settled(Disconnect.PROVEN, "no such session", NOW, ended=True)),
    (NAKED, Settled(Disconnect.NAKED, "refused", NOW)),
    (SILENT, Settled(Disconnect.SILENT, "no answer", NOW + ASK_AGAIN_S)),
    (Said(False, 506, "no resources"), Settled(Disconnect.SILENT, "no resources", NOW + ASK_AGAIN_S)),
]
END = (Action.DISCONNECT, ())


@pytest.mark.parametrize(("said", "settled"), ANSWERS)
def test_what_the_nas_says_settles_the_wish(said, settled):
    ports = Ports([said])

    assert disconnect_session(ports, 7, lambda: NOW) == settled
    assert ports.settled == [settled]


def test_a_nas_that_was_silent_is_asked_again():
    ports = Ports(held=replace(SESSION, disconnect=Disconnect.SILENT))

    assert disconnect_session(ports, 7, lambda: NOW).ended


def test_a_nas_that_says_nothing_to_one_way_is_asked_in_the_next_all_the_same():
    reauthenticate = replace(WIRED, wish=Wish.REAUTHENTICATE)
    ports = Ports([SILENT, ACKED], held=reauthenticate, client=SWITCH)

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.ACKED
    assert [(asking.action, asking.insists) for asking in ports.asked] == [
        (Action.CHANGE, False),
        (Action.DISCONNECT, True),
    ]


def test_a_nas_that_was_silent_about_another_session_is_not_asked_in_every_way():
    reauthenticate = replace(WIRED, wish=Wish.REAUTHENTICATE)
    spared = Said(None, words="it has just been silent", spared=True)
    ports = Ports([spared], held=reauthenticate, client=SWITCH)

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert (settled.result, settled.spared) == (Disconnect.SILENT, True)
    assert len(ports.asked) == 1


@pytest.mark.parametrize("vendor", ["openvpn", "ocserv", "paloalto"])
def test_a_nas_whose_kind_takes_no_requests_is_not_asked(vendor):
    ports = Ports(client=replace(CLIENT, vendor=vendor))

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert (settled.result, settled.note) == (Disconnect.NAKED, "a NAS of its kind takes no such request")
    assert ports.asked == []


@pytest.mark.parametrize(
    "settled", [Disconnect.NOT_WANTED, Disconnect.PROVEN, Disconnect.UNPROVEN, Disconnect.NAKED]
)
def test_nobody_is_asked_where_nobody_wants_an_end(settled):
    ports = Ports(held=replace(SESSION, disconnect=settled))

    assert disconnect_session(ports, 7, lambda: NOW) is None
    assert ports.asked == ports.settled == []


def test_a_session_that_is_not_known_is_nobodys():
    assert disconnect_session(Ports(), 8, lambda: NOW) is None


def test_a_session_that_has_ended_by_itself_needs_no_request():
    ports = Ports(held=replace(SESSION, state=State.ENDED, end_reason=End.STOPPED))

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.PROVEN
    assert ports.asked == []


def test_a_session_that_the_nas_goes_on_reporting_is_asked_about_although_it_has_ended_here():
    ports = Ports(held=replace(SESSION, state=State.ENDED, end_reason=End.DISCONNECTED))

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.ACKED
    assert ports.extras == [END]


def test_a_nas_whose_address_is_not_known_cannot_be_asked():
    ports = Ports(client=replace(CLIENT, network=ip_network("192.0.2.0/24")))

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert settled.result is Disconnect.NAKED
    assert "192.0.2.0/24" in settled.note
    assert ports.asked == []


@pytest.mark.parametrize(
    ("network", "came_from", "asked"),
    [
        ("192.0.2.0/24", "192.0.2.9", "192.0.2.9"),
        ("192.0.2.7", "192.0.2.7", "192.0.2.7"),
        ("192.0.2.7", "", "192.0.2.7"),
        # The entry has been changed since: what the session came from is another's by now.
        ("192.0.2.7", "198.51.100.1", "192.0.2.7"),
    ],
)
def test_the_nas_is_asked_where_the_session_came_from(network, came_from, asked):
    ports = Ports(
        held=replace(SESSION, nas_address=came_from, nas_secret=1),
        client=replace(CLIENT, network=ip_network(network)),
    )
    # Of one device it is known which secret it used last; of several each session knows.
    secret = 1 if "/" in network else 0

    disconnect_session(ports, 7, lambda: NOW)

    (asking,) = ports.asked
    assert (str(asking.address), asking.secret) == (asked, secret)


def test_a_yes_waits_for_its_proof_before_more_is_done():
    acked = replace(SESSION, disconnect=Disconnect.ACKED, disconnect_at=NOW)
    ports = Ports(held=replace(acked, state=State.ENDED, end_reason=End.DISCONNECTED, seen_at=NOW))

    assert disconnect_session(ports, 7, lambda: NOW + PROOF_S - 1) is None
    settled = disconnect_session(ports, 7, lambda: NOW + PROOF_S)
    assert settled.result is Disconnect.UNPROVEN
    assert "proven" in settled.note
    assert ports.asked == []


def unproven(session, **more):
    acked = replace(session, disconnect=Disconnect.ACKED, disconnect_at=NOW - PROOF_S)
    return replace(acked, state=State.ENDED, end_reason=End.DISCONNECTED, **more)


def test_a_yes_that_nothing_proves_is_followed_by_the_next_way():
    ports = Ports(held=unproven(WIRED), client=SWITCH)

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert ports.extras == [(Action.CHANGE, BOUNCE_PORT.attributes)]
    assert (settled.result, settled.recipe) == (Disconnect.ACKED, 1)


def test_where_there_is_no_accounting_nothing_more_is_asked():
    ports = Ports(held=unproven(WIRED, seen_at=None), client=SWITCH)

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.UNPROVEN
    assert ports.asked == []


def test_a_nas_that_refuses_one_way_is_asked_in_the_next():
    ports = Ports([NAKED, ACKED], held=WIRED, client=SWITCH)

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert ports.extras == [END, (Action.CHANGE, BOUNCE_PORT.attributes)]
    assert settled == Settled(Disconnect.ACKED, "", NOW, ended=True, recipe=1)


@pytest.mark.parametrize(
    ("session", "others"),
    [
        (replace(WIRED, voice=True), 0),
        (WIRED, 1),
        (replace(WIRED, nas_port=""), 0),
        (replace(WIRED, via="wireless"), 0),
    ],
)
def test_a_port_where_a_telephone_or_somebody_else_may_be_is_never_bounced(session, others):
    ports = Ports([NAKED], held=session, client=SWITCH, others=others)

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.NAKED
    assert ports.extras == [END]


def test_a_new_login_is_asked_for_as_the_family_understands_it_and_by_an_end_if_need_be():
    again = replace(WIRED, wish=Wish.REAUTHENTICATE)
    ports = Ports([NAKED, SILENT, NAKED], held=again, client=SWITCH)

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert ports.extras == [
        (Action.CHANGE, REAUTHENTICATE.attributes),
        END,
        (Action.CHANGE, BOUNCE_PORT.attributes),
    ]
    assert (settled.result, settled.ended, settled.recipe) == (Disconnect.SILENT, False, 0)


def test_a_session_that_is_asked_to_log_in_anew_goes_on_meanwhile():
    ports = Ports(held=replace(WIRED, wish=Wish.REAUTHENTICATE), client=SWITCH)

    assert not disconnect_session(ports, 7, lambda: NOW).ended


def test_a_nas_that_comes_back_by_itself_has_said_yes():
    initiated = Said(False, 507, "the NAS goes on by a request of its own")
    ports = Ports([initiated], held=replace(SESSION, wish=Wish.REAUTHENTICATE))

    settled = disconnect_session(ports, 7, lambda: NOW)

    state = Attribute(AttributeType.STATE, b"state of 7")
    assert ports.extras == [(Action.CHANGE, (AUTHORIZE_ONLY, state))]
    assert settled == Settled(Disconnect.ACKED, initiated.words, NOW)


def test_a_507_to_anything_else_is_a_no():
    ports = Ports([Said(False, 507, "")])

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.NAKED


def test_the_request_names_the_session_in_every_way_the_family_understands():
    named = {attribute.type: attribute.value for attribute in identification(SESSION, "generic")}

    assert named == {
        AttributeType.USER_NAME: b"minjun.kim@hangang.example",
        AttributeType.ACCT_SESSION_ID: b"session-1",
        AttributeType.CALLING_STATION_ID: b"00-00-5E-00-53-01",
        AttributeType.FRAMED_IP_ADDRESS: bytes((10, 77, 0, 5)),
    }


def test_hostapd_is_told_only_what_it_understands():
    named = {attribute.type for attribute in identification(SESSION, "hostapd")}

    assert named == {AttributeType.ACCT_SESSION_ID, AttributeType.CALLING_STATION_ID}


def test_a_nas_that_wants_its_own_address_too_gets_it_beside_the_session():
    named = identification(SESSION, "icx", ip_address("192.0.2.3"))
    bare = identification(replace(SESSION, calling_station=""), "icx", ip_address("192.0.2.3"))

    assert [a.type for a in named] == [AttributeType.CALLING_STATION_ID, AttributeType.NAS_IP_ADDRESS]
    assert [a.type for a in bare] == [AttributeType.USER_NAME, AttributeType.NAS_IP_ADDRESS]
    assert named[1].value == bytes((192, 0, 2, 3))


def test_a_session_without_accounting_is_named_by_its_user_at_least():
    bare = replace(SESSION, acct_session_id="", calling_station="", address4=None)

    assert [attribute.type for attribute in identification(bare, "hostapd")] == [AttributeType.USER_NAME]


def test_a_nas_that_is_connected_elsewhere_is_left_to_that_machine_for_a_while():
    ports = Ports(held=replace(SESSION, disconnect_at=NOW), elsewhere=True)

    assert disconnect_session(ports, 7, lambda: NOW + ELSEWHERE_S - 1) is None
    assert ports.asked == []

    settled = disconnect_session(ports, 7, lambda: NOW + ELSEWHERE_S)
    assert settled is not None
    assert len(ports.asked) == 1
