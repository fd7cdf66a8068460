"""Access-Requests with EAP: carries the session's packets, and asks the application when a method must know.

the session returns   then
Challenge             an Access-Challenge under a new State; one that tells of a refusal waits like a Reject,
                      and has its record
Discard               the request is dropped; its State stays good
a Claim               a login with it; its decision is the method's verdict
Done                  accepted with the keys, if the application has decided; else it is asked now
Failed                rejected, with the application's refusal if there is one; else it is told why
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from radius import reply
from radius.access import failed
from radius.attributes import AttributeType
from radius.conversations import Conversation, Conversations
from radius.eap.fragments import MIN_FRAGMENT_OCTETS
from radius.eap.method import (
    Done,
    Failed,
    MethodMaker,
    NeedsCertificate,
    NeedsChap,
    NeedsMschap,
    NeedsPassword,
    NeedsResumption,
    Verdict,
)
from radius.eap.packet import EapType
from radius.eap.session import Challenge, Discard, MethodChoice, Session, SessionStep
from radius.eap.turned_down import Peer, TurnedDown
from radius.facts import Facts, text
from radius.limits import Limits
from radius.login import Login, Prompt
from radius.nas import CodeMode
from radius.questions import Failure, Granted, Method, Question, Refused, Step
from radius.request import Accepts, Asks, Challenges, Drops, Move, Rejects, Request

# Of an EAPOL frame around an EAP packet.
_EAPOL_OVERHEAD_OCTETS = 4


class EapAccess:
    """Logins by EAP."""

    __slots__ = ("_conversations", "_limits", "_makers", "_random", "_turned_down")

    def __init__(
        self,
        conversations: Conversations,
        limits: Limits,
        makers: Mapping[EapType, MethodMaker],
        random: Callable[[int], bytes],
    ) -> None:
        self._conversations = conversations
        self._limits = limits
        self._makers = makers
        self._random = random
        self._turned_down = TurnedDown()

    def begin(self, request: Request, now: float) -> Move:
        """Return the move for an Access-Request with an EAP-Message."""
        values = request.packet.values
        octets = b"".join(request.packet.all(AttributeType.EAP_MESSAGE))
        state = values.get(AttributeType.STATE)
        found = None if state is None else self._conversations.find(state, request.nas, now)
        if found is not None and found.session is not None:
            return self._go_on(request, found, octets, now)
        known = request.facts()
        login = Login(request.nas, text(values.get(AttributeType.USER_NAME)), Method.EAP, known)
        session = self._session(request, known, now)
        conversation = Conversation(request.nas, login, began=now, session=session)
        request.conversation = conversation
        if state is not None:
            session.turn_away(octets)
            return _ended(conversation, Failed(Failure.BAD_STATE, "an answer to no request of ours"), now)
        if self._conversations.full_for_eap(request.nas):
            return _ended(conversation, Failed(Failure.BUSY, "no new EAP conversation"), now)
        return self._received(request, conversation, octets, now)

    def decided(self, request: Request, decision: Granted | Refused, now: float) -> Move:
        """Return the move after the application's decision."""
        conversation = request.conversation
        assert conversation is not None and conversation.session is not None
        conversation.verdict = decision
        if conversation.end is None:
            granted, login = isinstance(decision, Granted), conversation.login
            verdict = Verdict(granted, login.key if granted else b"", login.proven if granted else None)
            move = self._step(request, conversation.session.verdict(verdict), now)
            if isinstance(move, Challenges) and isinstance(decision, Refused):
                # Recorded with what tells of it; the Reject that ends it has nothing to add.
                conversation.verdict = replace(decision, record=None)
                return replace(move, refusal=decision)
            return move
        return self._finish(request, conversation, now)

    def prompted(self, request: Request, prompt: Prompt, now: float) -> Move:
        """Return the move after a right password where the code is asked for separately."""
        conversation = request.conversation
        assert conversation is not None and conversation.session is not None
        return self._step(request, conversation.session.prompt(prompt.text), now)

    def _session(self, request: Request, known: Facts, now: float) -> Session:
        nas, station = request.nas, known.calling_station
        return Session(
            MethodChoice(
                nas.eap_methods,
                self._makers,
                self._packet_octets(known),
                nas.code is not CodeMode.NONE,
                nas.inside,
                nas.question,
                lambda identity: self._turned_down.chosen(Peer(station, identity), now),
                nas.key,
            )
        )

    def _packet_octets(self, known: Facts) -> int:
        """Return the largest EAP packet for this link; a Framed-MTU too small to be true is not believed."""
        room = (known.framed_mtu or 0) - _EAPOL_OVERHEAD_OCTETS
        if room < MIN_FRAGMENT_OCTETS:
            return self._limits.eap_packet_octets
        return min(room, self._limits.eap_packet_octets)

    def _go_on(self, request: Request, conversation: Conversation, octets: bytes, now: float) -> Move:
        request.conversation = conversation
        conversation.login.facts = request.facts()
        return self._received(request, conversation, octets, now)

    def _received(self, request: Request, conversation: Conversation, octets: bytes, now: float) -> Move:
        session = conversation.session
        assert session is not None
        step = session.receive(octets)
        if isinstance(step, Discard):
            request.counters.eap_discarded += 1
            return Drops()
        self._conversations.take(conversation)
        name = request.packet.first(AttributeType.USER_NAME)
        if name is not None and session.identity and name != session.identity.encode():
            detail = f"User-Name {text(name)}, identity {session.identity}"
            return _ended(conversation, Failed(Failure.IDENTITY_MISMATCH, detail), now)
        return self._step(request, step, now)

    def _step(self, request: Request, step: SessionStep, now: float) -> Move:
        conversation = request.conversation
        assert conversation is not None and conversation.session is not None
        if isinstance(step, Challenge):
            return self._challenge(conversation, step, now)
        if not isinstance(step, Done | Failed):
            return _claimed(conversation, step, now)
        conversation.end = step
        if conversation.verdict is not None:
            return self._finish(request, conversation, now)
        if isinstance(step, Failed):
            return _ended(conversation, step, now)
        login = _inner_login(conversation, step.identity, now)
        return Asks(login, login.decide(now))

    def _challenge(self, conversation: Conversation, step: Challenge, now: float) -> Move:
        assert conversation.session is not None
        conversation.login.method = conversation.session.method
        superseded = self._conversations.keep(conversation, now)
        hint_s = self._limits.retransmit_hint_s
        return Challenges(reply.challenge_eap(step.eap, conversation.state, hint_s), superseded)

    def _finish(self, request: Request, conversation: Conversation, now: float) -> Move:
        """Return the last move, when both the method and the application are done."""
        end, verdict, session = conversation.end, conversation.verdict, conversation.session
        assert end is not None and verdict is not None and session is not None
        if isinstance(verdict, Refused):
            return Rejects(reply.eap_message(session.failure()), verdict.record)
        if isinstance(end, Failed):
            return _ended(conversation, end, now)
        if session.naked:
            peer = Peer(conversation.login.facts.calling_station, session.identity)
            self._turned_down.remember(peer, session.named, now)
        attributes = reply.accept_eap(verdict, session.success(), end.identity)
        salts = self._random(4)
        keys = reply.keys(end.msk, request.secret, request.packet.authenticator, salts)
        named = reply.key_name(request.packet.values, end.session_id)
        return Accepts(conversation.login, (*attributes, *keys, *named), verdict)


