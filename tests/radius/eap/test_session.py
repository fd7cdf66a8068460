"""The conversation around a method, with a method of three lines."""

from radius.eap.method import Continue, Done, Failed, Opening
from radius.eap.packet import EapType
from radius.eap.session import MAX_ROUND_TRIPS, Challenge, Discard, MethodChoice, Session
from radius.questions import Failure, Method


class Echo:
    """Says what it hears until it hears "end"."""

    name = Method.EAP
    failure = None
    prompt = None

    def __init__(self, kind):
        self.type = kind

    def start(self):
        return Continue(b"start")

    def step(self, data):
        return Done("kim", b"") if data == b"end" else Continue(data)

    def verdict(self, verdict):
        raise AssertionError("never asked for")

    def describe(self):
        return "echo"


KINDS = (EapType.TTLS, EapType.PEAP, EapType.MD5_CHALLENGE)
MAKERS = {kind: (lambda opening, kind=kind: Echo(kind)) for kind in KINDS}


def session(*allowed, before=None):
    """A conversation with somebody who has named a method before, or has not."""
    allowed = allowed or (EapType.TTLS, EapType.PEAP)
    return Session(MethodChoice(allowed, MAKERS, 1024, named_before={"kim": before}.get))


def response(identifier, kind, data=b""):
    return bytes((2, identifier)) + (5 + len(data)).to_bytes(2, "big") + bytes((kind,)) + data


def test_an_identity_is_answered_by_the_first_method():
    conversation = session()

    step = conversation.receive(response(7, 1, b"kim"))

    assert step == Challenge(b"\x01\x08\x00\x0a\x15start")
    assert conversation.identity == "kim"


def test_an_eap_start_is_answered_by_a_request_for_the_identity():
    conversation = session()

    step = conversation.receive(b"")

    assert step == Challenge(b"\x01\x01\x00\x05\x01")
    assert isinstance(conversation.receive(response(1, 1, b"kim")), Challenge)


def test_a_second_eap_start_is_malformed():
    conversation = session()
    conversation.receive(b"")

    assert conversation.receive(b"").reason is Failure.BAD_EAP


def test_a_method_ends_the_conversation():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    assert conversation.receive(response(8, 21, b"more")) == Challenge(b"\x01\x09\x00\x09\x15more")
    assert conversation.receive(response(9, 21, b"end")) == Done("kim", b"")
    assert conversation.success() == b"\x03\x09\x00\x04"
    assert conversation.describe() == "3 round trips, echo"


def test_a_response_to_another_request_is_discarded():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    assert conversation.receive(response(7, 21, b"end")) == Discard()
    assert conversation.receive(response(8, 21, b"end")) == Done("kim", b"")


def test_a_nak_gets_the_method_it_names():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    step = conversation.receive(response(8, 3, bytes((13, 25))))

    assert step == Challenge(b"\x01\x09\x00\x0a\x19start")


def test_a_method_is_told_whom_it_talks_to_and_by_which_identifier():
    opened = []
    makers = {EapType.TTLS: lambda opening: opened.append(opening) or Echo(EapType.TTLS)}
    conversation = Session(MethodChoice((EapType.TTLS,), makers, 1024))

    step = conversation.receive(response(255, 1, b"kim"))

    assert opened == [Opening(1024, "kim", 0)]
    assert step.eap[1] == 0


def test_a_nak_that_names_nothing_we_have_fails_with_both_lists():
    for wanted, words in ((b"\x0d\x34", "TLS, PWD"), (b"\0", "nothing else"), (b"", "nothing else")):
        conversation = session()
        conversation.receive(response(7, 1, b"kim"))

        step = conversation.receive(response(8, 3, wanted))

        assert step == Failed(Failure.NO_COMMON_METHOD, f"we offer TTLS, PEAP; the device wants {words}")


def test_what_is_said_of_a_nak_that_names_everything_stays_short():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    assert len(conversation.receive(response(8, 3, bytes(range(30, 250)) * 4)).detail) < 300


