"""EAP around the application's decision, with a method that does what it is told to."""

from radius.attributes import Attribute, AttributeType, split_octets
from radius.eap.method import (
    Continue,
    Done,
    Failed,
    NeedsCertificate,
    NeedsChap,
    NeedsMschap,
    NeedsPassword,
    NeedsResumption,
    Verdict,
)
from radius.eap.packet import EapType
from radius.hidden import MICROSOFT
from radius.login import Proven
from radius.nas import CodeMode
from radius.packet import Code
from radius.questions import Authorize, ChapExchange, Failure, Method, Refused
from tests.radius.office import KEY, MAC, Asker, Office, ask, chap, mschap_exchange, station, user

KEYS = bytes(range(64))
KIM = Done("kim", KEYS)
PASSWORD = NeedsPassword("kim", "correct horse")
CHAP = NeedsChap("kim", ChapExchange(7, b"challenge", chap(b"challenge")[1:]))
MSCHAP = NeedsMschap("kim", mschap_exchange())
CERTIFICATE = NeedsCertificate("kim", (b"der",))
RESUMED = NeedsResumption(Proven("user-kim", "kim", Method.EAP_TTLS_PAP, 900.0, "ticket", "totp handover"))


class Scripted:
    """Returns one step after the other, whatever the peer and the application say."""

    type = EapType.TTLS
    name = Method.EAP_TTLS
    failure = None
    prompt = None

    def __init__(self, *steps):
        self.steps = list(steps)
        self.verdicts = []

    def start(self):
        return Continue(b"start")

    def step(self, data):
        return self.steps.pop(0)

    def verdict(self, verdict):
        self.verdicts.append(verdict)
        return self.steps.pop(0)

    def describe(self):
        return "scripted"


class Prompting(Scripted):
    def prompt(self, text):
        return Continue(text.encode())


def office_with(*steps, method=None, **nas):
    method = method or Scripted(*steps)
    return Office({EapType.TTLS: lambda opening: method}, {"eap_methods": (EapType.TTLS,)} | nas)


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


def test_what_was_proven_by_mschapv2_reaches_the_method_with_its_key():
    method = Scripted(MSCHAP, KIM)
    office = office_with(method=method)

    assert log_in(office).code is Code.ACCESS_ACCEPT

    assert office.application.kinds == ["CheckMschap", "Authorize"]
    proven = Proven("user-kim", "kim", Method.EAP_TTLS, None, "ticket")
    assert method.verdicts == [Verdict(True, KEY, proven)]


def test_a_refused_method_is_given_no_key_and_nothing_to_resume():
    method = Scripted(MSCHAP, Failed(Failure.NOT_GRANTED, ""))
    office = office_with(method=method)
    refuse_access(office)

    assert log_in(office).code is Code.ACCESS_REJECT

    assert method.verdicts == [Verdict(False)]


def test_a_code_cannot_be_appended_to_what_is_hashed():
    for claim in (CHAP, MSCHAP):
        office = office_with(claim, Failed(Failure.NOT_GRANTED, ""), code=CodeMode.APPENDED)

        assert log_in(office).code is Code.ACCESS_REJECT

        assert office.application.kinds == ["Report"]
        assert office.records == [("report", Failure.METHOD_NOT_ALLOWED)]


def test_a_certificate_decides_who_logs_in():
    office = office_with(CERTIFICATE, KIM)

    assert log_in(office).code is Code.ACCESS_ACCEPT

    asked, decided = office.application.asked
    assert (asked.identity, asked.chain) == ("kim", (b"der",))
    assert (decided.user, decided.user_name) == ("user-kim", "kim@hangang")
    assert decided.certificate == "certificate-7"


def test_a_resumed_login_is_decided_anew_with_the_age_of_its_code():
    office = office_with(RESUMED, KIM, code=CodeMode.APPENDED)

    assert log_in(office).code is Code.ACCESS_ACCEPT

    asked, decided = office.application.asked
    assert (asked.user, asked.ticket) == ("user-kim", "ticket")
    assert (decided.user, decided.code_at, decided.resumed) == ("user-kim", 900.0, True)
    assert decided.code == "totp handover"


