"""Access-Requests without EAP: PAP with its code, CHAP, MSCHAPv2 and MAB.

Service-Type  credentials            then
Call-Check    any                    MAB, if this NAS may and the name is the endpoint's own address
Authorize-Only  State                a session of the NAS that a CoA-Request has it ask about anew
other         User-Password          a login with a password, code appended where the NAS says so
other         User-Password, State   the answer to our prompt: the code
other         CHAP-Password          a login with a hash of the password
other         MS-CHAP2-Response      the same, answered by our proof and the keys, or by an MS-CHAP-Error
other         MS-CHAP-Response       refused: whoever hears it has the password within a day
other         none                   refused
"""

from collections.abc import Callable

from radius import reply
from radius.attributes import Attribute, AttributeType
from radius.chap import (
    MicrosoftType,
    mschap_error,
    mschap_keys,
    mschap_success,
    read_chap,
    read_mschap,
)
from radius.conversations import Conversation, Conversations
from radius.facts import Facts, exact_name, exact_text, mac, text
from radius.hidden import MICROSOFT, reveal_password
from radius.limits import Limits
from radius.login import Login, Prompt
from radius.mschap import CHALLENGE_OCTETS
from radius.packet import Packet
from radius.questions import Failure, Granted, Method, Refused
from radius.request import Accepts, Asks, Challenges, Move, Rejects, Request

SERVICE_TYPE_CALL_CHECK = 10
SERVICE_TYPE_AUTHORIZE_ONLY = 17

Values = dict[int, bytes]


class Access:
    """Logins by password and by MAC."""

    __slots__ = ("_conversations", "_limits", "_random")

    def __init__(self, conversations: Conversations, limits: Limits, random: Callable[[int], bytes]) -> None:
        self._conversations = conversations
        self._limits = limits
        self._random = random

    def begin(self, request: Request, now: float) -> Move:
        """Return the first move for an Access-Request."""
        packet = request.packet
        known = request.facts()
        name = packet.values.get(AttributeType.USER_NAME, b"")
        exact = exact_name(name)
        login = Login(request.nas, text(name) if exact is None else exact, _method(packet, known), known)
        if exact is None:
            return failed(login, Failure.NOT_TEXT, "the User-Name", now)
        if known.service_type == SERVICE_TYPE_AUTHORIZE_ONLY:
            return _authorize_only(request, login, now)
        if not name:
            return failed(login, Failure.NO_CREDENTIALS, "no User-Name", now)
        if login.method is Method.PAP:
            return self._pap(request, login, packet.values, now)
        return WITHOUT_PROMPT[login.method](request, login, now)

    def decided(self, request: Request, login: Login, decision: Granted | Refused) -> Move:
        """Return the move after the application's decision."""
        if isinstance(decision, Granted):
            proof = self._proof(request, login)
            return Accepts(login, (*reply.accept(decision, login.user_name), *proof), decision)
        return Rejects((*reply.reject(decision.message), *self._error(login)), decision.record)

    def prompted(self, login: Login, prompt: Prompt, now: float) -> Move:
        """Return the move after a right password where the code is asked for separately."""
        if self._conversations.full:
            return failed(login, Failure.BUSY, "the code could not be asked for", now)
        conversation = Conversation(login.nas, login, began=now)
        superseded = self._conversations.keep(conversation, now)
        attributes = reply.prompt(prompt.text, conversation.state, int(self._limits.state_s))
        return Challenges(attributes, superseded)

    def _pap(self, request: Request, login: Login, values: Values, now: float) -> Move:
        hidden = values[AttributeType.USER_PASSWORD]
        password = exact_text(reveal_password(hidden, request.secret, request.packet.authenticator))
        if password is None:
            return failed(login, Failure.NOT_TEXT, "the password; do both sides have the same secret?", now)
        state = values.get(AttributeType.STATE)
        if state is None:
            return Asks(login, login.with_password(password, now))
        conversation = self._conversations.find(state, request.nas, now)
        if conversation is None or conversation.session is not None:
            return failed(login, Failure.BAD_STATE, "an answer to no prompt of ours", now)
        prompted = conversation.login
        if prompted.user_name != login.user_name:
            return failed(login, Failure.BAD_STATE, "an answer to somebody else's prompt", now)
        self._conversations.take(conversation)
        return Asks(prompted, prompted.with_code(password, now))

    def _proof(self, request: Request, login: Login) -> tuple[Attribute, ...]:
        """Return what goes with an Accept of MSCHAPv2; nothing with any other."""
        if login.mschap is None:
            return ()
        packet, salts = request.packet, self._random(4)
        keys = mschap_keys(login.mschap, login.key, request.secret, packet.authenticator, salts)
        return (*mschap_success(login.mschap, login.key), *keys)

    def _error(self, login: Login) -> tuple[Attribute, ...]:
        """Return what goes with a Reject of MSCHAPv2; nothing with any other."""
        return () if login.mschap is None else (mschap_error(login.mschap, self._random(CHALLENGE_OCTETS)),)


