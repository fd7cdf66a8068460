from dataclasses import dataclass, field, replace
from ipaddress import ip_network

import pytest

from access.disconnect import ASK_AGAIN_S, Said, Settled, disconnect_session, identification
from access.model import Via
from access.network_session import Disconnect, NetworkSession, State
from access.registry import NasClient
from radius.attributes import AttributeType

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
ACKED = Said(True)
CLIENT = NasClient(3, 1, "vpn", ip_network("192.0.2.7"), ("a secret of sixteen",), Via.VPN)


@dataclass
class Ports:
    """One session at one NAS that answers as it was told."""

    answer: Said = ACKED
    held: NetworkSession = SESSION
    client: NasClient = CLIENT
    asked: list = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)

    def session(self, session_id):
        return (self.held, self.client) if session_id == self.held.id else None

    def ask_nas(self, client, address, attributes):
        self.asked.append((str(address), attributes))
        return self.answer

    def settle(self, session_id, settled, now):
        self.settled.append(settled)


ANSWERS = [
    (ACKED, Settled(Disconnect.ACKED, "", NOW, ended=True)),
    (Said(False, 503, "no such session"), Settled(Disconnect.ACKED, "no such session", NOW, ended=True)),
    (Said(False, 501, "refused"), Settled(Disconnect.NAKED, "refused", NOW, ended=False)),
    (Said(None, None, "no answer"), Settled(Disconnect.SILENT, "no answer", NOW + ASK_AGAIN_S, ended=False)),
]


@pytest.mark.parametrize(("said", "settled"), ANSWERS)
def test_what_the_nas_says_settles_the_wish(said, settled):
    ports = Ports(said)

    assert disconnect_session(ports, 7, lambda: NOW) == settled
    assert ports.settled == [settled]


def test_a_nas_that_was_silent_is_asked_again():
    ports = Ports(held=replace(SESSION, disconnect=Disconnect.SILENT))

    assert disconnect_session(ports, 7, lambda: NOW).ended


@pytest.mark.parametrize("settled", [Disconnect.NOT_WANTED, Disconnect.ACKED, Disconnect.NAKED])
def test_nobody_is_asked_where_nobody_wants_an_end(settled):
    ports = Ports(held=replace(SESSION, disconnect=settled))

    assert disconnect_session(ports, 7, lambda: NOW) is None
    assert ports.asked == ports.settled == []


def test_a_session_that_is_not_known_is_nobodys():
    assert disconnect_session(Ports(), 8, lambda: NOW) is None


def test_a_session_that_has_ended_by_itself_needs_no_request():
    ports = Ports(held=replace(SESSION, state=State.ENDED))

    assert disconnect_session(ports, 7, lambda: NOW).result is Disconnect.ACKED
    assert ports.asked == []


def test_a_nas_whose_address_is_not_known_cannot_be_asked():
    ports = Ports(client=replace(CLIENT, network=ip_network("192.0.2.0/24")))

    settled = disconnect_session(ports, 7, lambda: NOW)

    assert settled.result is Disconnect.NAKED
    assert "192.0.2.0/24" in settled.note
    assert ports.asked == []


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


def test_a_session_without_accounting_is_named_by_its_user_at_least():
    bare = replace(SESSION, acct_session_id="", calling_station="", address4=None)

    assert [attribute.type for attribute in identification(bare, "hostapd")] == [AttributeType.USER_NAME]
