"""Logins and accounting of other realms: sent on to home servers, and what comes of it.

    an Access-Request             then
    of a realm nobody knows       refused
    that has been here before     refused: a loop
    with a State of ours          goes on with the server that its conversation is with, and no other
    of a realm with servers       goes to the one to ask now; unanswered to the next one; when all were silent
                                  or dead, refused

    the home server says          then
    Access-Challenge              goes back under a State of ours, which knows the server and its State
    Access-Accept                 the application decides: the home server has only said who it is
    Access-Reject                 refused, and the application writes down who refused it
    anything not to be believed   is dropped and counted

An Accounting-Request is answered when it is recorded here; a copy goes to the home server, again and again
for a minute while nobody there answers.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address

from radius import reply as replies
from radius.attributes import Attribute, AttributeType
from radius.conversations import STATE_OCTETS
from radius.effects import Lane, Relay
from radius.errors import TooLong
from radius.facts import exact_name, text
from radius.flights import Flights
from radius.home import Destination, Homes, HomeServer, Pool, Transport
from radius.limits import RADSEC_SECRET, Limits
from radius.login import Login, Relayed
from radius.nas import Nas
from radius.packet import Code, Packet
from radius.questions import Failure, Granted, Method, Refused, Step
from radius.relaying import (
    BadReply,
    Hiding,
    Onward,
    is_loop,
    let_through,
    onward_access,
    onward_account,
    read_reply,
    status_server,
)
from radius.request import Accepts, Asks, Challenges, Exchange, Kept, Move, Passes, Rejects, Request
from radius.secret import SharedSecret, shared_secret

ACCOUNTING_S = 60.0
_EAP_FAILURE = 4


# Whose login this is, by NAS and User-Name; None: ours.
RealmLookup = Callable[[Nas, str], Destination | None]


@dataclass(slots=True)
class RelayCounters:
    """What became of requests that were sent on."""

    sent: int = 0
    answered: int = 0
    moved_on: int = 0
    unavailable: int = 0
    loops: int = 0
    bad_replies: int = 0
    late_replies: int = 0
    accounting_lost: int = 0


@dataclass(slots=True, eq=False)
class _Probe:
    server: HomeServer
    lane: Lane | None
    wire: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Expiry:
    """What the passing of time leads to: packets to send, logins that nobody answered or came back to."""

    sends: list[Relay]
    failed: list[Exchange]
    forsaken: list[Kept]


class Relays:
    """What one worker has sent on. tag marks our Proxy-States, in every worker alike."""

    def __init__(
        self, find: RealmLookup, tag: bytes, worker: int, random: Callable[[int], bytes], limits: Limits
    ) -> None:
        self.counters = RelayCounters()
        self.homes = Homes()
        self._find, self._tag, self._random, self._limits = find, tag, random, limits
        self._worker = worker
        self._flights: Flights[Exchange | _Probe] = Flights()
        self._kept: OrderedDict[bytes, Kept] = OrderedDict()
        self._turn = 0

    def __len__(self) -> int:
        return len(self._flights)

    @property
    def load(self) -> int:
        """Return how many requests and conversations with home servers are under way."""
        asked = sum(isinstance(each, Exchange) for each in self._flights)
        return asked + len(self._kept)

    def begin(self, request: Request, now: float) -> Move | None:
        """Return the move of a login that is for somebody else; None where it is ours."""
        values = request.packet.values
        kept = self._take(request, values.get(AttributeType.STATE), now)
        if kept is not None:
            kept.login.facts = request.facts()
            return self._go_on(request, kept, now)
        name = exact_name(values.get(AttributeType.USER_NAME, b""))
        destination = self._find(request.nas, name) if name else None
        if destination is None or name is None:
            return None
        login = Login(request.nas, name, Method.HOME_SERVER, request.facts())
        request.exchange = Exchange(request, destination, _NOBODY, now, login)
        if destination.pool is None:
            return _failed(request, Failure.UNKNOWN_REALM, destination.realm, now)
        if is_loop(request.packet, self._tag):
            self.counters.loops += 1
            detail = f"a request for {destination.realm} that has been here before"
            return _failed(request, Failure.FORWARDING_LOOP, detail, now)
        if AttributeType.STATE in values:
            return _failed(request, Failure.BAD_STATE, "an answer to no request of ours", now)
        if len(self._flights) >= self._limits.max_relayed:
            return _failed(request, Failure.BUSY, "too many requests are with home servers", now)
        relay = self._next(request.exchange, now)
        return Passes(relay) if relay is not None else self.unavailable(request.exchange, now)

    def account(self, request: Request, now: float) -> list[Relay]:
        """Return the copy of an Accounting-Request for the home server, where there is one."""
        name = exact_name(request.packet.values.get(AttributeType.USER_NAME, b""))
        destination = self._find(request.nas, name) if name else None
        if destination is None or destination.pool is None or is_loop(request.packet, self._tag):
            return []
        if len(self._flights) >= self._limits.max_relayed:
            self.counters.accounting_lost += 1
            return []
        servers = tuple(each for each in destination.pool.servers if each.accounting_port)
        if not servers:
            return []
        relay = self._next(Exchange(request, _with_servers(destination, servers), _NOBODY, now), now)
        return [] if relay is None else [relay]

    def answered(self, lane: Lane, data: bytes) -> Exchange | None:
        """Return the login that a home server's packet answers; None where nobody waits for it."""
        flying = self._flights.find(lane, data)
        if flying is None:
            self.counters.late_replies += 1
            return None
        server = flying.server
        try:
            reply = read_reply(data, flying.wire, _secret(server), _must_sign(server))
            brought = self._brought(flying, reply)
        except BadReply:
            self.counters.bad_replies += 1
            return None
        self._flights.land(flying)
        if isinstance(flying, _Probe):
            self.homes.status_heard(server)
            return None
        self.homes.heard(server)
        self.counters.answered += 1
        flying.reply, flying.brought = reply, brought
        return flying if flying.login is not None else None

    def move(self, exchange: Exchange, now: float) -> Move:
        """Return the move after the home server's reply to a login."""
        reply, login, server = exchange.reply, exchange.login, exchange.server
        assert reply is not None and login is not None
        if reply.code is Code.ACCESS_CHALLENGE:
            return self._challenge(exchange, reply, now)
        step = Step("home server", now - exchange.began, server.key)
        if reply.code is Code.ACCESS_REJECT:
            login.steps += (step,)
            return _failed(exchange.request, Failure.HOME_REFUSED, server.key, now)
        name = exact_name(reply.values.get(AttributeType.USER_NAME, b"")) or login.user_name
        known = Relayed(exchange.destination.realm, exchange.destination.user, name, step)
        return Asks(login, login.vouched(known, now))

    def decided(self, request: Request, login: Login, decision: Granted | Refused) -> Move:
        """Return the move after the application's decision."""
        exchange = request.exchange
        assert exchange is not None
        if isinstance(decision, Granted):
            attributes = replies.accept_relayed(decision, exchange.brought, login.user_name)
            return Accepts(login, attributes, decision)
        eap = _eap_failure(request.packet, exchange.reply)
        told = replies.eap_message(eap) if eap else replies.reject(decision.message)
        return Rejects(told, decision.record)

    def unavailable(self, exchange: Exchange, now: float) -> Move:
        """Return the move of a login that no home server answers."""
        self.counters.unavailable += 1
        assert exchange.login is not None
        names = ", ".join(sorted(exchange.tried))
        exchange.login.steps += (Step("home server", now - exchange.began, names),)
        asked = f" ({names})" if names else ", all are dead"
        detail = f"no home server of {exchange.destination.realm} answers{asked}"
        return _failed(exchange.request, Failure.HOME_UNAVAILABLE, detail, now)

    def told(self) -> dict[str, object]:
        """Return the counters, and the state of each server that is not simply alive."""
        return {**asdict(self.counters), "states": self.homes.told()}

    def expire(self, now: float) -> Expiry:
        """Return what the passing of time leads to."""
        expiry = Expiry([], [], [])
        for flying in self._flights.due(now):
            self._late(flying, now, expiry)
        for server in self.homes.due(now):
            expiry.sends.extend(self._probe(server, now))
        while self._kept and next(iter(self._kept.values())).expires <= now:
            expiry.forsaken.append(self._kept.popitem(last=False)[1])
        return expiry

    def next_timer(self) -> float | None:
        """Return when expire() has something to do."""
        timers = [self.homes.next_timer(), self._flights.next_timer()]
        timers += [next(iter(self._kept.values())).expires] if self._kept else []
        return min((timer for timer in timers if timer is not None), default=None)

    def _go_on(self, request: Request, kept: Kept, now: float) -> Move:
        exchange = Exchange(request, kept.destination, kept.server, kept.began, kept.login, kept)
        request.exchange = exchange
        relay = self._send(exchange, kept.server, now)
        return Passes(relay) if relay is not None else self.unavailable(exchange, now)

    def _challenge(self, exchange: Exchange, reply: Packet, now: float) -> Move:
        request, login = exchange.request, exchange.login
        assert login is not None
        if len(self._kept) >= self._limits.max_conversations:
            return _failed(request, Failure.BUSY, "too many conversations with home servers", now)
        state = bytes((self._worker,)) + self._random(STATE_OCTETS - 1)
        kept = Kept(request.nas.key, exchange.destination, exchange.server, login, exchange.began, None)
        kept.state, kept.expires = reply.first(AttributeType.STATE), now + self._limits.state_s
        self._kept[state] = kept
        return Challenges((*exchange.brought, Attribute(AttributeType.STATE, state)), None)

    def _take(self, request: Request, state: bytes | None, now: float) -> Kept | None:
        kept = None if state is None else self._kept.get(state)
        if state is None or kept is None or kept.nas != request.nas.key or kept.expires <= now:
            return None
        return self._kept.pop(state)

    def _next(self, exchange: Exchange, now: float) -> Relay | None:
        """Return the request for the server to be asked next; None where nobody is left."""
        pool = exchange.destination.pool
        assert pool is not None
        self._turn += not exchange.tried
        while (server := self.homes.choose(pool, exchange.tried, self._turn)) is not None:
            exchange.tried.add(server.key)
            relay = self._send(exchange, server, now)
            if relay is not None:
                return relay
        return None

    def _send(self, exchange: Exchange, server: HomeServer, now: float) -> Relay | None:
        """Return the request for a server; None where it has too much to do already, or none would fit."""
        reserved = self._flights.reserve(server, accounting=exchange.login is None)
        if reserved is None:
            return None
        lane, identifier = reserved
        state = exchange.kept.state if exchange.kept is not None else None
        onward = Onward(_secret(server), identifier, self._random(16), self._tag + self._random(8), state)
        request = exchange.request
        try:
            if exchange.login is None:
                exchange.wire = onward_account(request.packet, onward)
            else:
                exchange.wire = onward_access(request.packet, request.secret, onward)
        except TooLong:
            self._flights.give_back(lane, identifier)
            return None
        exchange.server, exchange.lane, exchange.sent_at, exchange.repeated = server, lane, now, False
        self._flights.take_off(exchange, now + self._timing(exchange) / 2)
        self.counters.sent += 1
        return Relay(lane, exchange.wire)

    def _late(self, flying: Exchange | _Probe, now: float, expiry: Expiry) -> None:
        """Send again, to the same server once and then to the next one, or give up."""
        if isinstance(flying, _Probe):
            self._flights.land(flying)
            return
        assert flying.lane is not None
        if not flying.repeated:
            flying.repeated = True
            self._flights.wait(flying, flying.sent_at + self._timing(flying))
            if flying.server.transport is Transport.UDP:
                expiry.sends.append(Relay(flying.lane, flying.wire))
            return
        pool = flying.destination.pool
        assert pool is not None
        self.homes.silent(flying.server, pool.timing, now)
        self._flights.land(flying)
        relay = self._next(flying, now) if flying.kept is None else None
        if relay is None and flying.login is None and now < flying.began + ACCOUNTING_S:
            flying.tried.clear()
            relay = self._next(flying, now)
        if relay is not None:
            self.counters.moved_on += 1
            expiry.sends.append(relay)
        elif flying.login is not None:
            flying.tried.add(flying.server.key)
            expiry.failed.append(flying)
        else:
            self.counters.accounting_lost += 1

    def _probe(self, server: HomeServer, now: float) -> list[Relay]:
        reserved = self._flights.reserve(server, accounting=False)
        if reserved is None:
            return []
        lane, identifier = reserved
        wire = status_server(Onward(_secret(server), identifier, self._random(16), b""))
        self._flights.take_off(_Probe(server, lane, wire), now + self._limits.answer_s)
        return [Relay(lane, wire)]

    def _timing(self, exchange: Exchange) -> float:
        assert exchange.destination.pool is not None
        return exchange.destination.pool.timing.response_s

    def _brought(self, flying: Exchange | _Probe, reply: Packet) -> tuple[Attribute, ...]:
        """Return what a reply may bring. Raises BadReply."""
        if isinstance(flying, _Probe) or flying.login is None:
            return ()
        pool, request = flying.destination.pool, flying.request
        assert pool is not None
        come = Hiding(_secret(flying.server), flying.wire[4:20])
        go = Hiding(request.secret, request.packet.authenticator)
        return let_through(reply, pool.gives, (come, go), self._random)


