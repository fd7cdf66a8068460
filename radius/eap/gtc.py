"""EAP-GTC: the person is asked a question and types the answer (RFC 3748 section 5.6).

Type-data is text in both directions. There are no keys, and nothing hides the password: the method belongs
into a tunnel.

    phase     the peer sends                       we
    PASSWORD  the password                         NeedsPassword; now VERDICT
    VERDICT   nothing, the application decides     Done, or Failed
    VERDICT   nothing, the application has a code asked for (prompt)   ask; now CODE
    CODE      the code                             NeedsPassword with it; now VERDICT
"""

from radius.eap.method import Continue, Done, Failed, MethodStep, NeedsPassword, Opening, Verdict
from radius.eap.packet import EapType
from radius.facts import exact_text
from radius.hidden import MAX_PASSWORD_OCTETS
from radius.questions import Failure, Method


class Gtc:
    """One run of EAP-GTC."""

    type = EapType.GTC
    name = Method.EAP_GTC
    failure = None

    def __init__(self, opening: Opening) -> None:
        self._identity = opening.identity
        self._question = opening.question

    def start(self) -> Continue:
        """Return the question for the password."""
        return Continue(self._question.encode())

    def prompt(self, text: str) -> Continue:
        """Return the question for the code, to be answered after a right password."""
        return Continue(text.encode())

    def step(self, data: bytes) -> MethodStep:
        """Return what follows the peer's answer, to either question."""
        given = data.rstrip(b"\0")
        if len(given) > MAX_PASSWORD_OCTETS:
            return Failed(Failure.TOO_LONG, f"an answer of {len(given)} octets")
        answer = exact_text(given)
        if answer is None:
            return Failed(Failure.NOT_TEXT, "the answer in EAP-GTC")
        return NeedsPassword(self._identity, answer)

    def verdict(self, verdict: Verdict) -> Done | Failed:
        """Return the end: EAP-GTC has nothing of its own to say to the peer."""
        return Done(self._identity, b"") if verdict.granted else Failed(Failure.NOT_GRANTED, "EAP-GTC")

    def describe(self) -> str:
        """Return nothing: the name of the method says it all."""
        return ""