def _claimed(conversation: Conversation, claim: Any, now: float) -> Move:
    """Return the move for what the method wants to know from the application."""
    login = conversation.login
    if login.prompted:
        return Asks(login, login.with_code(claim.password, now))
    name, ask = CLAIMS[type(claim)](claim)
    session = conversation.session
    assert session is not None
    wants_code = conversation.nas.code is CodeMode.CHALLENGE and isinstance(claim, _ABOUT_PASSWORDS)
    if wants_code and not session.prompts:
        detail = f"this NAS asks for the code in a second step; {session.method.value} has no room for one"
        return _ended(conversation, Failed(Failure.METHOD_NOT_ALLOWED, detail), now)
    if not _same_realm(session.identity, name):
        detail = f"{name} inside {session.identity}"
        return _ended(conversation, Failed(Failure.REALM_MISMATCH, detail), now)
    login = _inner_login(conversation, name, now)
    return Asks(login, ask(login, now))


def _inner_login(conversation: Conversation, user_name: str, now: float) -> Login:
    """Return the login of the identity inside, which is the one that counts."""
    session = conversation.session
    assert session is not None
    login = Login(conversation.nas, user_name, session.method, conversation.login.facts)
    login.steps = (Step("EAP", now - conversation.began, session.describe()),)
    conversation.login = login
    return login


def _same_realm(outer: str, inner: str) -> bool:
    """Return whether the realms agree, where both are given: an anonymous name may leave its realm out."""
    _, has_outer, outer_realm = outer.rpartition("@")
    _, has_inner, inner_realm = inner.rpartition("@")
    return not (has_outer and has_inner) or outer_realm.casefold() == inner_realm.casefold()


def _ended(conversation: Conversation, end: Failed, now: float) -> Move:
    """Return the move of a conversation that failed before the application decided."""
    session, login = conversation.session, conversation.login
    assert session is not None
    conversation.end = end
    login.method = session.method
    login.steps = login.steps or (Step("EAP", now - conversation.began, session.describe()),)
    return failed(login, end.reason, end.detail, now)


def timed_out(conversation: Conversation) -> Failed:
    """Return why a conversation ended that nobody came back to."""
    session = conversation.session
    if session is None:
        return Failed(Failure.TIMED_OUT, "nobody answered the prompt for the code")
    if session.pending_failure is not None:
        return session.pending_failure
    detail = f"no answer after {session.describe()}; does the device trust our certificate?"
    return Failed(Failure.TIMED_OUT, detail)


_ABOUT_PASSWORDS = (NeedsPassword, NeedsChap, NeedsMschap)
Asking = Callable[[Login, float], Question]
# Whom each kind of claim is about, and how a login asks about it.
CLAIMS: dict[type, Callable[[Any], tuple[str, Asking]]] = {
    NeedsPassword: lambda claim: (
        claim.user_name,
        lambda login, now: login.with_password(claim.password, now),
    ),
    NeedsChap: lambda claim: (claim.user_name, lambda login, now: login.with_chap(claim.exchange, now)),
    NeedsMschap: lambda claim: (claim.user_name, lambda login, now: login.with_mschap(claim.exchange, now)),
    NeedsCertificate: lambda claim: (
        claim.user_name,
        lambda login, now: login.with_certificate(claim.chain, claim.resumed, now),
    ),
    NeedsResumption: lambda claim: (
        claim.proven.user_name,
        lambda login, now: login.resuming(claim.proven, now),
    ),
}