_NOBODY = HomeServer("", IPv4Address(0), 0, b"")


def _with_servers(destination: Destination, servers: tuple[HomeServer, ...]) -> Destination:
    pool = destination.pool
    assert pool is not None
    return Destination(destination.realm, Pool(servers, pool.order, pool.timing), destination.user)


def _secret(server: HomeServer) -> SharedSecret:
    return shared_secret(RADSEC_SECRET if server.transport is Transport.RADSEC else server.secret)


def _must_sign(server: HomeServer) -> bool:
    """Return whether a reply has to be signed: TLS has told already who speaks."""
    return server.must_sign and server.transport is Transport.UDP


def _failed(request: Request, reason: Failure, detail: str, now: float) -> Asks:
    exchange = request.exchange
    assert exchange is not None and exchange.login is not None
    return Asks(exchange.login, exchange.login.failed(reason, text(detail.encode()), now))


def _eap_failure(request: Packet, reply: Packet | None) -> bytes:
    """Return the EAP-Failure that ends a conversation (RFC 3748 section 4.2); b"" where there is no EAP."""
    asked = b"".join(request.all(AttributeType.EAP_MESSAGE))
    said = b"".join(reply.all(AttributeType.EAP_MESSAGE)) if reply is not None else b""
    last = said or asked
    return bytes((_EAP_FAILURE, last[1], 0, 4)) if len(last) > 1 else b""
