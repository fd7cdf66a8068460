"""What stands beside the document: grants, containments, openings, and what reviews stop. Values."""

from dataclasses import dataclass
from enum import StrEnum

# What a containment is about where it is about everything there is, and about everybody.
EVERYTHING = "*"
ANYBODY = "*"
# Whoever and whatever is an organization's: its people, and its endpoints as well.
ALL_OF = "all:"


class StandingKind(StrEnum):
    """What somebody decided while the document stayed as it is; their rules are called KIND-NUMBER.

    SILENCE and ENDING are no rules: they stop a permit of the document, until it is signed or for good.
    """

    GRANT = "grant"
    CONTAINMENT = "containment"
    OPENING = "opening"
    SILENCE = "silence"
    ENDING = "ending"


STOPS = frozenset({StandingKind.SILENCE, StandingKind.ENDING})


@dataclass(frozen=True, slots=True)
class Standing:
    """One decision that stands beside the document. who and objects as in a rule, or ANYBODY, EVERYTHING;
    endpoint:MAC@ORG is whoever of a company sits at an endpoint. objects of what stops a permit: its id.

    It counts from since (0: at once, whatever the clock of the machine that asks) until just before until,
    seconds since the epoch; None: until it is taken back.
    owner: whom to ask or call. endpoint: the MAC address that a grant is for, "" where any will do. doors: by
    which alone a grant is had, none where any will do. opening: the name of what the document has prepared.
    organization: whose it is, "" for the whole installation.
    user_id: the account that it is about, whatever it is called by now.
    """

    id: int
    kind: StandingKind
    who: tuple[str, ...]
    objects: tuple[str, ...] = ()
    since: float = 0.0
    until: float | None = None
    created_at: float = 0.0
    owner: str = ""
    created_by: str = ""
    approvals: tuple[str, ...] = ()
    reason: str = ""
    ticket: str = ""
    purpose: str = ""
    endpoint: str = ""
    doors: tuple[str, ...] = ()
    opening: str = ""
    organization: str = ""
    user_id: int | None = None

    @property
    def rule(self) -> str:
        """What decisions and logs call it."""
        return f"{self.kind}-{self.id}"

    @property
    def whom(self) -> str:
        """Whom it is about, for people."""
        return ", ".join(each.removeprefix("user:") for each in self.who)

    @property
    def approved_by(self) -> str:
        """Who answers for it: whoever agreed, else whoever made it."""
        return ", ".join(self.approvals) or self.created_by


class State(StrEnum):
    """Where a decision stands: one that was only asked for is in force nowhere."""

    ASKED = "asked"
    STANDING = "standing"
    REFUSED = "refused"
    LAPSED = "lapsed"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Kept:
    """A standing rule as it is kept. user_id: whom it is about, where that is a person of ours.

    began_at: when it was put in force, None: never, or before that was kept.
    lapses_at: until when somebody may agree to what was asked for. extends: the number of the grant that is
    to last longer by it.
    """

    standing: Standing
    organization_id: int | None = None
    user_id: int | None = None
    created_at: float = 0.0
    began_at: float | None = None
    ended_at: float | None = None
    ended_by: str = ""
    state: State = State.STANDING
    asked_by_id: int | None = None
    lapses_at: float | None = None
    lasts_s: float | None = None
    extends: int | None = None

    def waits(self, now: float) -> bool:
        """Whether somebody may still agree to it."""
        lapses = self.lapses_at
        return self.state is State.ASKED and self.ended_at is None and (lapses is None or lapses > now)

    def stands(self, now: float) -> bool:
        """Whether it has neither been taken back nor come to its end."""
        until = self.standing.until
        ended = self.ended_at is not None or self.state is not State.STANDING
        return not ended and (until is None or until > now)

    def stood(self, moment: float) -> bool | None:
        """Whether it was in force at a moment, its own clock aside; None: that is not recorded."""
        if self.created_at > moment or (self.ended_at is not None and self.ended_at <= moment):
            return False
        if self.began_at is not None:
            return self.began_at <= moment
        agreed = self.state in (State.STANDING, State.ENDED) and bool(self.standing.approvals)
        return None if agreed else False
