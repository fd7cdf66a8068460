"""The loop over real sockets: with radclient, and with packets of our own."""

import socket
import threading
import time
from contextlib import contextmanager

import pytest

from radius.attributes import Attribute, AttributeType
from radius.doorways import Forwarding
from radius.limits import Limits
from radius.nas import CodeMode
from radius.packet import Code, decode
from radius.questions import CheckPassword, Granted, PasswordRight, Refused
from radius.worker import Worker
from tests.peers import radclient
from tests.peers.ports import LOOPBACK
from tests.peers.radclient import Kind
from tests.peers.waiting import wait_until
from tests.radius.office import Asker
from tests.radius.running import SECRET, LoopbackApplication, Place, running

KIM = {"User-Name": "kim", "User-Password": "correct horse", "Calling-Station-Id": "02-00-5E-10-00-01"}
START = {"User-Name": "kim", "Acct-Status-Type": 1, "Acct-Session-Id": "s1", "NAS-IP-Address": "127.0.0.1"}


@contextmanager
def nas_socket(office):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.connect((LOOPBACK, office.auth.port))
        udp.settimeout(20)
        yield udp


@pytest.mark.peer("radclient")
def test_radclient_is_accepted_with_its_password():
    with running() as office:
        reply = radclient.ask(office.auth, KIM)

    assert reply is not None
    assert reply.code == "Access-Accept"
    assert reply.get("Class") == "0x" + b"class of kim".hex()
    assert office.application.log == ["ask", "before", "decide", ("record", 1), "look"]


@pytest.mark.peer("radclient")
def test_radclient_waits_for_a_reject_and_reads_its_message():
    with running() as office:
        started = time.monotonic()
        reply = radclient.ask(office.auth, KIM | {"User-Password": "wrong"})
        took_s = time.monotonic() - started

    assert reply is not None
    assert (reply.code, reply.get("Reply-Message")) == ("Access-Reject", "case 4711")
    assert took_s >= Limits().reject_delay_s


@pytest.mark.peer("radclient")
def test_radclient_is_asked_for_its_code():
    with running(code=CodeMode.CHALLENGE) as office:
        challenge = radclient.ask(office.auth, KIM)
        assert challenge is not None
        assert (challenge.code, challenge.get("Reply-Message")) == ("Access-Challenge", "Code?")
        state = bytes.fromhex(challenge.get("State").removeprefix("0x"))
        reply = radclient.ask(office.auth, KIM | {"User-Password": "123456", "State": state})

    assert reply is not None
    assert reply.code == "Access-Accept"


@pytest.mark.peer("radclient")
def test_radclient_without_message_authenticator_hears_nothing():
    with running() as office:
        assert radclient.ask(office.auth, KIM, message_authenticator=False, timeout_s=0.3) is None

    assert office.server.counters["lo"].missing_message_authenticators == 1


@pytest.mark.peer("radclient")
def test_radclient_s_accounting_is_answered_after_its_record():
    with running() as office:
        reply = radclient.ask(office.acct, START, Kind.ACCT)

    assert reply is not None
    assert reply.code == "Accounting-Response"
    assert office.application.log == ["ask", ("record", 1)]


@pytest.mark.peer("radclient")
def test_radclient_s_status_server_is_answered():
    with running() as office:
        reply = radclient.ask(office.auth, {}, Kind.STATUS)

    assert reply is not None
    assert reply.code == "Access-Accept"


class FullDisk(LoopbackApplication):
    def record(self, records):
        self.recorded.set()
        raise OSError("no space left on device")


def test_a_full_disk_is_logged_once_and_so_is_that_there_is_room_again(caplog):
    asker = Asker(SECRET.encode())
    caplog.set_level("WARNING", "radius.listener")
    with running(FullDisk()) as office, nas_socket(office) as udp:
        for _ in range(3):
            office.application.recorded.clear()
            udp.send(asker.pap("correct horse"))
            assert office.application.recorded.wait(20)
        office.application.record = super(FullDisk, office.application).record
        udp.send(asker.pap("correct horse"))
        assert decode(udp.recv(4096)).code is Code.ACCESS_ACCEPT

    assert office.listener.troubles.unrecorded == 3
    assert [record.levelname for record in caplog.records] == ["ERROR", "WARNING"]
    assert vars(caplog.records[0])["why"] == "no space left on device"


