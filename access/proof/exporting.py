"""Handing tokens over to another server, or to another company. ▸

All seeds of an organization leave in one file; nothing else in Officegate shows a seed after enrolment. So it
takes who runs the machine, a password that is the recipient's, and a reason, and it is written down before
the file is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from access.errors import Refused
from access.model import Organization
from otp.seedfile.record import SeedRecord

SHORTEST_REASON = 10


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """Whose tokens are exported, who asks, why, and in which form: all of it stands in the audit."""

    organization: Organization
    by: str
    reason: str
    form: str


class ExportPorts(Protocol):
    """What exporting needs of the world. Both in one transaction."""

    def seeds(self, organization: Organization) -> Sequence[SeedRecord]:
        """Every token that works or is in stock. Raises SealBroken."""

    def record(self, order: ExportOrder, count: int, now: float) -> None: ...


def export_tokens(
    ports: ExportPorts, order: ExportOrder, write: Callable[[Sequence[SeedRecord]], bytes], now: float
) -> tuple[bytes, int]:
    """Return the file and how many tokens are in it; that it was made is written down. Raises Refused."""
    if len(order.reason.strip()) < SHORTEST_REASON:
        raise Refused("Say for whom and why the seeds leave (--reason): it stands in the audit.")
    found = ports.seeds(order.organization)
    if not found:
        raise Refused(f"{order.organization.key} has no tokens to export.")
    content = write(found)
    ports.record(order, len(found), now)
    return content, len(found)
