"""One process of a worker takes over from another over sockets that stay open."""

import os
import socket
import threading
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest

from radius.attributes import Attribute, AttributeType
from radius.doorways import Forwarding
from radius.effects import Role
from radius.limits import Limits
from radius.listener import Listener
from radius.nas import CodeMode, Nas
from radius.packet import Code, decode
from radius.questions import CheckPassword, PasswordRight
from radius.server import Server
from radius.surroundings import Endpoint
from radius.worker import Worker
from tests.peers.ports import LOOPBACK
from tests.peers.waiting import wait_until
from tests.radius.office import Asker
from tests.radius.running import SECRET, LoopbackApplication, bound

PATIENCE_S = 60
# A machine that is busy with other things may take its time.
ANSWER_S = 20


class Place:
    """What stays open while processes come and go, and a NAS."""

    def __init__(self, directory, opened):
        self.auth, self.acct = (opened.enter_context(bound(LOOPBACK)) for _ in range(2))
        self.paths = {number: str(directory / f"{number}") for number in range(3)}
        self.door = opened.enter_context(unix(self.paths[0]))
        self.nas = opened.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        self.nas.settimeout(ANSWER_S)
        self.nas.connect((LOOPBACK, self.auth.getsockname()[1]))

    @contextmanager
    def process(self, turn, application=None, **more):
        """A process of the worker that reads the sockets; with stand_by=True not yet."""
        process = Process(self, turn, application or LoopbackApplication(), more.pop("methods", {}), more)
        try:
            yield process
        finally:
            process.listener.stop()
            process.thread.join(ANSWER_S)
            process.own.close()
            assert not process.thread.is_alive()

    def ask(self, request):
        self.nas.send(request)
        return decode(self.nas.recv(4096))


class Process:
    def __init__(self, place, turn, application, methods, more):
        self.place, self.turn, self.application = place, turn, application
        how = {"stand_by": more.pop("stand_by", False)}
        self.worker = Worker(0, 1, turn=turn)
        known = Nas(**{"key": "lo", "name": "loopback", "secrets": (SECRET.encode(),)} | more)
        nas = {ip_address(LOOPBACK): known}
        self.server = Server(nas.get, os.urandom, methods, self.worker, Limits(reject_delay_s=0))
        self.own = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.own.bind(place.paths[self.worker.number])
        endpoints = (Endpoint(place.auth, Role.AUTHENTICATION), Endpoint(place.acct, Role.ACCOUNTING))
        doors = Forwarding(self.own, place.paths, place.door)
        self.listener = Listener(endpoints, self.server, application, doors)
        self.thread = threading.Thread(target=self.listener.serve, kwargs=how)
        self.thread.start()

    def step_aside(self, patience_s=PATIENCE_S):
        self.listener.retire(self.worker.other, patience_s)
        wait_until(lambda: not self.listener.is_open, "it to step aside", ANSWER_S)

    def wait_for_end(self):
        self.thread.join(ANSWER_S)
        assert not self.thread.is_alive()


class Slow(LoopbackApplication):
    """Says of a password only when it is told to."""

    query = 0

    def ask(self, query, question):
        if isinstance(question, CheckPassword):
            self.asked.append(question)
            self.query = query
            return None
        return super().ask(query, question)


@pytest.fixture
def place(tmp_path):
    with ExitStack() as opened:
        yield Place(tmp_path, opened)


@pytest.fixture
def asker():
    return Asker(SECRET.encode())


def unix(path):
    door = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    door.bind(path)
    return door


def test_who_stands_by_reads_nothing_until_it_is_told(place, asker):
    place.nas.send(asker.pap("correct horse"))
    with place.process(1, stand_by=True) as process:
        place.nas.settimeout(0.1)
        with pytest.raises(TimeoutError):
            place.nas.recv(4096)

        process.listener.begin()
        place.nas.settimeout(ANSWER_S)

        assert decode(place.nas.recv(4096)).code is Code.ACCESS_ACCEPT


