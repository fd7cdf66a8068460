"""What the listener of a RADIUS worker asks: told from memory at once, or by the world in threads. ◆"""

import socket
import time
from collections.abc import Callable
from typing import Any, get_args

import structlog

from access.app import App
from access.logins import certificate_login
from access.logins.login import Logins
from access.logins.login_again import authorize_again
from access.logins.login_ports import Check, ForWorld, UnknownNas, waiting_of
from access.logins.presence import PresenceNews
from access.radius.gathering import Gathering
from access.radius.journal import Journal
from access.radius.loader import doorbell_path, ring
from access.radius.lookout import Lookout
from access.radius.radius_following import Following
from access.radius.radius_tally import LoginTally
from access.radius.waiting_room import MOST_WAITING, PATIENCE_S, WaitingRoom
from radius.counters import Histogram
from radius.eap.method import Alert
from radius.listener import Listener
from radius.nas import IPAddress, Nas
from radius.questions import (
    Account,
    Authorize,
    CheckCertificate,
    Granted,
    Noticed,
    Outcome,
    Question,
    Refused,
    Report,
    SpendCode,
)

LOG = structlog.get_logger()

# What a worker tries to answer by itself; a proof may come to nothing, and then the world is asked.
BY_HEART: dict[type[Question], Callable[..., Outcome | None]] = {
    **dict.fromkeys(get_args(Check), Logins.ask_memory),
    Authorize: Logins.authorize,
    Report: Logins.report,
    Account: Logins.account,
    Noticed: Logins.notice,
}


