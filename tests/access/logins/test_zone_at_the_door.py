"""An endpoint that is in one zone is not let into another, where it would have to leave that at once."""

from dataclasses import replace
from itertools import product

import pytest

from access.gateways.livesessions import LiveSession
from access.gateways.one_zone import Placed, yielding
from access.logins.limits import Limits
from access.logins.presence import Presence, Present
from access.model import NETWORK_DOORS, Reason, Via
from access.model import Facts as PolicyFacts
from access.model import Method as PolicyMethod
from access.policy.kept_texts import policy_of
from radius.facts import Facts
from radius.questions import Granted
from tests.access.doors import MAC, POLICY, PRINTER, SWITCH, VPN, Doors
from tests.access.logins.test_login import reason_of
from tests.access.residents import NOW

ZONED = f"""{POLICY}
  - {{id: air, permit: [login:wireless], who: [group:hangang/staff]}}
  - {{id: labelled, permit: [login:wireless, login:vpn], who: ["endpoint:{MAC}"], when: {{method: [mab]}}}}
zones:
  desk: {{holds: [login:wired]}}
  air: {{holds: [login:wireless]}}
  tunnel: {{holds: [login:vpn]}}
"""
ZONES = {Via.WIRED: "desk", Via.WIRELESS: "air", Via.VPN: "tunnel"}
AP = replace(SWITCH, id=6, name="ap", via=Via.WIRELESS)
NAS = {Via.WIRED: SWITCH, Via.WIRELESS: AP, Via.VPN: VPN}
OTHER_MAC = "00:00:5e:00:53:77"
WIRE = Present(
    b"wire", 1, 7, MAC, NOW - 60, Via.WIRED, NOW + 3600, heard_at=NOW - 1, endpoint=MAC, zone="desk"
)


class Doorway(Doors):
    """The doors of one company, each in a zone of its own, and who has a session already."""

    def __init__(self, *known: Present):
        super().__init__()
        self.memory.put_clients([SWITCH, AP, VPN])
        self.memory.put_policy(policy_of(ZONED))
        self.presence = Presence(3)
        self.presence.put_all(known)
        self.logins = replace(self.logins, limits=Limits(self.memory, presence=self.presence))

    def come(self, via, by_mac=False, station=MAC, **more):
        """What becomes of a login: None where it is let in, else why not."""
        code = {"code_at": self.now} if via is Via.VPN and not by_mac else {}
        who = {"mac": PRINTER.mac} if by_mac else {}
        answer = self.authorize(nas=NAS[via], facts=Facts(calling_station=station), **code, **who, **more)
        return None if isinstance(answer, Granted) else reason_of(answer)


def test_a_tunnel_is_not_let_in_while_its_endpoint_is_at_a_wire_of_another_zone():
    assert Doorway(WIRE).come(Via.VPN) == Reason.OTHER_ZONE


def test_a_mac_address_alone_is_not_let_in_while_whoever_proved_who_they_are_is_in_another_zone():
    assert Doorway(WIRE).come(Via.WIRELESS, by_mac=True) == Reason.OTHER_ZONE


def test_the_refusal_says_into_which_zone_it_would_have_led():
    answer = Doorway(WIRE).authorize(nas=VPN, code_at=NOW)

    detail = answer.record["entry"]["detail"]
    assert (detail["what"], detail["zone"]) == ("login.refused", "tunnel")


@pytest.mark.parametrize(
    "known",
    [
        replace(WIRE, zone="tunnel"),
        replace(WIRE, zone=""),
        replace(WIRE, endpoint=OTHER_MAC),
        replace(WIRE, endpoint=""),
        replace(WIRE, leaving=True),
        replace(WIRE, heard_at=NOW - 1000, interim_s=60.0),
        replace(WIRE, valid_until=NOW - 301),
        # The policy has no such zone any more: where that session is now nobody has looked yet.
        replace(WIRE, zone="office"),
    ],
)
def test_what_holds_nothing_against_it_lets_a_tunnel_in(known):
    assert Doorway(known).come(Via.VPN) is None


def test_a_session_that_is_over_holds_nobody_back():
    doing = Doorway(WIRE)
    doing.presence.remove(WIRE.class_)

    assert doing.come(Via.VPN) is None


def test_what_this_worker_has_just_let_in_counts_at_once():
    doing = Doorway()
    assert doing.come(Via.WIRED) is None

    assert doing.come(Via.VPN) == Reason.OTHER_ZONE
    assert doing.come(Via.VPN, station=OTHER_MAC) is None


def test_a_session_that_is_authorized_anew_is_left_to_whoever_watches_it():
    doing = Doorway(WIRE, Present(b"vpn", 1, 7, MAC, NOW - 90, endpoint=MAC, zone="tunnel"))

    assert doing.come(Via.VPN, session=b"vpn") is None


@pytest.mark.parametrize(("known", "led"), [("", "desk"), ("air", "desk"), ("desk", "desk")])
def test_where_it_is_authorized_anew_into_is_where_it_counts_at_once(known, led):
    doing = Doorway(replace(WIRE, zone=known, by_mac=True))

    assert doing.come(Via.WIRED, session=b"wire") is None

    (here,) = doing.presence.at(MAC, NOW)
    assert here == replace(WIRE, zone=led, valid_until=here.valid_until)
    assert doing.come(Via.VPN) == Reason.OTHER_ZONE


def test_an_endpoint_is_known_by_the_address_it_is_registered_with():
    doing = Doorway(replace(WIRE, endpoint=PRINTER.mac.replace("-", ":"), station=OTHER_MAC))

    assert doing.come(Via.WIRELESS, by_mac=True, station="") == Reason.OTHER_ZONE


def session(number, via, by_mac):
    method = PolicyMethod.MAB if by_mac else PolicyMethod.PAP
    came = Present(bytes([number]), 1, 7, MAC, NOW - 60 * (2 - number), via)
    return LiveSession(number, 1, None, PolicyFacts(via=via, method=method), present=came)


SORTS = [*product(sorted(NETWORK_DOORS), (False, True))]


@pytest.mark.parametrize(("before", "after"), [*product(SORTS, SORTS)])
def test_a_login_is_refused_where_its_session_would_have_to_yield_and_nowhere_else(before, after):
    if before[0] == after[0]:
        return
    first, second = session(1, *before), session(2, *after)
    yields = second in yielding([Placed(first, ZONES[before[0]]), Placed(second, ZONES[after[0]])])
    known = replace(WIRE, via=before[0], by_mac=before[1], zone=ZONES[before[0]])

    assert (Doorway(known).come(*after) == Reason.OTHER_ZONE) is yields
    assert Doorway().come(*after) is None
