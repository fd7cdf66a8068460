"""The RADIUS server, which never waits: octets and a time go in, packets and questions come out.

receive() takes a datagram, answer() the application's outcome of a question, expire() the passing of time;
each returns what is to be done. next_timer() says when expire() has something to do.

    a datagram is dropped and counted when     it comes from no NAS, is malformed, has a code this endpoint
                                               does not answer, or was not made with the secret of the NAS;
                                               if it came over TLS, its connection is closed too
    it is handed to another worker when        its State is that worker's, or the one before us works on it
    it is answered from the cache when         it is a duplicate; while the first is in progress, dropped
    else                                       it is a login, an account or a Status-Server

    a login (login.py) asks until it has       Granted, Refused or a Prompt; with EAP (eap/session.py) the
                                               method talks to the peer before, between and after that
    a path ends in                             a reply with the application's record, or in a Record

An Access-Reject, and what tells of a refusal inside of EAP, leaves at a fixed time after its request came, so
that an unknown user and a wrong password look alike from outside.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from radius.access import Access, failed
from radius.accounting import read_account
from radius.attributes import Attribute, AttributeType
from radius.authenticator import sign_reply
from radius.conversations import Conversation, Conversations, worker_of
from radius.counters import Counters, Histogram, Load, Strangers
from radius.duplicates import Duplicates, Kept, Sighting, request_key
from radius.eap.method import Failed, MethodMaker
from radius.eap.packet import EapType
from radius.eap_access import EapAccess, timed_out
from radius.effects import Ask, Close, Effect, Forward, Lane, Record, Role, Send, Source
from radius.errors import TooLong
from radius.formats import VENDOR_FORMATS, VendorFormat
from radius.gate import Gate
from radius.limits import Limits
from radius.login import Login, Prompt, UnexpectedOutcome
from radius.nas import Nas, NasLookup
from radius.packet import BadPacket, Code, Packet, decode
from radius.questions import Failure, Granted, Outcome, Question, Recorded, Refused
from radius.relays import Relays
from radius.request import Accepts, Asks, Challenges, Drops, Move, Passes, Rejects, Request
from radius.steering import Homes
from radius.unsent import Unsent
from radius.worker import Worker


@dataclass(slots=True, eq=False)
class _Waiting:
    """A question put to the application.

    Without a request nobody but the journal waits for its outcome; without a login it is an Account.
    """

    asked_at: float
    request: Request | None
    login: Login | None


_DECISIONS = (Granted, Refused)
_KEPT = (Refused, Recorded)
_ALONE = Worker()
_DEFAULTS = Limits()
_SUPERSEDED = Failed(Failure.SUPERSEDED, "the same endpoint has begun too many logins since")


class Server:
    """One worker's RADIUS server."""

    def __init__(
        self,
        find_nas: NasLookup,
        random: Callable[[int], bytes],
        methods: Mapping[EapType, MethodMaker],
        worker: Worker = _ALONE,
        limits: Limits = _DEFAULTS,
    ) -> None:
        self.counters: dict[str, Counters] = {}
        self.strangers = Strangers()
        self.latency: dict[int, Histogram] = {}
        # How vendors lay out their attributes: a dictionary may know more of them.
        self.formats: Mapping[int, VendorFormat] = VENDOR_FORMATS
        self._find_nas = find_nas
        self._worker = worker
        self._homes = Homes(worker.count, worker.key)
        self._limits = limits
        self._gate = Gate()
        self._duplicates = Duplicates(limits.reply_s, limits.max_replies)
        self._conversations = Conversations(worker.number, random, limits)
        self._is_retired = False
        self._access = Access(self._conversations, limits, random)
        self._eap_access = EapAccess(self._conversations, limits, methods, random)
        self._relays: Relays | None = None
        self._queries: Iterator[int] = count(1)
        self._waiting: dict[int, _Waiting] = {}
        # What was accepted since settle(): it is on its way, and may still be decided otherwise.
        self.unsent: list[Unsent] = []

    def relay_through(self, relays: Relays) -> None:
        """Send on what is somebody else's."""
        self._relays = relays

    def home_reply(self, lane: Lane, data: bytes, now: float) -> list[Effect]:
        """Return what a packet from a home server leads to."""
        assert self._relays is not None
        exchange = self._relays.answered(lane, data)
        if exchange is None:
            return []
        if not self._is_current(exchange.request):
            assert exchange.login is not None
            return [self._give_up(exchange.login, "the NAS asked anew before its home server answered", now)]
        return self._play(exchange.request, self._relays.move(exchange, now), now)

    def receive(self, data: bytes, source: Source, now: float, handed: bool = False) -> list[Effect]:
        """Return what a datagram leads to. One that another worker has handed over goes no further."""
        nas = self._find_nas(source.address)
        if nas is None:
            self.strangers.count(source.address)
            return []
        return self.receive_from(nas, data, source, now, handed)

    def take_back(self, nas: Nas | None, forward: Forward, now: float) -> list[Effect]:
        """Return what a packet leads to whose worker is gone: it is ours. nas None: its address tells it."""
        nas = self._find_nas(forward.source.address) if nas is None else nas
        if nas is None:
            return []
        code, identifier = forward.data[:2]
        self._duplicates.orphaned(request_key(forward.source, identifier, Code(code)))
        return self.receive_from(nas, forward.data, forward.source, now, handed=True)

    def receive_from(
        self, nas: Nas, data: bytes, source: Source, now: float, handed: bool = False
    ) -> list[Effect]:
        """Return what a packet leads to that is known to be from this NAS: TLS has told who sends it."""
        counters = self.counters.get(nas.key) or self.counters.setdefault(nas.key, Counters())
        try:
            packet = decode(data, self.formats)
        except BadPacket:
            counters.malformed += 1
            return _offended(source)
        handle = HANDLERS.get((source.role, packet.code))
        if handle is None:
            counters.unexpected_codes += 1
            return _offended(source)
        secret = self._gate.admit(packet, nas, source, now, counters)
        notices = self._gate.take_notices()
        effects: list[Effect] = [self._ask(None, None, each, now) for each in notices] if notices else []
        if secret is None:
            return effects + _offended(source)
        # Workers of two keys, while that is being changed, would hand a packet to and fro for ever.
        worker = None if handed else self._elsewhere(packet)
        if worker is not None:
            counters.forwarded += 1
            return [*effects, Forward(worker, data, source, nas.key)]
        request = Request(source, packet, nas, secret, now, counters)
        known = self._known(request, now)
        return effects + (handle(self, request, now) if known is None else known)

    def answer(self, query: int, outcome: Outcome, now: float) -> list[Effect]:
        """Return what the outcome of a question leads to; nothing where nobody waits for it any more.

        Raises login.UnexpectedOutcome where the outcome belongs to another kind of question.
        """
        waiting = self._waiting.pop(query, None)
        if waiting is None:
            return []
        request, login = waiting.request, waiting.login
        if request is None or not self._duplicates.is_current(request.key, request.packet.authenticator):
            return self._late(waiting, outcome, now)
        if login is None:
            return self._accounted(request, outcome, now)
        move = self._next_move(request, login, outcome, now)
        return MOVES[type(move)](self, request, move, now)

    def expire(self, now: float) -> list[Effect]:
        """Return what the passing of time leads to."""
        self._duplicates.expire(now)
        effects = self._drop_unanswered(now)
        for conversation in self._conversations.expire(now):
            effects += self._abandon(conversation, timed_out(conversation), now)
        if self._relays is not None:
            effects += self._expire_relays(self._relays, now)
        return effects

    def next_timer(self) -> float | None:
        """Return when expire() should be called."""
        timers = [self._duplicates.next_timer(), self._conversations.next_timer()]
        if self._relays is not None:
            timers.append(self._relays.next_timer())
        for waiting in self._waiting.values():
            timers.append(waiting.asked_at + self._limits.answer_s)
            break
        return min((timer for timer in timers if timer is not None), default=None)

    def load(self) -> Load:
        """Return how much is under way."""
        return Load(len(self._waiting), len(self._conversations), self._conversations.eap)

    def forget_replies(self) -> None:
        """Forget the replies kept for duplicates: their records could not be written, so none may leave."""
        self._duplicates.forget_replies()
        self.unsent.clear()

    def instead(self, unsent: Unsent, decision: Granted | Refused | None, now: float) -> list[Effect]:
        """Return what leaves instead of an accept that has not left; without a decision nothing does."""
        self.unsent.remove(unsent)
        request = unsent.request
        if not self._duplicates.reopen(request.key, request.packet.authenticator):
            return [Record(decision.record)] if isinstance(decision, Refused) else []
        if decision is None:
            self._drop(request)
            return []
        return self._play(request, self._decided(request, unsent.login, decision, now), now)

    def settle(self, now: float) -> None:
        """Count the accepts that leave now."""
        for each in self.unsent:
            each.request.counters.accepts += 1
            self._count_latency(each.request, each.send.data, now)
        self.unsent.clear()

    def retire(self) -> None:
        """Begin no conversation by EAP any more: another process is this worker from now on."""
        self._is_retired = True

    @property
    def is_idle(self) -> bool:
        """Return whether nothing is under way."""
        relayed = 0 if self._relays is None else self._relays.load
        return not (self._waiting or len(self._conversations) or relayed)

    def kept(self) -> Iterator[Kept]:
        """Yield what whoever takes over has to know of requests."""
        return self._duplicates.kept()

    def inherit(self, kept: Kept, now: float) -> list[Effect]:
        """Take over what the process before us knows of a request."""
        self._duplicates.inherit(kept, now)
        return []

    def _elsewhere(self, packet: Packet) -> int | None:
        """Return the worker that this request belongs to, None where it is this one.

        That is the worker which holds its conversation; or the one which begins all those of this endpoint by
        EAP, and so has the session of TLS that it may want to resume. Once retired that is not us: our own
        connections still bring something new, while all else is handed to us because we work on it.
        """
        ours = self._worker
        state = packet.values.get(AttributeType.STATE)
        number = self._home(packet) if state is None else worker_of(state)
        if number is None or number == ours.number or number >= ours.numbers:
            return None
        return None if number == ours.index and not self._is_retired else number

    def _home(self, packet: Packet) -> int | None:
        """Return the worker where this endpoint begins to speak EAP; None for every other login."""
        if AttributeType.EAP_MESSAGE not in packet.values:
            return None
        endpoint = packet.values.get(AttributeType.CALLING_STATION_ID)
        return None if endpoint is None else self._homes.of(endpoint)

    def _known(self, request: Request, now: float) -> list[Effect] | None:
        """Return what is done about a duplicate or in an overload; None for a request to be handled."""
        counters = request.counters
        sighting = self._duplicates.sight(request.key, request.packet.authenticator, now)
        if sighting is Sighting.ELSEWHERE:
            counters.forwarded += 1
            return [Forward(self._worker.other, request.packet.wire, request.source, request.nas.key)]
        if sighting is Sighting.NEW:
            if len(self._waiting) < self._limits.max_waiting:
                return None
            counters.overload_dropped += 1
            self._drop(request)
        elif isinstance(sighting, Send) and now >= sighting.not_before:
            counters.duplicates_answered += 1
            return [Send(request.source, sighting.data)]
        else:
            counters.duplicates_dropped += 1
        return []

    def _is_current(self, request: Request) -> bool:
        return self._duplicates.is_current(request.key, request.packet.authenticator)

    def _drop(self, request: Request) -> None:
        self._duplicates.dropped(request.key, request.packet.authenticator)

    def _late(self, waiting: _Waiting, outcome: Outcome, now: float) -> list[Effect]:
        """Return what is kept of an outcome that no request waits for any more.

        What was refused or accounted for did happen. What went well gives nobody anything: the NAS will
        never hear of it, so it is no Accept, and the login ends here.
        """
        if isinstance(outcome, _KEPT):
            return [Record(outcome.record)]
        if waiting.login is None:
            return []
        waiting.login.answer(outcome, now)
        return [self._give_up(waiting.login, "the NAS asked anew before it was answered", now)]

    def _drop_unanswered(self, now: float) -> list[Effect]:
        """Give up questions that the application never answered; the NAS has long given up itself."""
        effects: list[Effect] = []
        while self._waiting:
            query, waiting = next(iter(self._waiting.items()))
            if waiting.asked_at + self._limits.answer_s > now:
                break
            del self._waiting[query]
            if waiting.request is None:
                continue
            waiting.request.counters.unanswered += 1
            if waiting.login is not None:
                detail = f"no outcome of {waiting.login.asks} within {self._limits.answer_s:g} s"
                effects.append(self._give_up(waiting.login, detail, now))
            self._drop(waiting.request)
        return effects

    def _give_up(self, login: Login, detail: str, now: float) -> Ask:
        return self._ask(None, login, login.failed(Failure.GIVEN_UP, detail, now), now)

    def _status(self, request: Request, now: float) -> list[Effect]:
        """Answer a Status-Server (RFC 5997 section 3)."""
        request.counters.status_requests += 1
        accounting = request.source.role is Role.ACCOUNTING
        code = Code.ACCOUNTING_RESPONSE if accounting else Code.ACCESS_ACCEPT
        return [self._send(request, self._signed(request, code, ()), now)]

    def _account(self, request: Request, now: float) -> list[Effect]:
        request.counters.accounting_requests += 1
        try:
            account = read_account(request.nas.key, request.packet, request.facts())
        except BadPacket:
            request.counters.malformed += 1
            self._drop(request)
            return []
        if account is None:
            # Not about a session, so there is nothing to record; unanswered it would be repeated for ever.
            return self._accounted(request, Recorded(None), now)
        ask = self._ask(request, None, account, now)
        return [ask] if self._relays is None else [ask, *self._relays.account(request, now)]

    def _accounted(self, request: Request, outcome: Outcome, now: float) -> list[Effect]:
        if not isinstance(outcome, Recorded):
            raise UnexpectedOutcome(f"{type(outcome).__name__} to Account")
        request.counters.accounting_responses += 1
        data = self._signed(request, Code.ACCOUNTING_RESPONSE, ())
        return [self._send(request, data, now, outcome.record)]

    def _login(self, request: Request, now: float) -> list[Effect]:
        request.counters.requests += 1
        move = None if self._relays is None else self._relays.begin(request, now)
        if move is not None:
            return self._play(request, move, now)
        way = self._eap_access if AttributeType.EAP_MESSAGE in request.packet.values else self._access
        move = way.begin(request, now)
        return MOVES[type(move)](self, request, move, now)

    def _next_move(self, request: Request, login: Login, outcome: Outcome, now: float) -> Move:
        follow = login.answer(outcome, now)
        if isinstance(follow, Prompt):
            if request.conversation is not None:
                return self._eap_access.prompted(request, follow, now)
            return self._access.prompted(login, follow, now)
        if not isinstance(follow, _DECISIONS):
            return Asks(login, follow)
        return self._decided(request, login, follow, now)

    def _decided(self, request: Request, login: Login, decision: Granted | Refused, now: float) -> Move:
        if request.exchange is not None:
            assert self._relays is not None
            return self._relays.decided(request, login, decision)
        if request.conversation is not None:
            return self._eap_access.decided(request, decision, now)
        return self._access.decided(request, login, decision)

    def _play(self, request: Request, move: Move, now: float) -> list[Effect]:
        """Return the effects of a login's move."""
        return MOVES[type(move)](self, request, move, now)

    def _passes(self, _request: Request, move: Passes, _now: float) -> list[Effect]:
        return [move.relay]

    def _expire_relays(self, relays: Relays, now: float) -> list[Effect]:
        """Return what the silence of home servers, and of NASes in conversations with them, leads to."""
        expiry = relays.expire(now)
        effects: list[Effect] = list(expiry.sends)
        for exchange in expiry.failed:
            if self._is_current(exchange.request):
                effects += self._play(exchange.request, relays.unavailable(exchange, now), now)
        for kept in expiry.forsaken:
            detail = f"nobody came back to what {kept.server.key} asked"
            effects.append(
                self._ask(None, kept.login, kept.login.failed(Failure.TIMED_OUT, detail, now), now)
            )
        return effects

    def _asks(self, request: Request, move: Asks, now: float) -> list[Effect]:
        return [self._ask(request, move.login, move.question, now)]

    def _reject(self, request: Request, move: Rejects, now: float) -> list[Effect]:
        request.counters.rejects += 1
        data = self._signed(request, Code.ACCESS_REJECT, move.attributes)
        return [self._send(request, data, now, move.record, self._held_back(request))]

    def _challenge(self, request: Request, move: Challenges, now: float) -> list[Effect]:
        request.counters.challenges += 1
        data = self._signed(request, Code.ACCESS_CHALLENGE, move.attributes)
        told = move.refusal
        effects: list[Effect] = [
            self._send(request, data, now, told.record, self._held_back(request))
            if told is not None
            else self._send(request, data, now)
        ]
        if move.superseded is not None:
            effects += self._abandon(move.superseded, _SUPERSEDED, now)
        return effects

    def _held_back(self, request: Request) -> float:
        """Return when a refusal of this request may leave."""
        return request.received + self._limits.reject_delay_s

    def _drops(self, request: Request, _move: Drops, _now: float) -> list[Effect]:
        self._drop(request)
        return []

    def _accept(self, request: Request, move: Accepts, now: float) -> list[Effect]:
        try:
            data = self._signed(request, Code.ACCESS_ACCEPT, move.attributes)
        except TooLong as error:
            return self._play(request, failed(move.login, Failure.REPLY_TOO_LARGE, str(error), now), now)
        send = Send(request.source, data, 0.0, move.granted.record)
        self._duplicates.answered(request.key, send, now)
        self.unsent.append(Unsent(request, move.login, move.granted, send))
        return [send]

    def _abandon(self, conversation: Conversation, end: Failed, now: float) -> list[Effect]:
        """Return the end of a conversation that no request waits for; nothing where it is recorded."""
        if isinstance(conversation.verdict, Refused):
            record = conversation.verdict.record
            return [] if record is None else [Record(record)]
        question = conversation.login.failed(end.reason, end.detail, now)
        return [self._ask(None, conversation.login, question, now)]

    def _ask(self, request: Request | None, login: Login | None, question: Question, now: float) -> Ask:
        query = next(self._queries)
        self._waiting[query] = _Waiting(now, request, login)
        return Ask(query, question)

    def _signed(self, request: Request, code: Code, attributes: tuple[Attribute, ...]) -> bytes:
        """Return a reply's octets, every Proxy-State of the request repeated in order (RFC 2865 5.33)."""
        packet = request.packet
        if AttributeType.PROXY_STATE in packet.values:
            proxies = packet.all(AttributeType.PROXY_STATE)
            attributes += tuple(Attribute(AttributeType.PROXY_STATE, value) for value in proxies)
        return sign_reply(packet, code, attributes, request.secret)

    def _send(
        self, request: Request, data: bytes, now: float, record: object = None, not_before: float = 0.0
    ) -> Send:
        send = Send(request.source, data, not_before, record)
        self._count_latency(request, data, now)
        self._duplicates.answered(request.key, send, now)
        return send

    def _count_latency(self, request: Request, data: bytes, now: float) -> None:
        histogram = self.latency.get(data[0]) or self.latency.setdefault(data[0], Histogram())
        histogram.observe(now - request.received)


def _offended(source: Source) -> list[Effect]:
    """Return what is done about what no honest peer sends: a datagram may be anybody's, a stream is not."""
    return [Close(source)] if source.role is Role.RADSEC else []


HANDLERS: dict[tuple[Role, Code], Callable[[Server, Request, float], list[Effect]]] = {
    (Role.AUTHENTICATION, Code.ACCESS_REQUEST): Server._login,
    (Role.AUTHENTICATION, Code.STATUS_SERVER): Server._status,
    (Role.ACCOUNTING, Code.ACCOUNTING_REQUEST): Server._account,
    (Role.ACCOUNTING, Code.STATUS_SERVER): Server._status,
    (Role.RADSEC, Code.ACCESS_REQUEST): Server._login,
    (Role.RADSEC, Code.ACCOUNTING_REQUEST): Server._account,
    (Role.RADSEC, Code.STATUS_SERVER): Server._status,
}

MOVES: dict[type[Move], Callable[..., list[Effect]]] = {
    Passes: Server._passes,
    Asks: Server._asks,
    Accepts: Server._accept,
    Rejects: Server._reject,
    Challenges: Server._challenge,
    Drops: Server._drops,
}