def test_a_method_that_can_prompt_asks_for_the_code_after_a_right_password():
    code = NeedsPassword("kim", "123456")
    office = office_with(method=Prompting(PASSWORD, code, KIM), code=CodeMode.CHALLENGE)

    assert log_in(office, trips=2).code is Code.ACCESS_ACCEPT

    assert office.application.kinds == ["CheckPassword", "SpendCode", "Authorize"]


def test_a_method_without_a_prompt_is_refused_before_the_directory_is_asked():
    office = office_with(PASSWORD, code=CodeMode.CHALLENGE)

    assert log_in(office).code is Code.ACCESS_REJECT

    assert office.application.kinds == ["Report"]


def wishful_office(**nas):
    """Prefers TTLS and has PEAP too; the peer gets in by either."""

    def method(kind):
        def made(opening):
            scripted = Scripted(KIM)
            scripted.type = kind
            return scripted

        return made

    allowed = {"eap_methods": (EapType.TTLS, EapType.PEAP)} | nas
    office = Office({kind: method(kind) for kind in (EapType.TTLS, EapType.PEAP)}, allowed)
    office.asker = Asker()
    return office


def come(office, wants, mac=MAC, name="kim"):
    """Log in as somebody who takes only what it wants; return what we proposed, and how it ended."""
    asker, proposed, more = office.asker, [], ()
    eap = bytes((2, 1, 0, 5 + len(name), 1)) + name.encode()
    while True:
        attributes = (user(name), station(mac), *split_octets(AttributeType.EAP_MESSAGE, eap), *more)
        reply = ask(office, asker, asker.access(*attributes))
        if reply.code is not Code.ACCESS_CHALLENGE:
            return proposed, reply.code
        _, identifier, *_, kind = reply.first(AttributeType.EAP_MESSAGE)[:5]
        proposed.append(kind)
        body = bytes((kind, 0)) if kind in wants else bytes((EapType.NAK, *wants))
        eap = bytes((2, identifier)) + (4 + len(body)).to_bytes(2, "big") + body
        more = (Attribute(AttributeType.STATE, reply.first(AttributeType.STATE)),)


PEAP_ONLY, TTLS_ONLY, BOTH = (EapType.PEAP,), (EapType.TTLS,), (EapType.PEAP, EapType.TTLS)


def test_an_endpoint_that_turned_our_first_method_down_is_offered_its_own_at_once():
    office = wishful_office()

    assert come(office, PEAP_ONLY) == ([EapType.TTLS, EapType.PEAP], Code.ACCESS_ACCEPT)
    assert come(office, PEAP_ONLY) == ([EapType.PEAP], Code.ACCESS_ACCEPT)


def test_nobody_is_offered_what_another_endpoint_or_another_name_has_named():
    office = wishful_office()
    come(office, PEAP_ONLY)

    assert come(office, BOTH, mac="02:00:5e:10:00:02")[0] == [EapType.TTLS]
    assert come(office, BOTH, name="lee")[0] == [EapType.TTLS]


def test_an_endpoint_that_would_take_our_first_method_keeps_being_offered_it():
    office = wishful_office()

    assert [come(office, BOTH)[0] for _ in range(2)] == [[EapType.TTLS]] * 2


def test_what_was_refused_is_not_remembered():
    office = wishful_office()
    refuse_access(office)

    assert [come(office, PEAP_ONLY) for _ in range(2)] == [
        ([EapType.TTLS, EapType.PEAP], Code.ACCESS_REJECT)
    ] * 2


def test_an_endpoint_is_offered_our_first_method_again_after_a_day():
    office = wishful_office()
    come(office, PEAP_ONLY)

    office.now += 86399.0
    assert come(office, BOTH)[0] == [EapType.PEAP]
    office.now += 2.0
    assert come(office, BOTH)[0] == [EapType.TTLS]


def test_an_endpoint_that_is_set_to_our_first_method_is_offered_it_from_then_on():
    office = wishful_office()
    come(office, PEAP_ONLY)

    assert come(office, TTLS_ONLY)[0] == [EapType.PEAP, EapType.TTLS]
    assert come(office, TTLS_ONLY)[0] == [EapType.TTLS]