def failed(login: Login, reason: Failure, detail: str, now: float) -> Asks:
    """Return the move of a login that the server itself refuses: the application must know."""
    return Asks(login, login.failed(reason, detail, now))


def _authorize_only(request: Request, login: Login, now: float) -> Move:
    """Return the move of a NAS that we have asked to ask about a session (RFC 5176 section 3.2).

    Nothing but the State says whose it is: no credentials are looked at.
    """
    login.method = Method.NONE
    state = request.packet.values.get(AttributeType.STATE)
    if not state:
        return failed(login, Failure.BAD_STATE, "Authorize Only without the State of a CoA-Request", now)
    return Asks(login, login.with_state(state, now))


def _method(packet: Packet, known: Facts) -> Method:
    if known.service_type == SERVICE_TYPE_CALL_CHECK:
        return Method.MAB
    for kind, method in _BY_CREDENTIALS.items():
        if kind in packet.values:
            return method
    return (
        Method.NONE if packet.first(MicrosoftType.MS_CHAP2_RESPONSE, MICROSOFT) is None else Method.MSCHAPV2
    )


def _chap(request: Request, login: Login, now: float) -> Move:
    """Return the move of a login by CHAP."""
    exchange = read_chap(request.packet)
    if exchange is None:
        return failed(login, Failure.NO_CREDENTIALS, "a malformed CHAP-Password", now)
    if AttributeType.STATE in request.packet.values:
        return failed(login, Failure.BAD_STATE, _HASHED_ANSWER, now)
    return Asks(login, login.with_chap(exchange, now))


def _mschap(request: Request, login: Login, now: float) -> Move:
    """Return the move of a login by MSCHAPv2."""
    exchange = read_mschap(request.packet, request.packet.values[AttributeType.USER_NAME])
    if exchange is None:
        return failed(
            login, Failure.NO_CREDENTIALS, "a malformed MS-CHAP2-Response or MS-CHAP-Challenge", now
        )
    if AttributeType.STATE in request.packet.values:
        return failed(login, Failure.BAD_STATE, _HASHED_ANSWER, now)
    return Asks(login, login.with_mschap(exchange, now))


def _nothing(request: Request, login: Login, now: float) -> Move:
    """Return the move of a request without credentials that we take."""
    if request.packet.first(MicrosoftType.MS_CHAP_RESPONSE, MICROSOFT) is not None:
        detail = "MS-CHAP of the first version; set the device to MS-CHAPv2"
        return failed(login, Failure.METHOD_NOT_ALLOWED, detail, now)
    return failed(login, Failure.NO_CREDENTIALS, "neither password nor EAP", now)


def _mab(request: Request, login: Login, now: float) -> Move:
    """Return the move of a MAC authentication bypass: nothing is proven, so the NAS must ask for it."""
    if not request.nas.mab:
        return failed(login, Failure.MAB_NOT_ALLOWED, "not set for this NAS", now)
    address = mac(login.user_name)
    if address is None or address != login.facts.calling_station:
        detail = f"{login.user_name} from {login.facts.calling_station or 'nowhere'}"
        return failed(login, Failure.MAB_NAME_MISMATCH, detail, now)
    return Asks(login, login.with_mac(address, now))


_HASHED_ANSWER = "the answer to a prompt has to come as a User-Password"
_BY_CREDENTIALS = {AttributeType.USER_PASSWORD: Method.PAP, AttributeType.CHAP_PASSWORD: Method.CHAP}
WITHOUT_PROMPT: dict[Method, Callable[[Request, Login, float], Move]] = {
    Method.MAB: _mab,
    Method.CHAP: _chap,
    Method.MSCHAPV2: _mschap,
    Method.NONE: _nothing,
}