class RadiusApplication:
    """What the listener asks."""

    def __init__(self, app: App, logins: Logins, following: Following, journal: Journal) -> None:
        self.listener: Listener | None = None
        self.counting: tuple[Callable[[PresenceNews], None], Lookout[PresenceNews]] | None = None
        self.tally, self.journal_s = LoginTally(), Histogram()
        self._standing: list[Any] = []
        self._clock = app.clock
        self._logins, self._following, self._journal = logins, following, journal
        self._waiting: WaitingRoom[tuple[int, ForWorld]] = WaitingRoom(
            lambda job: self._answer(job, self._logins.ask_world),
            lambda job: self._answer(job, self._logins.turn_away),
        )
        self._codes: Gathering[tuple[int, SpendCode]] = Gathering(
            self._spend_codes,
            lambda job: self._answer(job, self._logins.turn_away),
            MOST_WAITING,
            PATIENCE_S,
        )
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bell.setblocking(False)
        self._doorbell = doorbell_path(app.settings.state_dir / "run")

    def memory_told(self) -> dict[str, Any]:
        """Return how old is what is known, and which tiers are refused for it. For any thread."""
        age_s = max(0.0, self._clock() - self._logins.freshness.true_at)
        return {"age_s": age_s, "refused": self._logins.patience.exceeded(age_s)}

    def find_nas(self, address: IPAddress) -> Nas | None:
        """Return the NAS at an address, by the newest that is known."""
        self._following.take()
        return self._logins.memory.find_nas(address)

    def catch_up(self) -> None:
        """Put in what the lookouts have seen."""
        self._tally_standing()
        self._following.take()
        self._count()

    def _tally_standing(self) -> None:
        """Count the logins of an earlier turn: nothing of theirs is decided otherwise any more."""
        standing, self._standing = self._standing, []
        self.tally.take(standing)

    def _count(self) -> None:
        """Put in what has been seen of sessions."""
        if self.counting is not None:
            put, counted = self.counting
            for news in counted.news():
                put(news)

    def find_peer(self, key: str) -> Nas | None:
        """Return the NAS with a key as it is over TLS."""
        return self._logins.memory.nas_over_tls(key)

    def before_decisions(self) -> None:
        """Bring the memory up to date."""
        self._following.take_fresh()
        self._count()

    def before_accepts(self) -> int:
        """Bring the memory up to date once more: writing the records down took a while."""
        self._following.take_fresh()
        return self._logins.freshness.world

    def decide_again(self, question: Authorize, granted: Granted) -> Granted | Refused | None:
        """Return granted where it stands, else what is instead of it; None where its NAS is none any more."""
        try:
            decision = authorize_again(self._logins, question, granted, self._clock())
        except UnknownNas:
            decision = None
        if decision is not granted:
            self._standing = [each for each in self._standing if each is not granted.record]
        return decision

    def ask(self, query: int, question: Question) -> Outcome | None:
        """Return the outcome of what memory can answer; the rest comes later."""
        try:
            outcome = self._decide(question)
            if outcome is None and isinstance(question, ForWorld):
                return self._let_wait(query, question)
            return outcome
        except UnknownNas:
            return None

    def record(self, records: list[Any]) -> None:
        """Return when the records are on disk."""
        began = time.monotonic()
        self._journal.append(records)
        self.journal_s.observe(time.monotonic() - began)
        self._tally_standing()
        self._standing = records
        ring(self._bell, self._doorbell)

    def close(self) -> None:
        """Wait for nobody any more."""
        self._tally_standing()
        self._waiting.close()
        self._codes.close()
        self._bell.close()

    def _decide(self, question: Question) -> Outcome | None:
        """Return the outcome of what memory can answer; None for the rest."""
        if type(question) is CheckCertificate:
            return self._check_certificate(question, self._clock())
        answer = BY_HEART.get(type(question))
        return None if answer is None else answer(self._logins, question, self._clock())

    def objection(self, nas: str, identity: str, certificate: bytes) -> Alert | None:
        """Return what there is against a certificate; an objection is looked at again, as a refusal is."""
        question = CheckCertificate(nas, identity, (certificate,), "")
        found = self._objection(question)
        if found is not None:
            self._following.take_fresh()
            found = self._objection(question)
        return found

    def _objection(self, question: CheckCertificate) -> Alert | None:
        logins = self._logins
        return certificate_login.objection(logins.memory, logins.revocations, question, self._clock())

    def _check_certificate(self, question: CheckCertificate, now: float) -> Outcome | None:
        """Return whose a certificate is. Before one is refused, the memory is made true: it may be new."""
        outcome = self._logins.check_certificate(question, now)
        if isinstance(outcome, Refused):
            self._following.take_fresh()
            outcome = self._logins.check_certificate(question, now)
        return outcome

    def _let_wait(self, query: int, question: ForWorld) -> Outcome | None:
        """Let a question wait in its lane; the outcome where there is no room."""
        if isinstance(question, SpendCode):
            entered = self._codes.enter((query, question))
            return None if entered else self._logins.turn_away(question, self._clock())
        waiting = waiting_of(question, self._logins.memory)
        if self._waiting.enter(waiting.lane, (query, question), waiting.newly):
            return None
        return self._logins.turn_away(question, self._clock())

    def _spend_codes(self, jobs: list[tuple[int, SpendCode]]) -> None:
        """Answer all of these, from the thread that spends codes."""
        assert self.listener is not None
        try:
            outcomes = self._logins.spend_codes([question for _, question in jobs], self._clock())
        except Exception:
            LOG.exception("codes could not be checked together; this is a mistake in Officegate")
            for job in jobs:
                self._answer(job, self._logins.ask_world)
            return
        for (query, _), outcome in zip(jobs, outcomes, strict=True):
            if outcome is not None:
                self.listener.answer(query, outcome)

    def _answer(self, job: tuple[int, ForWorld], ask: Callable[[ForWorld, float], Outcome]) -> None:
        """Answer a question from a thread of the waiting room."""
        query, question = job
        try:
            outcome = ask(question, self._clock())
        except UnknownNas:
            return
        except Exception:
            LOG.exception("a login could not be checked; this is a mistake in Officegate")
            return
        assert self.listener is not None
        self.listener.answer(query, outcome)
