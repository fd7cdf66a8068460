"""Conversations that wait for a NAS to come back with a State (RFC 2865 section 5.24).

A State is sixteen octets: the number of the worker that holds the conversation, then fifteen that nobody
can guess. It is good for one step, from one NAS, for a minute.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from radius.eap.method import Done, Failed
from radius.eap.session import Session
from radius.facts import mac
from radius.limits import Limits
from radius.login import Login
from radius.nas import Nas
from radius.questions import Granted, Refused

STATE_OCTETS = 16

Endpoint = tuple[str, str, str]


@dataclass(slots=True, eq=False)
class Conversation:
    """A login that takes more than one request; session is there when it speaks EAP.

    end is how the method ended; verdict the application's decision, which may come before that. A refusal is
    without its record once it was told and recorded. endpoint is who is talking, as it was in the beginning.
    """

    nas: Nas
    login: Login
    began: float
    session: Session | None = None
    end: Done | Failed | None = None
    verdict: Granted | Refused | None = None
    state: bytes = field(default=b"", repr=False)
    expires: float = 0.0
    endpoint: Endpoint | None = None


class Conversations:
    """The conversations of one worker by their State."""

    __slots__ = ("_by_endpoint", "_by_state", "_eap_by_nas", "_limits", "_random", "_worker")

    def __init__(self, worker: int, random: Callable[[int], bytes], limits: Limits) -> None:
        self._worker = worker
        self._random = random
        self._limits = limits
        self._by_state: OrderedDict[bytes, Conversation] = OrderedDict()
        self._by_endpoint: dict[Endpoint, list[Conversation]] = {}
        self._eap_by_nas: Counter[str] = Counter()

    def __len__(self) -> int:
        return len(self._by_state)

    @property
    def eap(self) -> int:
        """Return how many of them speak EAP."""
        return self._eap_by_nas.total()

    @property
    def full(self) -> bool:
        """Return whether no new conversation may begin; those that are under way go on."""
        return len(self._by_state) >= self._limits.max_conversations

    def full_for_eap(self, nas: Nas) -> bool:
        """Return whether no new conversation by EAP may begin at this NAS."""
        limits, of_nas = self._limits, self._eap_by_nas[nas.key]
        crowded = of_nas >= limits.max_eap_conversations_per_nas
        return self.full or crowded or self._eap_by_nas.total() >= limits.max_eap_conversations

    def keep(self, conversation: Conversation, now: float) -> Conversation | None:
        """Keep a conversation under a fresh State; return the one its endpoint has to give up for it.

        An endpoint is who is talking as far as that can be told before anything is proven.
        """
        conversation.state = bytes((self._worker,)) + self._random(STATE_OCTETS - 1)
        conversation.expires = now + self._limits.state_s
        endpoint = conversation.endpoint
        if endpoint is None:
            endpoint = conversation.endpoint = _endpoint(conversation.nas, conversation.login)
        self._by_state[conversation.state] = conversation
        self._eap_by_nas[conversation.nas.key] += conversation.session is not None
        of_endpoint = self._by_endpoint.setdefault(endpoint, [])
        of_endpoint.append(conversation)
        if len(of_endpoint) <= self._limits.max_conversations_per_endpoint:
            return None
        oldest = of_endpoint[0]
        self._remove(oldest)
        return oldest

    def find(self, state: bytes, nas: Nas, now: float) -> Conversation | None:
        """Return the conversation of this State, if this NAS may go on with it now."""
        conversation = self._by_state.get(state)
        if conversation is None or conversation.nas.key != nas.key or conversation.expires <= now:
            return None
        return conversation

    def take(self, conversation: Conversation) -> None:
        """Take a conversation out, its State is used up; one that was never kept is left as it is."""
        if conversation.state:
            self._remove(conversation)

    def expire(self, now: float) -> list[Conversation]:
        """Take out and return those that nobody came back to."""
        expired: list[Conversation] = []
        while (expires := self.next_timer()) is not None and expires <= now:
            conversation = next(iter(self._by_state.values()))
            self._remove(conversation)
            expired.append(conversation)
        return expired

    def next_timer(self) -> float | None:
        """Return when the oldest expires."""
        for conversation in self._by_state.values():
            return conversation.expires
        return None

    def _remove(self, conversation: Conversation) -> None:
        del self._by_state[conversation.state]
        conversation.state = b""
        self._eap_by_nas[conversation.nas.key] -= conversation.session is not None
        assert conversation.endpoint is not None, "it was kept"
        of_endpoint = self._by_endpoint[conversation.endpoint]
        of_endpoint.remove(conversation)
        if not of_endpoint:
            del self._by_endpoint[conversation.endpoint]


def _endpoint(nas: Nas, login: Login) -> Endpoint:
    """Return who is talking: a MAC is one endpoint whatever names it makes up; behind an IP may be many."""
    station = login.facts.calling_station
    return nas.key, station, "" if mac(station) else login.user_name


def worker_of(state: bytes) -> int | None:
    """Return the worker that made this State, None where none of ours can have made it."""
    return state[0] if len(state) == STATE_OCTETS else None
