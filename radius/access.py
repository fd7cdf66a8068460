"""Access-Requests without EAP: PAP with its code, and MAB.

Service-Type  credentials            then
Call-Check    any                    MAB, if this NAS may and the name is the endpoint's own address
other         User-Password          a login with a password, code appended where the NAS says so
other         User-Password, State   the answer to our prompt: the code
other         CHAP-Password          refused: a hash of the password is no use with a directory
other         none                   refused
"""

from radius import reply
from radius.attributes import AttributeType
from radius.conversations import Conversation, Conversations
from radius.facts import Facts, exact_name, exact_text, facts, mac, text
from radius.hidden import reveal_password
from radius.limits import Limits
from radius.login import Login, Prompt
from radius.questions import Failure, Granted, Method, Refused
from radius.request import Accepts, Asks, Challenges, Move, Rejects, Request

SERVICE_TYPE_CALL_CHECK = 10

Values = dict[int, bytes]


class Access:
    """Logins by password and by MAC."""

    __slots__ = ("_conversations", "_limits")

    def __init__(self, conversations: Conversations, limits: Limits) -> None:
        self._conversations = conversations
        self._limits = limits

    def begin(self, request: Request, now: float) -> Move:
        """Return the first move for an Access-Request."""
        values = request.packet.values
        known = facts(values)
        name = values.get(AttributeType.USER_NAME, b"")
        login = Login(request.nas, text(name), _method(values, known), known)
        if exact_name(name) is None:
            return failed(login, Failure.NOT_TEXT, "the User-Name", now)
        if not name:
            return failed(login, Failure.NO_CREDENTIALS, "no User-Name", now)
        if login.method is Method.MAB:
            return _mab(request, login, now)
        if login.method is Method.PAP:
            return self._pap(request, login, values, now)
        if login.method is Method.CHAP:
            return failed(login, Failure.METHOD_NOT_ALLOWED, "CHAP", now)
        return failed(login, Failure.NO_CREDENTIALS, "neither password nor EAP", now)

    def decided(self, login: Login, decision: Granted | Refused) -> Move:
        """Return the move after the application's decision."""
        if isinstance(decision, Granted):
            return Accepts(login, reply.accept(decision, login.user_name), decision.record)
        return Rejects(reply.reject(decision.message), decision.record)

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


def failed(login: Login, reason: Failure, detail: str, now: float) -> Asks:
    """Return the move of a login that the server itself refuses: the application must know."""
    return Asks(login, login.failed(reason, detail, now))


def _method(values: Values, known: Facts) -> Method:
    if known.service_type == SERVICE_TYPE_CALL_CHECK:
        return Method.MAB
    if AttributeType.USER_PASSWORD in values:
        return Method.PAP
    return Method.CHAP if AttributeType.CHAP_PASSWORD in values else Method.NONE


def _mab(request: Request, login: Login, now: float) -> Move:
    """Return the move of a MAC authentication bypass: nothing is proven, so the NAS must ask for it."""
    if not request.nas.mab:
        return failed(login, Failure.MAB_NOT_ALLOWED, "not set for this NAS", now)
    address = mac(login.user_name)
    if address is None or address != login.facts.calling_station:
        detail = f"{login.user_name} from {login.facts.calling_station or 'nowhere'}"
        return failed(login, Failure.MAB_NAME_MISMATCH, detail, now)
    return Asks(login, login.with_mac(address, now))
