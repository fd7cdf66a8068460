"""A server, its NAS and its home servers in memory; what they send may be lost, forged or looped."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from radius.attributes import Attribute, AttributeType, integer
from radius.authenticator import sign_hashed_request, sign_reply
from radius.effects import Relay, Role
from radius.hidden import hide_salted, reveal_password, reveal_salted
from radius.home import Destination, HomeServer, Order, Pool, State, Timing, Transport
from radius.limits import Limits
from radius.packet import Code, Packet, decode
from radius.questions import Authorize, Failure, Granted, Refused
from radius.relays import ACCOUNTING_S, Relays
from radius.secret import SharedSecret
from tests.radius.office import MAC, SECRET, Asker, Office, station, user

HOME_SECRET = b"what we share with homes"
FIRST = HomeServer("first", ip_address("198.51.100.1"), 1812, HOME_SECRET, accounting_port=1813)
SECOND = replace(FIRST, key="second", address=ip_address("198.51.100.2"))
TIMING = Timing(response_s=3, zombie_s=20, probe_s=5)
POOL = Pool((FIRST, SECOND), timing=TIMING)
TAG = b"gate one"
SHARED = SharedSecret(HOME_SECRET)
AT_ONCE = Limits(reject_delay_s=0)
EAP_IDENTITY = Attribute(AttributeType.EAP_MESSAGE, b"\2\7\0\x0d\1kim@away")


class Gate(Office):
    """An office that sends `...@away` on; `relayed` are the requests that are with home servers."""

    def __init__(self, pool=POOL, tag=TAG, limits=AT_ONCE, **more):
        super().__init__(limits=limits, **more)
        self.pool = pool
        self.relays = Relays(self.destination, tag, 0, self.randomly, limits)
        self.server.relay_through(self.relays)
        self.relayed = []

    def destination(self, nas, name):
        _, _, realm = name.partition("@")
        if realm == "away":
            return Destination("away", self.pool)
        return Destination(realm, None) if realm == "nowhere" else None

    def do(self, effects):
        self.relayed += [effect for effect in effects if isinstance(effect, Relay)]
        rest = [effect for effect in effects if not isinstance(effect, Relay)]
        return super().do(rest)

    def randomly(self, count):
        self.random += 1
        return b"\x77" + self.random.to_bytes(count - 1, "big")

    def ask_away(self, asker, *more, name="kim@away", password="correct horse"):
        """The request as the home server got it, and how the NAS sent it."""
        request = asker.access(user(name), station(MAC), *more, password=password)
        assert self.receive(request) == []
        return request

    def answer(self, code, *attributes, secret=SHARED, signed=True, relay=None):
        """What the NAS hears after the home server has answered the newest request."""
        relay = relay or self.relayed[-1]
        packet = decode(relay.data)
        reply = sign_reply(packet, code, attributes, secret)
        if not signed:
            reply = unsigned(packet, code, attributes, secret)
        return self.do(self.server.home_reply(relay.lane, reply, self.now))

    def pass_time(self, seconds):
        self.now += seconds
        return self.expire()


def unsigned(packet, code, attributes, secret):
    """A reply as old servers make it, without a Message-Authenticator."""
    body = b"".join(bytes((a.type, len(a.value) + 2)) + a.value for a in attributes)
    head = bytes((code, packet.identifier)) + (20 + len(body)).to_bytes(2, "big")
    return head + secret.md5_before(head + packet.authenticator + body) + body


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def asker():
    return Asker()


def heard(gate, asker, request, sends):
    [send] = sends
    return asker.read(send, request)


def test_a_password_arrives_under_the_home_server_s_secret_with_our_own_authenticator(gate, asker):
    request = gate.ask_away(asker, Attribute(26, bytes((0, 0, 0, 9, 1, 4)) + b"ab"), Attribute(126, b"1TEST"))

    sent = decode(gate.relayed[0].data)

    assert gate.relayed[0].lane.server is FIRST
    assert sent.attributes[0].type == AttributeType.MESSAGE_AUTHENTICATOR
    assert sent.authenticator != decode(request).authenticator
    hidden = sent.first(AttributeType.USER_PASSWORD)
    assert reveal_password(hidden, SHARED, sent.authenticator) == b"correct horse"
    # What we do not know goes on as it came; Operator-Name too.
    assert sent.first(1, 9) == b"ab"
    assert sent.first(126) == b"1TEST"
    assert sent.attributes[-1].value.startswith(TAG)


def test_an_accept_is_decided_here_and_brings_what_it_may(gate, asker):
    request = gate.ask_away(asker, Attribute(AttributeType.PROXY_STATE, b"theirs"))

    replies = gate.answer(
        Code.ACCESS_ACCEPT,
        Attribute(AttributeType.USER_NAME, b"kim.real@away"),
        Attribute(AttributeType.CLASS, b"home's class"),
        Attribute(AttributeType.TUNNEL_PRIVATE_GROUP_ID, b"666"),
        Attribute(AttributeType.FILTER_ID, b"open everything"),
        integer(AttributeType.SERVICE_TYPE, 6),
        Attribute(1, b"shell:priv-lvl=15", 9),
        Attribute(AttributeType.PROXY_STATE, b"forged"),
    )

    reply = heard(gate, asker, request, replies)
    assert reply.code is Code.ACCESS_ACCEPT
    asked = gate.application.asked[-1]
    assert (asked.realm, asked.user, asked.user_name) == ("away", None, "kim.real@away")
    assert [step.note for step in asked.steps] == ["first"]
    assert reply.all(AttributeType.CLASS) == [b"class of kim", b"home's class"]
    assert reply.all(AttributeType.TUNNEL_PRIVATE_GROUP_ID) == [b"120"]
    assert reply.all(AttributeType.PROXY_STATE) == [b"theirs"]
    for gone in (AttributeType.FILTER_ID, AttributeType.SERVICE_TYPE):
        assert reply.first(gone) is None
    assert reply.first(1, 9) is None
    assert gate.records == ["accepted"]


def test_a_realm_may_give_what_it_is_allowed_and_of_two_timeouts_the_shorter_counts(asker):
    gate = Gate(pool=replace(POOL, gives=frozenset({"filter", "vendor"})))
    granted = Granted((integer(AttributeType.SESSION_TIMEOUT, 3600),), b"class", "kim", "accepted")
    gate.application.ask = lambda question: granted
    request = gate.ask_away(asker)

    replies = gate.answer(
        Code.ACCESS_ACCEPT,
        Attribute(AttributeType.FILTER_ID, b"guests"),
        Attribute(AttributeType.TUNNEL_PRIVATE_GROUP_ID, b"666"),
        Attribute(1, b"ip:inacl#1=deny", 9),
        integer(AttributeType.SESSION_TIMEOUT, 600),
    )

    reply = heard(gate, asker, request, replies)
    assert reply.first(AttributeType.FILTER_ID) == b"guests"
    assert reply.first(1, 9) == b"ip:inacl#1=deny"
    assert reply.first(AttributeType.TUNNEL_PRIVATE_GROUP_ID) is None
    assert reply.all(AttributeType.SESSION_TIMEOUT) == [(600).to_bytes(4, "big")]


def test_beside_what_an_administrator_is_granted_a_realm_gives_nothing(asker):
    gate = Gate(pool=replace(POOL, gives=frozenset({"filter", "vendor", "vlan"})))
    privilege = (Attribute(1, b"shell:priv-lvl=1", 9),)
    gate.application.ask = lambda question: Granted(privilege, b"", "", "accepted", alone=True)
    request = gate.ask_away(asker)

    replies = gate.answer(
        Code.ACCESS_ACCEPT,
        Attribute(1, b"shell:roles=network-admin", 9),
        Attribute(4, b"root", 14823),
        Attribute(AttributeType.FILTER_ID, b"all"),
        Attribute(AttributeType.CLASS, b"home's class"),
    )

    reply = heard(gate, asker, request, replies)
    assert [a for a in reply.attributes if a.type != AttributeType.MESSAGE_AUTHENTICATOR] == list(privilege)


def test_keys_are_hidden_anew_for_the_nas(gate, asker):
    request = gate.ask_away(asker, EAP_IDENTITY, password=None)
    sent = decode(gate.relayed[0].data)
    keys = [
        Attribute(kind, hide_salted(bytes((kind,)) * 32, SHARED, sent.authenticator, bytes((200, kind))), 311)
        for kind in (16, 17)
    ]

    replies = gate.answer(Code.ACCESS_ACCEPT, Attribute(79, b"\3\7\0\4"), *keys, Attribute(18, b"hello"))

    reply = heard(gate, asker, request, replies)
    for kind in (16, 17):
        key = reveal_salted(reply.first(kind, 311), SharedSecret(SECRET), decode(request).authenticator)
        assert key == bytes((kind,)) * 32
    assert reply.first(16, 311)[:2] != reply.first(17, 311)[:2]
    assert reply.first(AttributeType.EAP_MESSAGE) == b"\3\7\0\4"
    assert reply.first(AttributeType.REPLY_MESSAGE) is None


def test_a_key_that_cannot_be_read_makes_the_reply_worth_nothing(gate, asker):
    gate.ask_away(asker)

    assert gate.answer(Code.ACCESS_ACCEPT, Attribute(17, b"\x80\1short", 311)) == []
    assert gate.relays.counters.bad_replies == 1


def test_a_challenge_goes_back_under_our_state_and_its_answer_to_the_same_server(asker):
    gate = Gate(pool=replace(POOL, order=Order.BALANCE))
    for _ in range(3):
        gate.relayed.clear()
        request = gate.ask_away(asker, EAP_IDENTITY, password=None)
        server = gate.relayed[0].lane.server
        challenge = heard(
            gate,
            asker,
            request,
            gate.answer(Code.ACCESS_CHALLENGE, Attribute(79, b"\1\x08\0\6\x15\x20"), Attribute(24, b"home")),
        )
        assert challenge.code is Code.ACCESS_CHALLENGE
        state = challenge.first(AttributeType.STATE)
        assert state != b"home"

        gate.ask_away(asker, Attribute(79, b"\2\x08\0\6\x15\0"), Attribute(24, state), password=None)

        assert decode(gate.relayed[-1].data).all(AttributeType.STATE) == [b"home"]
        assert gate.relayed[-1].lane.server is server


def test_a_state_is_good_once(gate, asker):
    request = gate.ask_away(asker)
    state = heard(gate, asker, request, gate.answer(Code.ACCESS_CHALLENGE)).first(AttributeType.STATE)
    gate.ask_away(asker, Attribute(24, state))
    sent = len(gate.relayed)

    again = asker.access(user("kim@away"), station(MAC), Attribute(24, state), password="x")
    reply = heard(gate, asker, again, gate.receive(again))

    assert reply.code is Code.ACCESS_REJECT
    assert len(gate.relayed) == sent
    assert gate.application.asked[-1].reason is Failure.BAD_STATE


def test_a_state_is_worth_nothing_from_another_nas(gate, asker):
    request = gate.ask_away(asker)
    state = heard(gate, asker, request, gate.answer(Code.ACCESS_CHALLENGE)).first(AttributeType.STATE)
    gate.nas = replace(gate.nas, key="another")

    stolen = asker.access(user("kim@away"), station(MAC), Attribute(24, state), password="x")

    assert heard(gate, asker, stolen, gate.receive(stolen)).code is Code.ACCESS_REJECT
    assert len(gate.relayed) == 1


def test_a_refusal_of_the_home_server_is_written_down_with_who_it_was(gate, asker):
    request = gate.ask_away(asker)

    reply = heard(gate, asker, request, gate.answer(Code.ACCESS_REJECT, Attribute(18, b"go away")))

    assert reply.code is Code.ACCESS_REJECT
    assert reply.all(AttributeType.REPLY_MESSAGE) == [b"case 4713"]
    report = gate.application.asked[-1]
    assert (report.reason, report.detail) == (Failure.HOME_REFUSED, "first")


@pytest.mark.parametrize("code", [Code.ACCESS_ACCEPT, Code.ACCESS_REJECT])
def test_with_eap_a_refusal_ends_in_an_eap_failure_whoever_refused(gate, asker, code):
    gate.application.ask = lambda question: Refused("case", "record")
    request = gate.ask_away(asker, EAP_IDENTITY, password=None)

    reply = heard(gate, asker, request, gate.answer(code, Attribute(79, b"\3\x09\0\4")))

    assert reply.code is Code.ACCESS_REJECT
    assert reply.first(AttributeType.EAP_MESSAGE) == b"\4\x09\0\4"
    assert reply.first(AttributeType.REPLY_MESSAGE) is None


def test_an_unknown_realm_is_answered_and_not_sent_anywhere(gate, asker):
    request = asker.pap("x", name="kim@nowhere")

    reply = heard(gate, asker, request, gate.receive(request))

    assert reply.code is Code.ACCESS_REJECT
    assert gate.relayed == []
    assert gate.application.asked[-1].reason is Failure.UNKNOWN_REALM


def test_silence_is_asked_again_once_then_the_next_server_then_it_is_refused(gate, asker):
    request = gate.ask_away(asker)
    gate.pass_time(1.5)
    assert [relay.data for relay in gate.relayed] == [gate.relayed[0].data] * 2
    gate.pass_time(1.5)
    assert gate.relays.homes.state(FIRST) is State.ZOMBIE
    assert [relay.lane.server.key for relay in logins(gate)] == ["first", "first", "second"]
    gate.pass_time(1.5)

    reply = heard(gate, asker, request, gate.pass_time(1.5))

    assert reply.code is Code.ACCESS_REJECT
    report = gate.application.asked[-1]
    assert report.reason is Failure.HOME_UNAVAILABLE
    assert "first, second" in report.detail
    assert len(gate.relays) == 2  # the two Status-Servers


def test_a_request_in_flight_is_answered_by_the_next_server_and_the_late_one_is_ignored(gate, asker):
    request = gate.ask_away(asker)
    lost = gate.relayed[0]
    gate.pass_time(1.5)
    gate.pass_time(1.5)

    reply = heard(gate, asker, request, gate.answer(Code.ACCESS_ACCEPT, relay=logins(gate)[-1]))

    assert reply.code is Code.ACCESS_ACCEPT
    assert gate.answer(Code.ACCESS_REJECT, relay=lost) == []
    assert gate.relays.counters.late_replies == 1


def logins(gate):
    return [relay for relay in gate.relayed if decode(relay.data).code is Code.ACCESS_REQUEST]


def test_the_dead_are_asked_for_their_status_and_for_nothing_else(gate, asker):
    gate.pool = replace(POOL, servers=(FIRST,))
    gate.ask_away(asker)
    for _ in range(20):
        gate.pass_time(1.5)
    assert gate.relays.homes.state(FIRST) is State.DEAD
    gate.relayed.clear()

    request = asker.access(user("kim@away"), station(MAC), password="x")
    reply = heard(gate, asker, request, gate.receive(request))

    assert reply.code is Code.ACCESS_REJECT
    assert "all are dead" in gate.application.asked[-1].detail
    for _ in range(3):
        gate.relayed.clear()
        gate.pass_time(5)
        assert [decode(relay.data).code for relay in gate.relayed] == [Code.STATUS_SERVER]
        gate.answer(Code.ACCESS_ACCEPT)
    assert gate.relays.homes.state(FIRST) is State.ALIVE
    gate.relayed.clear()
    gate.ask_away(asker)
    assert len(gate.relayed) == 1


def test_a_conversation_does_not_move_to_a_server_that_knows_nothing_of_it(gate, asker):
    request = gate.ask_away(asker, EAP_IDENTITY, password=None)
    state = heard(gate, asker, request, gate.answer(Code.ACCESS_CHALLENGE, EAP_IDENTITY)).first(24)
    going_on = gate.ask_away(asker, Attribute(24, state), EAP_IDENTITY, password=None)
    gate.pass_time(1.5)

    reply = heard(gate, asker, going_on, gate.pass_time(1.5))

    assert reply.code is Code.ACCESS_REJECT
    assert {relay.lane.server.key for relay in logins(gate)} == {"first"}


def test_a_conversation_that_the_nas_forsakes_is_written_down(gate, asker):
    gate.ask_away(asker, EAP_IDENTITY, password=None)
    gate.answer(Code.ACCESS_CHALLENGE, EAP_IDENTITY)

    gate.pass_time(60)

    assert gate.application.asked[-1].reason is Failure.TIMED_OUT
    assert gate.records == [("report", Failure.TIMED_OUT)]


@pytest.mark.parametrize(
    "forged",
    [{"secret": SharedSecret(b"another secret here")}, {"signed": False}],
    ids=["another secret", "no Message-Authenticator"],
)
def test_a_reply_that_is_not_to_be_believed_is_dropped_and_the_right_one_still_counts(gate, asker, forged):
    request = gate.ask_away(asker)
    assert gate.answer(Code.ACCESS_ACCEPT, **forged) == []
    assert gate.relays.counters.bad_replies == 1

    assert heard(gate, asker, request, gate.answer(Code.ACCESS_ACCEPT)).code is Code.ACCESS_ACCEPT


def test_an_old_server_may_leave_the_message_authenticator_out_where_that_is_set(asker):
    gate = Gate(pool=Pool((replace(FIRST, must_sign=False),), timing=TIMING))
    request = gate.ask_away(asker)

    assert heard(gate, asker, request, gate.answer(Code.ACCESS_ACCEPT, signed=False)).code is (
        Code.ACCESS_ACCEPT
    )


def test_even_an_old_server_has_to_know_the_secret(asker):
    gate = Gate(pool=Pool((replace(FIRST, must_sign=False),), timing=TIMING))
    gate.ask_away(asker)

    assert gate.answer(Code.ACCESS_ACCEPT, signed=False, secret=SharedSecret(b"another secret here")) == []
    assert gate.relays.counters.bad_replies == 1


def test_garbage_from_a_home_server_is_dropped(gate, asker):
    gate.ask_away(asker)
    lane = gate.relayed[0].lane

    for data in (b"", b"\2", b"\2\0\0\x14" + bytes(16), bytes(4096)):
        assert gate.do(gate.server.home_reply(lane, data, gate.now)) == []


def test_what_comes_back_to_us_is_a_loop_and_refused(gate, asker):
    gate.ask_away(asker)
    came_round = decode(gate.relayed[0].data).all(AttributeType.PROXY_STATE)

    again = asker.pap("x", *(Attribute(33, value) for value in came_round), name="kim@away")
    reply = heard(gate, asker, again, gate.receive(again))

    assert reply.code is Code.ACCESS_REJECT
    assert gate.application.asked[-1].reason is Failure.FORWARDING_LOOP
    assert len(gate.relayed) == 1


def test_a_request_that_has_passed_too_many_servers_is_a_loop(gate, asker):
    passed = [Attribute(33, bytes((number,))) for number in range(9)]
    request = asker.pap("x", *passed, name="kim@away")

    assert heard(gate, asker, request, gate.receive(request)).code is Code.ACCESS_REJECT
    assert gate.application.asked[-1].reason is Failure.FORWARDING_LOOP


def test_two_gates_that_send_to_each_other_end_in_a_refusal():
    first = Gate(nas={"secrets": (HOME_SECRET,)})
    second = Gate(tag=b"gate two", nas={"secrets": (HOME_SECRET,)})
    first.ask_away(Asker(HOME_SECRET))
    second.receive(first.relayed[0].data)

    [refusal] = first.receive(second.relayed[0].data, port=2000)

    assert decode(refusal.data).code is Code.ACCESS_REJECT
    assert first.application.asked[-1].reason is Failure.FORWARDING_LOOP


def test_chap_whose_challenge_lay_in_the_authenticator_takes_it_along(gate, asker):
    request = asker.access(user("kim@away"), Attribute(AttributeType.CHAP_PASSWORD, bytes(17)))
    gate.receive(request)

    sent = decode(gate.relayed[0].data)
    assert sent.first(AttributeType.CHAP_CHALLENGE) == decode(request).authenticator


def test_a_duplicate_is_not_sent_twice_and_gets_the_same_reply(gate, asker):
    request = gate.ask_away(asker)
    assert gate.receive(request) == []
    assert len(gate.relayed) == 1

    [first] = gate.answer(Code.ACCESS_ACCEPT)
    [again] = gate.receive(request)

    assert again.data == first.data


def test_an_accept_that_the_nas_does_not_wait_for_any_more_is_none(gate, asker):
    gate.ask_away(asker)
    relay = gate.relayed[0]
    # The same identifier with another authenticator: the NAS has given the first one up.
    asker.count += 255
    gate.ask_away(asker)

    assert gate.answer(Code.ACCESS_ACCEPT, relay=relay) == []
    assert gate.records == [("report", Failure.GIVEN_UP)]


def test_accounting_is_answered_once_recorded_and_a_copy_goes_home(gate, asker):
    request = asker.account(1)
    local = gate.receive(request, role=Role.ACCOUNTING)
    assert len(local) == 1
    assert gate.relayed == []

    away = account_away(asker)
    replies = gate.receive(away, role=Role.ACCOUNTING)

    assert decode(replies[0].data).code is Code.ACCOUNTING_RESPONSE
    [relay] = gate.relayed
    assert relay.lane.accounting
    sent = decode(relay.data)
    assert sent.first(AttributeType.ACCT_SESSION_ID) == b"s1"
    assert gate.answer(Code.ACCOUNTING_RESPONSE) == []
    assert len(gate.relays) == 0


def account_away(asker):
    asker.count += 1
    attributes = (integer(40, 1), Attribute(44, b"s1"), user("kim@away"), Attribute(25, b"class"))
    return sign_hashed_request(
        Packet(Code.ACCOUNTING_REQUEST, asker.count & 255, b"", attributes), asker.secret
    )


def test_accounting_goes_home_again_and_again_for_a_minute_and_is_then_counted_as_lost(gate, asker):
    gate.receive(account_away(asker), role=Role.ACCOUNTING)
    began = gate.now
    while gate.now < began + ACCOUNTING_S + 10:
        gate.pass_time(1.5)

    copies = [relay for relay in gate.relayed if relay.lane.accounting]
    assert {relay.lane.server.key for relay in copies} == {"first", "second"}
    assert len(copies) > 10
    assert gate.relays.counters.accounting_lost == 1


def test_more_logins_than_identifiers_use_more_sockets(gate, asker):
    for _ in range(300):
        gate.receive(asker.access(user("kim@away"), password="x"), port=1645 + asker.count // 256)

    assert {relay.lane.slot for relay in gate.relayed} == {0, 1}
    assert len({(relay.lane.slot, relay.data[1]) for relay in gate.relayed}) == 300


def test_home_servers_that_are_silent_take_no_room_from_those_who_log_in_here(asker):
    gate = Gate(limits=Limits(reject_delay_s=0, max_relayed=2))
    for _ in range(2):
        gate.ask_away(asker)

    third = asker.pap("x", name="kim@away")
    ours = asker.pap("correct horse")

    assert heard(gate, asker, third, gate.receive(third)).code is Code.ACCESS_REJECT
    assert gate.application.asked[-1].reason is Failure.BUSY
    assert heard(gate, asker, ours, gate.receive(ours)).code is Code.ACCESS_ACCEPT
    gate.receive(account_away(asker), role=Role.ACCOUNTING)
    assert gate.relays.counters.accounting_lost == 1


def test_a_conversation_too_many_is_refused_and_no_other_forgotten(asker):
    gate = Gate(limits=Limits(reject_delay_s=0, max_conversations=1))
    first = gate.ask_away(asker)
    state = heard(gate, asker, first, gate.answer(Code.ACCESS_CHALLENGE)).first(AttributeType.STATE)

    second = gate.ask_away(asker)

    assert heard(gate, asker, second, gate.answer(Code.ACCESS_CHALLENGE)).code is Code.ACCESS_REJECT
    gate.ask_away(asker, Attribute(24, state))
    assert heard(gate, asker, first, [gate.sent[0]]).code is Code.ACCESS_CHALLENGE


def test_inside_tls_the_secret_is_radsec_and_nothing_is_sent_twice(asker):
    server = replace(FIRST, transport=Transport.RADSEC)
    gate = Gate(pool=Pool((server,), timing=TIMING))
    request = gate.ask_away(asker)
    gate.pass_time(1.5)
    assert len(gate.relayed) == 1

    reply = heard(
        gate, asker, request, gate.answer(Code.ACCESS_ACCEPT, secret=SharedSecret(b"radsec"), signed=False)
    )
    assert reply.code is Code.ACCESS_ACCEPT


def test_somebody_of_ours_who_is_still_asked_elsewhere_is_decided_as_one_of_ours(gate, asker):
    gate.relays._find = lambda nas, name: Destination("old", POOL, user="user-kim")
    request = asker.pap("x", name="kim")
    gate.receive(request)

    heard(gate, asker, request, gate.answer(Code.ACCESS_ACCEPT))

    asked = gate.application.asked[-1]
    assert isinstance(asked, Authorize)
    assert (asked.user, asked.user_name, asked.realm) == ("user-kim", "kim", "old")
