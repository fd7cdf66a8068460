"""The loop of one RADIUS worker: sockets on one side, the server and the application on the other ◆

A turn reads what has come, asks what the server wants to know, has all records of the turn written at once,
has what was granted decided again where the world has moved meanwhile, and only then sends. What the
application cannot answer at once it answers later, from any thread. The listener holds no decisions: who is
asked and what is sent comes from the server.

A process may replace another one that serves the same sockets:

    stands by    its own doorway is read, nothing else           until begin(), or the one before says so
    serves       everything is read                              until retire()
    steps aside  nothing new is taken; what it knows of          until nothing is under way, or so long;
                 requests goes to its successor, which begins    then its later replies go there too
"""

import heapq
import logging
import math
import queue
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from itertools import count

from radius import forward
from radius.doorways import Forwarding, Handed
from radius.effects import Ask, Close, Effect, Forward, Lane, Record, Relay, Role, Send, Source
from radius.forward import NOWHERE, Forwarded, Kind, handed_over
from radius.nas import Nas
from radius.questions import Authorize, Outcome
from radius.server import Server
from radius.surroundings import Application, Connections, Endpoint, Troubles

log = logging.getLogger(__name__)

DATAGRAM_OCTETS = 4096
FORWARDED_OCTETS = DATAGRAM_OCTETS + 320
DATAGRAMS_PER_TURN = 64
# Expiry may be this late: a turn for every reply that grows old would cost as much as the request did.
TICK_S = 0.05
IDLE_S = 1.0
# Packets of connections that may wait for a turn; who brings more is made to wait.
DELIVERIES = 1024
# Addresses remembered in the form the socket gives them. Anybody may send from any, so not many.
REMEMBERED_SOURCES = 4096

Reading = Callable[[], Iterable[tuple[bytes, Source]]]


