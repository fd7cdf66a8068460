"""PEAPv0: an EAP conversation inside a tunnel (MS-PEAP, with TLS 1.3 RFC 9427).

The server proves itself by its certificate, then asks the peer inside who it is and has it prove that by
another EAP method; at last both say inside how it ended, and that they are the ends of both conversations.

    phase      the peer sends                     we
    HANDSHAKE  TLS records                        answer with ours, until both ends have finished
    HANDSHAKE  its last records                   a session resumed: NeedsResumption; now RESUMING
                                                  records have yet to leave: send them; now OPEN
                                                  else ask for the Identity; now INNER
    OPEN       an acknowledgement                 ask for the Identity; now INNER
    INNER      an EAP packet                      what the conversation inside says or claims; in the end a
                                                  Result with a crypto-binding; now RESULT
    RESUMING   nothing, the application decides   the same Result; now RESULT
    RESULT     a Result of success, bound or not  Done, with the keys of both or of the tunnel alone
    RESULT     anything else                      Failed
    any        what ends in a failure inside      a Result of failure; now REFUSED
    REFUSED    anything                           Failed with what we failed for

Packets inside leave their EAP header out, but for EAP-TLV; a peer may leave it in. They have the identifiers
of the Requests outside. The round trip of OPEN is for peers that lose what comes right behind the handshake.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from radius.eap.channel import Channel, Heard
from radius.eap.inner import Inner, InnerStep
from radius.eap.method import (
    Continue,
    Done,
    Failed,
    MethodMaker,
    MethodStep,
    NeedsResumption,
    Opening,
    Tunnel,
    Verdict,
)
from radius.eap.packet import HEADER_OCTETS, EapCode, EapType, encode_request
from radius.eap.result import (
    NONCE_OCTETS,
    BadResult,
    CompoundKeys,
    Result,
    Status,
    binding,
    binding_holds,
    compound_keys,
    read_result,
    result,
    resumed_keys,
)
from radius.eap.session import Challenge
from radius.login import Proven
from radius.questions import Failure, Method

# What an EAP packet may hold, less its header.
_MOST_INSIDE = 65535 - HEADER_OCTETS
# What this is called with each method inside.
_NAMES = {
    EapType.MSCHAPV2: Method.PEAP_MSCHAPV2,
    EapType.GTC: Method.PEAP_GTC,
    EapType.TLS: Method.PEAP_TLS,
}


class _Phase(Enum):
    HANDSHAKE = auto()
    OPEN = auto()
    INNER = auto()
    RESUMING = auto()
    RESULT = auto()
    REFUSED = auto()


@dataclass(frozen=True, slots=True)
class Setting:
    """How PEAP is spoken.

    methods are those a peer may use inside, in the order we prefer; random returns as many octets as asked
    for that nobody can guess. With binding_required a peer that sends no crypto-binding does not get in.
    """

    methods: Mapping[EapType, MethodMaker]
    random: Callable[[int], bytes]
    binding_required: bool = False


class Peap:
    """One PEAP conversation."""

    type = EapType.PEAP

    def __init__(self, tunnel: Tunnel, opening: Opening, setting: Setting) -> None:
        self._channel = Channel(self.type, tunnel, opening.packet_octets)
        self._setting = setting
        self._opening = opening
        self._inner: Inner | None = None
        self._phase = _Phase.HANDSHAKE
        self._identifier = opening.identifier
        self._identity = ""
        self._resumed: Proven | None = None
        self._proven: Proven | None = None
        self._keys: CompoundKeys | None = None
        self._refusal: Failed | None = None

    @property
    def name(self) -> Method:
        """Return what the conversation has come to."""
        if self._resumed is not None:
            return self._resumed.method
        inside = None if self._inner is None else self._inner.method
        return inside or Method.PEAP

    @property
    def failure(self) -> Failed | None:
        """Return what it has failed for, while the peer has yet to acknowledge it."""
        inside = None if self._inner is None else self._inner.failure
        return self._channel.failure or self._refusal or inside

    @property
    def prompt(self) -> Callable[[str], MethodStep] | None:
        """Return what asks for a code, where the method inside can."""
        return self._prompt if self._inner is not None and self._inner.prompts else None

    def start(self) -> Continue:
        """Return the Start."""
        return self._channel.start()

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's type-data."""
        heard = self._channel.receive(data)
        if not isinstance(heard, Heard):
            return self._counted(heard)
        if self._refusal is not None:
            return self._refusal
        return self._counted(_STEPS[self._phase](self, heard.plaintext))

    def verdict(self, verdict: Verdict) -> MethodStep:
        """Return what follows the application's decision."""
        self._proven = verdict.proven
        if self._phase is not _Phase.RESUMING:
            return self._counted(self._inner_step(self._conversation.verdict(verdict)))
        if not verdict.granted:
            refusal = Failed(Failure.NOT_GRANTED, "what was proven in an earlier session of PEAP")
            return self._counted(self._refuse(refusal))
        return self._counted(self._succeed(resumed_keys(self._channel.key_material())))

    def describe(self) -> str:
        """Return the version of TLS."""
        return self._channel.describe()

    @property
    def _conversation(self) -> Inner:
        """Return the conversation inside; who resumes has none."""
        if self._inner is None:
            self._inner = Inner(self._setting.methods, self._opening, _NAMES)
        return self._inner

    def _counted(self, step: MethodStep) -> MethodStep:
        """Return step, and keep the identifier that a Request gets outside: it counts inside as well."""
        if isinstance(step, Continue):
            self._identifier = (self._identifier + 1) & 255
        return step

    def _finished(self, plaintext: bytes) -> MethodStep:
        """Return what follows the handshake."""
        if plaintext:
            return self._refuse(Failed(Failure.BAD_EAP, "something inside PEAP before we asked"))
        if self._channel.resumed:
            return self._resume()
        if self._channel.pending:
            self._phase = _Phase.OPEN
            return self._channel.say()
        return self._ask_identity(plaintext)

    def _resume(self) -> MethodStep:
        self._resumed = self._channel.earlier()
        if self._resumed is None:
            return self._refuse(Failed(Failure.TLS_FAILED, "a session of TLS in which nobody has logged in"))
        self._phase, self._identity = _Phase.RESUMING, self._resumed.user_name
        return NeedsResumption(self._resumed)

    def _ask_identity(self, plaintext: bytes) -> MethodStep:
        if plaintext:
            return self._refuse(Failed(Failure.BAD_EAP, "something inside PEAP before we asked"))
        self._phase = _Phase.INNER
        return self._inner_step(self._conversation.ask_identity())

    def _converse(self, plaintext: bytes) -> MethodStep:
        """Return what follows a packet of the conversation inside."""
        body = _without_header(plaintext)
        if not 0 < len(body) <= _MOST_INSIDE:
            return self._refuse(Failed(Failure.BAD_EAP, f"{len(body)} octets inside PEAP"))
        return self._inner_step(self._conversation.receive_bare(body, self._identifier))

    def _inner_step(self, step: InnerStep) -> MethodStep:
        if isinstance(step, Challenge):
            return self._channel.say(step.eap[HEADER_OCTETS:])
        if isinstance(step, Failed):
            return self._refuse(step)
        if isinstance(step, Done):
            self._identity = step.identity
            return self._succeed(compound_keys(self._channel.key_material(), step.msk))
        return step

    def _prompt(self, text: str) -> MethodStep:
        return self._counted(self._inner_step(self._conversation.prompt(text)))

    def _succeed(self, keys: CompoundKeys) -> Continue:
        self._phase, self._keys = _Phase.RESULT, keys
        return self._tell(result(Status.SUCCESS) + binding(keys, self._setting.random(NONCE_OCTETS)))

    def _refuse(self, failure: Failed) -> Continue:
        self._phase, self._refusal = _Phase.REFUSED, failure
        return self._tell(result(Status.FAILURE))

    def _tell(self, tlvs: bytes) -> Continue:
        return self._channel.say(encode_request((self._identifier + 1) & 255, EapType.TLV, tlvs))

    def _ended(self, plaintext: bytes) -> MethodStep:
        """Return what follows the peer's Result."""
        body = _without_header(plaintext)
        if body[:1] != bytes((EapType.TLV,)):
            return Failed(Failure.BAD_EAP, "no Result inside PEAP where one was due")
        try:
            told = read_result(body[1:])
        except BadResult as error:
            return Failed(Failure.BAD_EAP, str(error))
        return self._agreed(told)

    def _agreed(self, told: Result) -> MethodStep:
        assert self._keys is not None, "a Result answers ours"
        if told.status != Status.SUCCESS:
            return Failed(Failure.BAD_EAP, "the device does not accept the end of PEAP")
        if told.binding and not binding_holds(self._keys, told.binding):
            return Failed(Failure.BAD_EAP, "a crypto-binding that was made with other keys than ours")
        if self._setting.binding_required and not told.binding:
            return Failed(Failure.BAD_EAP, "no crypto-binding, which is required; does the device know it?")
        # A certificate is looked at again in each login: what was proven by one is not resumed here.
        if self._proven is not None and self.name is not Method.PEAP_TLS:
            self._channel.keep(self._proven)
        msk = self._keys.msk() if told.binding else self._channel.msk()
        return Done(self._identity, msk, self._channel.session_id())


def _without_header(plaintext: bytes) -> bytes:
    """Return a packet from its type on, whether the peer has left the header in or out."""
    whole = plaintext[:1] == bytes((EapCode.RESPONSE,)) and int.from_bytes(plaintext[2:4], "big")
    return plaintext[HEADER_OCTETS:] if whole == len(plaintext) > HEADER_OCTETS else plaintext


_STEPS: dict[_Phase, Callable[[Peap, bytes], MethodStep]] = {
    _Phase.HANDSHAKE: Peap._finished,
    _Phase.OPEN: Peap._ask_identity,
    _Phase.INNER: Peap._converse,
    _Phase.RESULT: Peap._ended,
}
