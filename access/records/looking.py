"""Who looked at whom in the console: what is recorded of it, and what is the same look still."""

from dataclasses import dataclass, field

from access.records.audit import AuditEntry

KIND = "viewed"
# The same page of the same person within this time is one look.
SAME_LOOK_S = 600.0
MOST_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked at a person, or at a list (user_id None), for which they typed a text.

    by: the viewer as name@organization; organization_id: whose page it is.
    """

    by: str
    page: str
    organization_id: int
    user_id: int | None = None
    text: str = ""

    def entry(self, now: float) -> AuditEntry:
        """Return what the audit says of it."""
        what = f"{KIND}.person" if self.user_id is not None else f"{KIND}.list"
        detail = {"what": what, "by": self.by, "page": self.page}
        if self.text:
            detail["text"] = self.text
        return AuditEntry(
            KIND, now, organization_id=self.organization_id, user_id=self.user_id, detail=detail
        )


@dataclass(slots=True)
class Looks:
    """What was looked at lately, in this process."""

    _seen_at: dict[Look, float] = field(default_factory=dict)

    def is_new(self, look: Look, now: float) -> bool:
        """Return whether a look is to be recorded, and remember it."""
        seen_at = self._seen_at.get(look)
        if seen_at is not None and seen_at <= now < seen_at + SAME_LOOK_S:
            return False
        self._seen_at.pop(look, None)
        self._seen_at[look] = now
        while len(self._seen_at) > MOST_REMEMBERED:
            self._seen_at.pop(next(iter(self._seen_at)))
        return True