class Listener:
    """One worker's loop. serve() runs it in the calling thread; answer(), begin(), retire() and stop() may
    come from any, or from a signal.
    """

    def __init__(
        self,
        endpoints: Iterable[Endpoint],
        server: Server,
        application: Application,
        forwarding: Forwarding | None = None,
        connections: Connections | None = None,
    ) -> None:
        self.troubles = Troubles()
        self._endpoints = tuple(endpoints)
        # Asked once: a socket looks its family up among all there are each time.
        self._senders = tuple((each.socket.sendto, each.socket.family) for each in self._endpoints)
        self._server = server
        self._application = application
        self._forwarding = forwarding
        self._connections = connections
        self._delivered: queue.Queue[tuple[Callable[..., list[Effect]], *tuple[object, ...]]] = queue.Queue(
            DELIVERIES
        )
        self._wake_in, self._wake_out = socket.socketpair()
        self._woken = False
        self._stopping = False
        self._wishes: deque[Callable[[], None]] = deque()
        self._selector: selectors.BaseSelector = selectors.DefaultSelector()
        # Whether new packets are read: not while we stand by, and not any more once we step aside.
        self.is_open = False
        self._successor: int | None = None
        self._ends_at = math.inf
        self._outcomes: deque[tuple[int, Outcome]] = deque()
        self._decisions: list[Ask] = []
        self._sends: list[Send] = []
        self._records: list[object] = []
        self._later: list[tuple[float, int, Send]] = []
        self._order = count()
        self._expire_at = 0.0
        self._writes = True

    def serve(self, *, stand_by: bool = False) -> None:
        """Serve until stop(), or until retire() has come to its end."""
        with self._selector, self._wake_in, self._wake_out:
            if self._forwarding is not None:
                self._read_from(self._forwarding.own, self._reader_of_doorway(self._forwarding.own))
            self._wake_out.setblocking(False)
            self._read_from(self._wake_in, self._read_wake)
            if not stand_by:
                self._open()
            while not self._stopping:
                self._turn([key.data for key, _ in self._selector.select(self._pause_s())])
                while self._wishes:
                    self._wishes.popleft()()
                if self._has_ended():
                    return

    def begin(self) -> None:
        """Serve everything from now on; nothing where it is done already."""
        self._wishes.append(self._open)
        self._wake()

    def retire(self, successor: int, patience_s: float) -> None:
        """Take nothing new any more, and end once nothing is under way, or after so long."""
        self._wishes.append(lambda: self._step_aside(successor, patience_s))
        self._wake()

    def answer(self, query: int, outcome: Outcome) -> None:
        """Hand in the outcome of a question that ask() left open."""
        self._outcomes.append((query, outcome))
        self._wake()

    def deliver(self, nas: Nas, data: bytes, source: Source) -> None:
        """Hand in a packet of a connection, from its thread, which waits here while too many do."""
        self._hand_in(self._server.receive_from, nas, data, source)

    def deliver_reply(self, lane: Lane, data: bytes) -> None:
        """Hand in what a home server sent, from the thread that heard it, which may have to wait here."""
        self._hand_in(self._server.home_reply, lane, data)

    def _hand_in(self, act: Callable[..., list[Effect]], *arguments: object) -> None:
        while not self._stopping:
            try:
                self._delivered.put((act, *arguments), timeout=IDLE_S)
            except queue.Full:
                continue
            self._wake()
            return

    def stop(self) -> None:
        """End serve() after the turn it is in. What was to be sent later is not sent."""
        self._stopping = True
        self._wake()

    def _wake(self) -> None:
        # One wake for all that is handed in until the loop looks: it looks after it has read the wake.
        if self._woken:
            return
        self._woken = True
        try:
            self._wake_out.send(b"\0")
        except OSError:
            # Full of wakes already, or closed: nobody sleeps.
            return

    @property
    def _shared(self) -> list[tuple[socket.socket, Reading]]:
        """What whoever is this worker reads, a process after the other."""
        shared = [(each.socket, self._reader(number)) for number, each in enumerate(self._endpoints)]
        if self._forwarding is not None and self._forwarding.shared is not None:
            door = self._forwarding.shared
            shared.append((door, self._reader_of_doorway(door)))
        return shared

    def _open(self) -> None:
        if self.is_open or self._successor is not None:
            return
        self.is_open = True
        for each, read in self._shared:
            self._read_from(each, read)
        if self._connections is not None:
            self._connections.admit(True)

    def _read_from(self, each: socket.socket, read: Reading) -> None:
        each.setblocking(False)
        self._selector.register(each, selectors.EVENT_READ, read)

    def _step_aside(self, successor: int, patience_s: float) -> None:
        if self._successor is not None:
            return
        if self.is_open:
            self.is_open = False
            for each, _ in self._shared:
                self._selector.unregister(each)
        if self._connections is not None:
            self._connections.admit(False)
        self._successor, self._ends_at = successor, time.monotonic() + patience_s
        self._server.retire()
        if not self._tell_successor(Forwarded(NOWHERE, b"", kind=Kind.BEGIN)):
            # It is gone, or stands still: whoever started us will see to it once we are gone too.
            self.stop()

    def _has_ended(self) -> bool:
        """Return whether we have stepped aside and nothing is left, or no time is."""
        is_over = self._server.is_idle and not self._later and self._delivered.empty()
        if self._successor is None or not (is_over or time.monotonic() >= self._ends_at):
            return False
        self._tell_successor()
        return True

    def _tell_successor(self, *more: Forwarded) -> bool:
        """Tell all that we know of requests, and more; return whether it was heard."""
        assert self._forwarding is not None and self._successor is not None
        return self._forwarding.tell(self._successor, (*handed_over(self._server.kept()), *more))

    def _turn(self, ready: list[Reading]) -> None:
        for read in ready:
            for data, source in read():
                self._guarded(self._server.receive, data, source)
        self._take_deliveries()
        while self._outcomes:
            query, outcome = self._outcomes.popleft()
            self._guarded(self._server.answer, query, outcome)
        now = time.monotonic()
        if now >= self._expire_at:
            self._expire_at = now + TICK_S
            self._catch_up()
            self._guarded(self._server.expire)
        self._decide()
        self._keep_records()
        self._send_due()

    def _catch_up(self) -> None:
        try:
            self._application.catch_up()
        except Exception:
            self.troubles.crashes += 1
            log.exception("what is new could not be taken in")

    def _take_deliveries(self) -> None:
        for _ in range(min(self._delivered.qsize(), DATAGRAMS_PER_TURN)):
            self._guarded(*self._delivered.get())
        if not self._delivered.empty():
            self._wake()

    def _guarded(self, act: Callable[..., list[Effect]], *arguments: object) -> None:
        """Do one thing and what follows from it; whatever it raises ends only itself."""
        try:
            self._perform(act(*arguments, time.monotonic()))
        except Exception:
            self.troubles.crashes += 1
            log.exception("a request could not be handled")

    def _perform(self, effects: list[Effect]) -> None:
        for effect in effects:
            PERFORMERS[type(effect)](self, effect)

    def _ask(self, ask: Ask) -> None:
        if isinstance(ask.question, Authorize):
            self._decisions.append(ask)
        else:
            self._perform(self._put(ask, time.monotonic()))

    def _put(self, ask: Ask, asked_at: float) -> list[Effect]:
        """Return what the application's outcome leads to; nothing yet where it comes later."""
        outcome = self._application.ask(ask.query, ask.question)
        if outcome is None:
            return []
        return self._server.answer(ask.query, outcome, max(asked_at, time.monotonic()))

    def _decide(self) -> None:
        """Ask for the decisions of this turn, all from one state of the world."""
        if not self._decisions:
            return
        decisions, self._decisions = self._decisions, []
        try:
            self._application.before_decisions()
        except Exception:
            # No decision from a state that may be stale: the NAS will ask again.
            self.troubles.crashes += len(decisions)
            log.exception("decisions could not be made")
            return
        for ask in decisions:
            self._guarded(self._put, ask)

    def _send(self, send: Send) -> None:
        self._sends.append(send)
        if send.record is not None:
            self._records.append(send.record)

    def _record(self, record: Record) -> None:
        if record.record is not None:
            self._records.append(record.record)

    def _keep_records(self) -> None:
        """Have the records of this turn written, or send nothing of it."""
        sends = self._written()
        if self._server.unsent:
            sends = self._as_the_world_is(sends)
        for send in sends:
            if send.not_before:
                heapq.heappush(self._later, (send.not_before, next(self._order), send))
            else:
                self._send_out(send)

    def _as_the_world_is(self, sends: list[Send]) -> list[Send]:
        """Return what leaves: what was granted is decided again where the world has moved meanwhile."""
        withdrawn = set()
        try:
            world = self._application.before_accepts()
            for each in [each for each in self._server.unsent if each.granted.world != world]:
                decision = self._application.decide_again(each.question, each.granted)
                if decision is not each.granted:
                    # Also what a duplicate has got of it.
                    withdrawn.add(each.send.data)
                    self._perform(self._server.instead(each, decision, time.monotonic()))
        except Exception:
            # Nothing of this turn leaves: the NAS will ask again.
            self.troubles.crashes += 1
            log.exception("decisions could not be made again")
            self._server.forget_replies()
            self._records, self._sends = [], []
            return []
        if withdrawn:
            sends = [send for send in sends if send.data not in withdrawn] + self._written()
        self._server.settle(time.monotonic())
        return sends

    def _written(self) -> list[Send]:
        """Have the records that there are written, and return what may be sent then."""
        records, self._records = self._records, []
        sends, self._sends = self._sends, []
        try:
            if records:
                self._application.record(records)
        except Exception as error:
            self.troubles.unrecorded += len(records)
            self._server.forget_replies()
            if self._writes:
                # Once: a line for every request would fill the disk that is full.
                why = {"why": str(error)}
                log.exception("records cannot be written; nothing is answered until they can", extra=why)
            self._writes = False
            return []
        if records and not self._writes:
            self._writes = True
            log.warning("records are written again")
        return sends

    def _send_due(self) -> None:
        now = time.monotonic()
        while self._later and self._later[0][0] <= now:
            self._send_out(heapq.heappop(self._later)[2])

    def _send_out(self, send: Send) -> None:
        to = send.to
        if to.role is Role.RADSEC:
            self._send_over(send)
            return
        sendto, family = self._senders[to.endpoint]
        try:
            sendto(send.data, _sockaddr(to, family))
        except OSError:
            # The NAS will ask again, and gets the same reply.
            self.troubles.unsent += 1

    def _send_over(self, send: Send) -> None:
        """Send a reply over its connection, which another worker may have."""
        if self._connections is None or send.to.endpoint != self._connections.worker:
            handed = self._hand_over(send.to.endpoint, Forwarded(send.to, send.data, kind=Kind.REPLY))
            self.troubles.unforwarded += handed is not Handed.OVER
        else:
            self._connections.send(send.to, send.data)

    def _close(self, effect: Close) -> None:
        if self._connections is not None and effect.source.endpoint == self._connections.worker:
            self._connections.close(effect.source)

    def _relay(self, effect: Relay) -> None:
        if self._connections is not None:
            self._connections.relay(effect.lane, effect.data)

    def _forward(self, effect: Forward) -> None:
        handed = self._hand_over(effect.worker, Forwarded(effect.source, effect.data, effect.nas))
        if handed is Handed.GONE:
            self._take_back(effect)
        elif handed is Handed.BUSY:
            # The NAS will ask again.
            self.troubles.unforwarded += 1

    def _take_back(self, effect: Forward) -> None:
        """Answer what was for a worker that is gone: nobody else will."""
        if effect.source.role is not Role.RADSEC:
            self._guarded(self._server.take_back, None, effect)
        elif (nas := self._application.find_peer(effect.nas)) is not None:
            self._guarded(self._server.take_back, nas, effect)

    def _hand_over(self, worker: int, forwarded: Forwarded) -> Handed:
        return Handed.BUSY if self._forwarding is None else self._forwarding.hand(worker, forwarded)

    def _pause_s(self) -> float:
        """Return how long there is nothing to do unless something comes."""
        now = time.monotonic()
        pauses = [IDLE_S]
        if (timer := self._server.next_timer()) is not None:
            pauses.append(max(timer, self._expire_at) - now)
        if self._successor is not None:
            pauses.append(self._ends_at - now)
        if self._later:
            pauses.append(self._later[0][0] - now)
        return max(min(pauses), 0.0)

    def _reader(self, number: int) -> Reading:
        endpoint = self._endpoints[number]
        receive, role = endpoint.socket.recvfrom, endpoint.role

        def read() -> list[tuple[bytes, Source]]:
            come = []
            try:
                for _ in range(DATAGRAMS_PER_TURN):
                    data, sockaddr = receive(DATAGRAM_OCTETS)
                    come.append((data, _source(sockaddr[0], sockaddr[1], number, role)))
            except OSError:
                # Nothing more, or an ICMP error of an earlier reply: what comes next is read next turn.
                pass
            return come

        return read

    def _reader_of_doorway(self, doorway: socket.socket) -> Reading:
        def read() -> Iterable[tuple[bytes, Source]]:
            for octets, _ in _datagrams(doorway, FORWARDED_OCTETS):
                try:
                    self._take_over(forward.decode(octets))
                except forward.BadForward:
                    self.troubles.unforwarded += 1
            return ()

        return read

    def _take_over(self, forwarded: Forwarded) -> None:
        """Take what another worker hands over; all of it is done here. Raises BadForward."""
        source = forwarded.source
        if forwarded.kind is Kind.BEGIN:
            self._wishes.append(self._open)
        elif forwarded.kind is Kind.KEPT:
            self._guarded(self._server.inherit, forward.taken_over(forwarded))
        elif forwarded.kind is Kind.REPLY:
            if self._connections is not None:
                self._connections.send(source, forwarded.data)
        elif source.role is Role.RADSEC:
            nas = self._application.find_peer(forwarded.nas)
            if nas is not None:
                receive = partial(self._server.receive_from, handed=True)
                self._guarded(receive, nas, forwarded.data, source)
        elif source.endpoint < len(self._endpoints):
            self._guarded(partial(self._server.receive, handed=True), forwarded.data, source)

    def _read_wake(self) -> Iterable[tuple[bytes, Source]]:
        for _ in _datagrams(self._wake_in, DATAGRAM_OCTETS):
            continue
        self._woken = False
        return ()