def test_what_is_new_goes_to_the_successor_and_who_steps_aside_ends(place, asker):
    with place.process(0) as before, place.process(1, stand_by=True) as after:
        assert place.ask(asker.pap("correct horse")).code is Code.ACCESS_ACCEPT

        before.step_aside()
        assert place.ask(asker.pap("correct horse")).code is Code.ACCESS_ACCEPT

        before.wait_for_end()
        assert (len(before.application.asked), len(after.application.asked)) == (2, 2)


def test_an_answer_to_a_prompt_of_the_process_before_is_still_accepted_by_it(place, asker):
    code = {"code": CodeMode.CHALLENGE}
    with place.process(0, **code) as before, place.process(1, stand_by=True, **code) as after:
        state = place.ask(asker.pap("correct horse")).first(AttributeType.STATE)

        before.step_aside()
        other = place.ask(asker.pap("correct horse"))
        answer = place.ask(asker.pap("123456", Attribute(AttributeType.STATE, state)))

        assert (other.code, answer.code) == (Code.ACCESS_CHALLENGE, Code.ACCESS_ACCEPT)
        assert other.first(AttributeType.STATE)[0] == after.worker.number
        assert after.server.counters["lo"].forwarded == 1
        before.wait_for_end()


def test_a_request_that_was_answered_before_is_not_asked_about_again(place, asker):
    request = asker.pap("correct horse")
    with place.process(0) as before, place.process(1, stand_by=True) as after:
        first = place.ask(request)
        before.step_aside()
        before.wait_for_end()

        assert place.ask(request) == first
        assert after.application.asked == []


def test_a_request_in_progress_is_answered_once_by_who_began_it(place, asker):
    request = asker.pap("correct horse")
    with place.process(0, Slow()) as before, place.process(1, stand_by=True) as after:
        place.nas.send(request)
        wait_until(lambda: before.application.query, "the question", ANSWER_S)
        before.step_aside()
        place.nas.send(request)
        counters = before.server.counters["lo"]
        wait_until(lambda: counters.duplicates_dropped == 1, "the duplicate", ANSWER_S)

        before.listener.answer(before.application.query, PasswordRight("user-kim"))
        reply = decode(place.nas.recv(4096))
        before.wait_for_end()

        assert reply.code is Code.ACCESS_ACCEPT
        # What it has answered since is known too.
        assert place.ask(request) == reply
        assert after.application.asked == []


def test_who_steps_aside_waits_no_longer_than_it_may_for_a_conversation_nobody_goes_on_with(place, asker):
    code = {"code": CodeMode.CHALLENGE}
    with place.process(0, **code) as before, place.process(1, stand_by=True, **code):
        state = place.ask(asker.pap("correct horse")).first(AttributeType.STATE)

        before.step_aside(patience_s=0)
        before.wait_for_end()
        before.own.close()

        # Refused, and not met with silence: whoever asked begins anew at once.
        answer = asker.pap("123456", Attribute(AttributeType.STATE, state))
        assert place.ask(answer).code is Code.ACCESS_REJECT


def test_who_steps_aside_for_a_successor_that_is_gone_ends_at_once(place, asker):
    with place.process(0, Slow()) as before:
        place.nas.send(asker.pap("correct horse"))
        wait_until(lambda: before.application.query, "the question", ANSWER_S)
        before.step_aside()

        before.wait_for_end()


def test_a_request_is_taken_anew_whose_process_died_over_it(place, asker):
    request = asker.pap("correct horse")
    with place.process(0, Slow()) as before, place.process(1, stand_by=True) as after:
        place.nas.send(request)
        wait_until(lambda: before.application.query, "the question", ANSWER_S)
        before.step_aside()
        assert place.ask(asker.pap("correct horse")).code is Code.ACCESS_ACCEPT
        Path(place.paths[before.worker.number]).unlink()

        assert place.ask(request).code is Code.ACCESS_ACCEPT
        assert len(after.application.asked) == 4
