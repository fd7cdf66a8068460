"""Taking tokens over from a file of a vendor or another server. ▸

All or nothing: unless every entry of the file can be taken, none is, and the report says of each line what is
wrong and what to do. Whoever means to leave out what is wrong says so, and then the rest is taken in one
transaction. A token with an owner works at once and goes on where it was, its last counter or step spent; one
without an owner is put in stock. What is in the file is never written anywhere but sealed in the database.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from access.model import Organization
from access.people.naming import resolve_login
from access.proof.factors import NewToken, Origin
from otp.kinds import Kind
from otp.seedfile.record import SeedFile, SeedFileError, SeedRecord
from otp.token import State, Token

# The clock of the server a token comes from may be ahead; further than this its steps cannot be.
LATEST_STEP_AHEAD_S = 600.0


class Verdict(StrEnum):
    """What became of one entry of a file."""

    IMPORTED = "imported"
    IN_STOCK = "imported, in stock"
    DUPLICATE = "duplicate serial number"
    UNKNOWN_OWNER = "unknown owner"
    BAD = "bad entry"

    @property
    def good(self) -> bool:
        """Whether the token can be taken."""
        return self in (Verdict.IMPORTED, Verdict.IN_STOCK)


@dataclass(frozen=True, slots=True)
class Line:
    """One entry: where it stands, which token it is, what became of it, and what to do or to know."""

    place: str
    serial: str
    verdict: Verdict
    owner: str = ""
    advice: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What is asked for. owners: names by serial number, over whatever the file says.

    skips: take what is good and leave out the rest. by: who asks, for the audit.
    """

    organization: Organization
    by: str
    owners: Mapping[str, str]
    skips: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """A line for each entry, in the order of the file, and whether anything was written."""

    lines: Sequence[Line]
    written: bool

    def count(self, *verdicts: Verdict) -> int:
        """Return how many lines have one of these verdicts."""
        return sum(line.verdict in verdicts for line in self.lines)

    @property
    def faults(self) -> int:
        """How many entries cannot be taken."""
        return sum(not line.verdict.good for line in self.lines)


@dataclass(frozen=True, slots=True)
class Known:
    """What is there already: people of the organization by name, serial numbers of its tokens."""

    people: Mapping[str, int]
    serials: Set[str]


class ImportPorts(Protocol):
    """What importing needs of the world. One transaction from known to store, so that both fit."""

    def organizations(self) -> Sequence[Organization]: ...
    def known(self, organization: Organization) -> Known: ...
    def store(self, tokens: Sequence[NewToken], order: Order, now: float) -> None: ...


def import_tokens(ports: ImportPorts, found: SeedFile, order: Order, now: float) -> Report:
    """Return what became of each entry.

    Nothing is written in a dry run, nor where one is wrong and what is wrong is not to be skipped.
    """
    judge = _Judge(ports.organizations(), ports.known(order.organization), order, now)
    judged = [judge.judged(entry) for entry in found.entries]
    lines = [line for line, _ in judged]
    tokens = [token for _, token in judged if token is not None]
    written = bool(tokens) and not order.dry_run and (order.skips or len(tokens) == len(lines))
    if written:
        ports.store(tokens, order, now)
    return Report(lines, written)


class _Judge:
    """Judges one record after the other; each that is good takes its serial number."""

    def __init__(self, companies: Sequence[Organization], known: Known, order: Order, now: float) -> None:
        self._companies = companies
        self._known = known
        self._order = order
        self._now = now
        self._taken = set(known.serials)

    def judged(self, record: SeedRecord | SeedFileError) -> tuple[Line, NewToken | None]:
        """Return the line of the report, and the token if it can be taken."""
        if isinstance(record, SeedFileError):
            return Line(record.place, "", Verdict.BAD, advice=record.why), None
        owner = self._order.owners.get(record.serial, record.owner)
        fault = self._duplicate(record) or self._out_of_time(record, owner)
        if fault is not None:
            return fault, None
        user_id = self._person(owner) if owner else None
        if owner and user_id is None:
            return self._unknown(record, owner), None
        if record.serial:
            self._taken.add(record.serial)
        verdict = Verdict.IN_STOCK if user_id is None else Verdict.IMPORTED
        line = Line(record.place, record.serial, verdict, owner, record.remark)
        return line, _token(record, user_id, self._now)

    def _duplicate(self, record: SeedRecord) -> Line | None:
        if record.serial not in self._taken:
            return None
        advice = (
            "it was imported before: take this entry out"
            if record.serial in self._known.serials
            else "the file has it twice: take out the entry that is not right"
        )
        return Line(record.place, record.serial, Verdict.DUPLICATE, advice=advice)

    def _out_of_time(self, record: SeedRecord, owner: str) -> Line | None:
        why = ""
        latest = int((self._now + LATEST_STEP_AHEAD_S) // record.period_s)
        if record.expires_at is not None and record.expires_at <= self._now:
            why = "the file says that it has expired: order another token"
        elif record.kind is Kind.TOTP and record.last_step > latest:
            why = "its last code was spent in the future: set the clock of the other server, export again"
        elif not record.serial and not owner:
            why = "it has neither a serial number nor an owner, so nobody could find it: name an owner"
        return Line(record.place, record.serial, Verdict.BAD, advice=why) if why else None

    def _person(self, owner: str) -> int | None:
        meant = resolve_login(self._companies, owner, self._order.organization)
        if meant is None or meant.organization.id != self._order.organization.id:
            return None
        return self._known.people.get(meant.name)

    def _unknown(self, record: SeedRecord, owner: str) -> Line:
        advice = (
            f"nobody in {self._order.organization.key} is named so: correct it with --owners, or leave the"
            " owner empty to keep the token in stock"
        )
        return Line(record.place, record.serial, Verdict.UNKNOWN_OWNER, owner, advice)


def _token(record: SeedRecord, user_id: int | None, now: float) -> NewToken:
    token = Token(
        record.secret,
        kind=record.kind,
        digits=record.digits,
        period_s=record.period_s,
        algorithm=record.algorithm,
        state=State.SPARE if user_id is None else State.ACTIVE,
        last_step=record.last_step,
        drift_steps=record.drift_steps,
    )
    nickname = (record.key_name or record.issuer)[:40]
    return NewToken(user_id, token, nickname, now, record.serial or None, Origin.IMPORTED)