def test_a_reply_whose_record_cannot_be_written_does_not_leave():
    asker = Asker(SECRET.encode())
    with running(FullDisk()) as office, nas_socket(office) as udp:
        request = asker.pap("correct horse")
        udp.send(request)
        assert office.application.recorded.wait(20)
        office.application.record = super(FullDisk, office.application).record
        udp.send(request)

        assert decode(udp.recv(4096)).code is Code.ACCESS_ACCEPT

    assert office.listener.troubles.unrecorded == 1
    assert office.application.kinds.count("CheckPassword") == 2


@pytest.mark.parametrize("place", [Place("::1", "::1"), Place("::", "::1"), Place("::", LOOPBACK)], ids=str)
def test_a_nas_is_known_and_answered_by_the_address_it_has(place):
    asker = Asker(SECRET.encode())
    family = socket.AF_INET6 if ":" in place.nas else socket.AF_INET
    with running(place=place) as office, socket.socket(family, socket.SOCK_DGRAM) as udp:
        udp.settimeout(20)
        udp.connect((place.nas, office.auth.port))
        udp.send(asker.pap("correct horse"))

        assert decode(udp.recv(4096)).code is Code.ACCESS_ACCEPT

    assert office.server.strangers.total == 0
    assert office.listener.troubles.unsent == 0


def test_an_outcome_may_come_later_from_another_thread():
    class Slow(LoopbackApplication):
        def ask(self, query, question):
            if isinstance(question, CheckPassword):
                self.query = query
                self.log.append("later")
                return None
            return super().ask(query, question)

    asker = Asker(SECRET.encode())
    with running(Slow()) as office, nas_socket(office) as udp:
        request = asker.pap("correct horse")
        udp.send(request)
        wait_until(lambda: "later" in office.application.log, "the question")
        office.listener.answer(office.application.query, PasswordRight("user-kim"))

        assert decode(udp.recv(4096)).code is Code.ACCESS_ACCEPT


def test_an_application_that_fails_ends_only_that_request(caplog):
    class Faulty(LoopbackApplication):
        def ask(self, query, question):
            if getattr(question, "user_name", "") == "lee":
                raise LookupError("a bug")
            return super().ask(query, question)

    asker = Asker(SECRET.encode())
    with running(Faulty()) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse", name="lee"))
        udp.send(asker.pap("correct horse"))

        assert decode(udp.recv(4096)).identifier == 2

    assert office.listener.troubles.crashes == 1
    assert "LookupError" in caplog.text
    assert "correct horse" not in caplog.text


def test_no_decision_is_made_from_a_state_that_could_not_be_brought_up_to_date(caplog):
    class Stale(LoopbackApplication):
        def before_decisions(self):
            super().before_decisions()
            raise LookupError("the feed is away")

    asker = Asker(SECRET.encode())
    with running(Stale()) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse"))
        wait_until(lambda: office.listener.troubles.crashes == 1, "the failure")

    assert "decide" not in office.application.log


def test_one_group_of_replies_is_recorded_at_once():
    asker = Asker(SECRET.encode())
    application = LoopbackApplication()
    with running(application) as office, nas_socket(office) as udp:
        gate = threading.Event()
        first_record = application.record

        def hold(records):
            assert gate.wait(20)
            application.record = first_record
            first_record(records)

        application.record = hold
        udp.send(asker.pap("correct horse"))
        wait_until(lambda: "decide" in application.log, "the first decision")
        for _ in range(5):
            udp.send(asker.pap("correct horse"))
        gate.set()
        replies = [decode(udp.recv(4096)).code for _ in range(6)]

    assert replies == [Code.ACCESS_ACCEPT] * 6
    assert application.log.count("before") == 2
    assert [entry for entry in application.log if "record" in entry] == [("record", 1), ("record", 5)]


class Moving(LoopbackApplication):
    """The world moves while records are written; instead says what is then decided."""

    def __init__(self, instead):
        super().__init__()
        self.instead = instead

    def record(self, records):
        super().record(records)
        self.world = 1


PROMPTLY = Limits(reject_delay_s=0.0)
REFUSED = Refused("case 4799", "contained")