def test_a_nak_does_not_get_a_method_the_nas_may_not_use():
    conversation = session(EapType.TTLS)
    conversation.receive(response(7, 1, b"kim"))

    assert conversation.receive(response(8, 3, b"\x19")).reason is Failure.NO_COMMON_METHOD


def test_what_a_peer_has_named_before_is_proposed_first():
    conversation = session(before=EapType.PEAP)

    step = conversation.receive(response(7, 1, b"kim"))

    assert step.eap[4] == EapType.PEAP
    assert session(before=EapType.PEAP).receive(response(7, 1, b"lee")).eap[4] == EapType.TTLS


def test_what_a_peer_has_named_before_is_not_proposed_where_the_nas_may_not_use_it():
    conversation = session(EapType.TTLS, before=EapType.PEAP)

    assert conversation.receive(response(7, 1, b"kim")).eap[4] == EapType.TTLS


def test_a_peer_may_turn_down_what_it_has_named_before():
    conversation = session(before=EapType.PEAP)
    conversation.receive(response(7, 1, b"kim"))

    step = conversation.receive(response(8, EapType.NAK, bytes((EapType.TTLS,))))

    assert step.eap[4] == EapType.TTLS
    assert (conversation.naked, conversation.named) == (True, None)


def test_a_peer_that_would_take_what_we_prefer_has_named_nothing_else():
    conversation = session(EapType.TTLS, EapType.PEAP, EapType.MD5_CHALLENGE, before=EapType.MD5_CHALLENGE)
    conversation.receive(response(7, 1, b"kim"))

    conversation.receive(response(8, EapType.NAK, bytes((EapType.PEAP, EapType.TTLS))))

    assert (conversation.kind, conversation.named) == (EapType.PEAP, None)


def test_a_peer_that_turns_down_what_we_prefer_has_named_what_it_gets():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    conversation.receive(response(8, EapType.NAK, bytes((EapType.PWD, EapType.PEAP))))

    assert (conversation.naked, conversation.named) == (True, EapType.PEAP)


def test_a_second_nak_fails():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))
    conversation.receive(response(8, 3, b"\x19"))

    assert conversation.receive(response(9, 3, b"\x15")).reason is Failure.NO_COMMON_METHOD


def test_an_expanded_nak_fails_with_a_reason():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    assert conversation.receive(response(8, 254, bytes(15))).reason is Failure.NO_COMMON_METHOD


def test_a_nak_within_a_method_fails():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))
    conversation.receive(response(8, 21, b"more"))

    assert conversation.receive(response(9, 3, b"\x19")).reason is Failure.BAD_EAP


def test_a_second_identity_fails():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))

    assert conversation.receive(response(8, 1, b"lee")).reason is Failure.BAD_EAP


def test_a_conversation_begins_with_an_identity():
    assert session().receive(response(7, 21, b"x")).reason is Failure.BAD_EAP


def test_an_identity_that_is_not_text_fails():
    for name in (b"\xff", b"kim\0", "kim\u202e".encode(), b"k" * 254):
        assert session().receive(response(7, 1, name)).reason is Failure.NOT_TEXT


def test_no_method_for_this_nas_fails():
    for allowed in (EapType.TLS,):
        assert session(allowed).receive(response(7, 1, b"kim")).reason is Failure.METHOD_NOT_ALLOWED
    bare = Session(MethodChoice((), MAKERS, 1024))
    assert bare.receive(response(7, 1, b"kim")).reason is Failure.METHOD_NOT_ALLOWED


def test_malformed_eap_fails():
    conversation = session()

    assert conversation.receive(b"\x02\x01\x00\x09\x01").reason is Failure.BAD_EAP
    conversation.turn_away(b"\x02\x01\x00\x09\x01")
    assert conversation.failure() == b"\x04\x01\x00\x04"


def test_round_trips_are_counted_and_bounded():
    conversation = session()
    conversation.receive(response(7, 1, b"kim"))
    for trip in range(MAX_ROUND_TRIPS - 1):
        assert isinstance(conversation.receive(response(8 + trip, 21, b"more")), Challenge)

    step = conversation.receive(response(7 + MAX_ROUND_TRIPS, 21, b"more"))

    assert step.reason is Failure.TOO_MANY_ROUND_TRIPS
