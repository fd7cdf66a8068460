"""Rules that stand beside the document, with an end of their own: grants, containments, openings. Values."""

from dataclasses import dataclass
from enum import StrEnum

# What a containment is about where it is about everything there is, and about everybody.
EVERYTHING = "*"
ANYBODY = "*"
# Whoever and whatever is an organization's: its people, and its endpoints as well.
ALL_OF = "all:"


class StandingKind(StrEnum):
    """What somebody decided while the document stayed as it is; their rules are called KIND-NUMBER."""

    GRANT = "grant"
    CONTAINMENT = "containment"
    OPENING = "opening"


@dataclass(frozen=True, slots=True)
class Standing:
    """One decision that stands beside the document. who and objects as in a rule, or ANYBODY, EVERYTHING;
    endpoint:MAC@ORG is whoever of a company sits at an endpoint.

    It counts from since (0: at once, whatever the clock of the machine that asks) until just before until,
    seconds since the epoch; None: until it is taken back.
    owner: whom to ask or call. endpoint: the MAC address that a grant is for, "" where any will do. opening:
    the name of what the document has prepared. organization: whose it is, "" for the whole installation.
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
    opening: str = ""
    organization: str = ""

    @property
    def rule(self) -> str:
        """What decisions and logs call it."""
        return f"{self.kind}-{self.id}"

    @property
    def approved_by(self) -> str:
        """Who answers for it: whoever agreed, else whoever made it."""
        return ", ".join(self.approvals) or self.created_by