def test_what_was_granted_is_refused_where_the_world_has_moved_before_it_leaves():
    asker = Asker(SECRET.encode())
    application = Moving(lambda _question, _granted: REFUSED)
    with running(application, limits=PROMPTLY) as office, nas_socket(office) as udp:
        request = asker.pap("correct horse")
        udp.send(request)
        first = decode(udp.recv(4096))
        udp.send(request)
        second = decode(udp.recv(4096))

    assert (first.code, first.all(AttributeType.REPLY_MESSAGE)) == (Code.ACCESS_REJECT, [b"case 4799"])
    assert second == first
    assert application.records == ["accepted", "contained"]
    assert [each for each in application.log if each != "ask"] == [
        "before",
        "decide",
        ("record", 1),
        "look",
        "again",
        ("record", 1),
    ]
    counters = office.server.counters["lo"]
    assert (counters.accepts, counters.rejects, counters.duplicates_answered) == (0, 1, 1)
    assert Code.ACCESS_ACCEPT not in office.server.latency


def test_what_is_granted_otherwise_leaves_as_it_is_now():
    asker = Asker(SECRET.encode())
    now = Granted(
        (Attribute(AttributeType.FILTER_ID, b"guests"),), b"class of kim", "kim", "otherwise", world=1
    )
    application = Moving(lambda _question, _granted: now)
    with running(application) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse"))
        reply = decode(udp.recv(4096))

    assert (reply.code, reply.all(AttributeType.FILTER_ID)) == (Code.ACCESS_ACCEPT, [b"guests"])
    assert application.records == ["accepted", "otherwise"]
    assert office.server.counters["lo"].accepts == 1


def test_what_stands_leaves_although_the_world_has_moved():
    asker = Asker(SECRET.encode())
    application = Moving(lambda _question, granted: granted)
    with running(application) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse"))
        reply = decode(udp.recv(4096))

    assert reply.code is Code.ACCESS_ACCEPT
    assert application.records == ["accepted"]
    assert application.log[-1] == "again"
    assert office.server.counters["lo"].accepts == 1


def test_nobody_is_told_anything_where_nobody_may_be():
    asker = Asker(SECRET.encode())
    application = Moving(lambda question, granted: None if question.user_name == "kim" else granted)
    with running(application) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse"))
        wait_until(lambda: "again" in application.log, "the second decision")
        udp.send(asker.pap("wrong"))

        assert decode(udp.recv(4096)).code is Code.ACCESS_REJECT

    assert office.server.counters["lo"].accepts == 0
    assert office.server.is_idle


def test_nothing_granted_leaves_where_it_cannot_be_decided_again(caplog):
    def fail(_question, _granted):
        raise LookupError("a bug")

    asker = Asker(SECRET.encode())
    with running(Moving(fail)) as office, nas_socket(office) as udp:
        udp.send(asker.pap("correct horse"))
        wait_until(lambda: office.listener.troubles.crashes == 1, "the failure")
        udp.send(asker.pap("wrong"))

        assert decode(udp.recv(4096)).code is Code.ACCESS_REJECT

    assert "LookupError" in caplog.text
    assert office.server.counters["lo"].accepts == 0


def test_an_answer_that_reaches_the_wrong_worker_is_answered_by_the_right_one(tmp_path):
    asker = Asker(SECRET.encode())
    paths = {number: str(tmp_path / f"worker{number}") for number in (0, 1)}
    with unix(paths[0]) as first_own, unix(paths[1]) as second_own:
        first = running(code=CodeMode.CHALLENGE, worker=Worker(0, 2), forwarding=Forwarding(first_own, paths))
        second = running(
            code=CodeMode.CHALLENGE, worker=Worker(1, 2), forwarding=Forwarding(second_own, paths)
        )
        with first as here, second as there, nas_socket(there) as udp, nas_socket(here) as wrong:
            request = asker.pap("correct horse")
            udp.send(request)
            state = decode(udp.recv(4096)).first(24)

            wrong.send(asker.pap("123456", Attribute(24, state)))
            wait_until(lambda: there.server.counters["lo"].accepts == 1, "the other worker")

    assert here.server.counters["lo"].forwarded == 1
    assert here.application.asked == []


@contextmanager
def unix(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
        own.bind(path)
        yield own