PERFORMERS: dict[type[Effect], Callable[..., None]] = {
    Ask: Listener._ask,
    Send: Listener._send,
    Record: Listener._record,
    Forward: Listener._forward,
    Close: Listener._close,
    Relay: Listener._relay,
}


def _datagrams(reader: socket.socket, octets: int) -> Iterator[tuple[bytes, tuple[str, int]]]:
    """Yield what has come, and no more than a turn's share of it."""
    for _ in range(DATAGRAMS_PER_TURN):
        try:
            yield reader.recvfrom(octets)
        except OSError:
            # Nothing more, or an ICMP error of an earlier reply: what comes next is read next turn.
            return


@lru_cache(REMEMBERED_SOURCES)
def _source(host: str, port: int, number: int, role: Role) -> Source:
    """Return the source of a datagram; an IPv4 address on a socket for both is IPv4 again."""
    address = ip_address(host)
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return Source(address.ipv4_mapped, port, number, role)
    return Source(address, port, number, role)


@lru_cache(REMEMBERED_SOURCES)
def _sockaddr(to: Source, family: socket.AddressFamily) -> tuple[str, int]:
    mapped = isinstance(to.address, IPv4Address) and family == socket.AF_INET6
    return (f"::ffff:{to.address}" if mapped else str(to.address), to.port)
