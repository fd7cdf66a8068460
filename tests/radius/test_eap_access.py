"""EAP around the application's decision, with a method that does what it is told to."""

from radius.attributes import Attribute, AttributeType, split_octets
from radius.eap.method import Continue, Done, Failed, NeedsPassword
from radius.eap.packet import EapType
from radius.hidden import MICROSOFT
from radius.packet import Code
from radius.questions import Authorize, Failure, Method, Refused
from tests.radius.office import MAC, Asker, Office, ask, station, user

KEYS = bytes(range(64))
KIM = Done("kim", KEYS)
PASSWORD = NeedsPassword("kim", "correct horse")


class Scripted:
    """Returns one step after the other, whatever the peer and the application say."""

    type = EapType.TTLS
    name = Method.EAP_TTLS
    failure = None

    def __init__(self, *steps):
        self.steps = list(steps)

    def start(self):
        return Continue(b"start")

    def step(self, data):
        return self.steps.pop(0)

    def verdict(self, granted):
        return self.steps.pop(0)

    def describe(self):
        return "scripted"


def office_with(*steps):
    return Office({EapType.TTLS: lambda octets: Scripted(*steps)}, {"eap_methods": (EapType.TTLS,)})


def log_in(office, trips=1):
    """Return the reply to an Identity and as many Responses as there are trips."""
    asker, eap, more = Asker(), b"\x02\x01\x00\x08\x01kim", ()
    for _ in range(trips + 1):
        attributes = (user("kim"), station(MAC), *split_octets(AttributeType.EAP_MESSAGE, eap), *more)
        reply = ask(office, asker, asker.access(*attributes))
        identifier = reply.first(AttributeType.EAP_MESSAGE)[1]
        eap = bytes((2, identifier, 0, 6, EapType.TTLS, 0))
        more = (Attribute(AttributeType.STATE, reply.first(AttributeType.STATE) or b""),)
    return reply


def refuse_access(office):
    plain = office.application.ask
    office.application.ask = lambda question: (
        Refused("no", "refused") if isinstance(question, Authorize) else plain(question)
    )


def test_a_method_that_proves_an_identity_by_itself_is_decided_on():
    office = office_with(KIM)

    reply = log_in(office)

    assert reply.code is Code.ACCESS_ACCEPT
    assert office.application.kinds == ["Authorize"]
    [access] = office.application.asked
    assert (access.user, access.user_name, access.mac, access.code_at) == (None, "kim", None, None)
    assert reply.first(17, MICROSOFT) is not None
    assert office.records == ["accepted"]


def test_an_identity_proven_and_not_granted_is_rejected_without_keys():
    office = office_with(KIM)
    refuse_access(office)

    reply = log_in(office)

    assert reply.code is Code.ACCESS_REJECT
    assert reply.first(AttributeType.EAP_MESSAGE)[:1] == b"\x04"
    assert reply.first(17, MICROSOFT) is None
    assert office.records == ["refused"]


def test_a_method_without_keys_gives_the_nas_none():
    reply = log_in(office_with(Done("kim", b"")))

    assert reply.code is Code.ACCESS_ACCEPT
    assert reply.first(17, MICROSOFT) is None


def test_what_was_refused_stays_refused_whatever_the_method_says():
    office = office_with(PASSWORD, Continue(b"no"), KIM)
    refuse_access(office)

    reply = log_in(office, trips=2)

    assert reply.code is Code.ACCESS_REJECT
    assert office.records == ["refused"]


def test_what_was_granted_is_no_accept_before_the_method_ends_well():
    office = office_with(PASSWORD, Continue(b"yes"), Failed(Failure.BAD_EAP, "the peer did not agree"))

    reply = log_in(office, trips=2)

    assert reply.code is Code.ACCESS_REJECT
    assert office.application.asked[-1].reason is Failure.BAD_EAP
    assert office.records == [("report", Failure.BAD_EAP)]


def test_what_was_granted_and_never_acknowledged_is_reported_as_timed_out():
    office = office_with(PASSWORD, Continue(b"yes"))
    assert log_in(office).code is Code.ACCESS_CHALLENGE

    office.now += 60
    office.expire()

    assert office.records == [("report", Failure.TIMED_OUT)]


def test_what_was_refused_and_never_acknowledged_is_recorded():
    office = office_with(PASSWORD, Continue(b"no"))
    refuse_access(office)
    log_in(office)

    office.now += 60
    office.expire()

    assert office.records == ["refused"]
