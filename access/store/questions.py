"""What explaining a decision reads: sessions, phones, the registry, the policy of now and of then. ◆"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo

from access.countries import Countries
from access.keys.sealing import Keyring
from access.model import User, Via
from access.nas.endpoint_standing import Registration
from access.people.past import Before
from access.policy.compiled import Policy
from access.proof.factors import TokenSummary
from access.shown import SessionLine
from access.store import endpoints
from access.store.database import Database
from access.store.identity import factors_of
from access.store.pages import sessions
from access.store.that_day import Asked, in_the_past


@dataclass(frozen=True)
class StoredQuestions:
    """One read transaction for each. policy: the one in force; zone: of the clock that people read."""

    database: Database
    keyring: Keyring
    clock: Callable[[], float]
    zone: tzinfo
    policy: Callable[[], Policy | None]
    countries: Countries = field(default_factory=Countries, repr=False)

    def sessions_of(self, user_id: int) -> Sequence[SessionLine]:
        """The newest sessions of a person."""
        with self.database.read() as conn:
            return sessions.of_user(conn, user_id)

    def tokens_of(self, user_id: int) -> Sequence[TokenSummary]:
        """The phones that count for a person."""
        with self.database.read() as conn:
            return factors_of(conn, user_id).tokens

    def registration(self, mac: str) -> Registration | None:
        """What the registry says of a MAC address, whosever it is."""
        with self.database.read() as conn:
            return endpoints.registration(conn, mac)

    def on_that_day(self, user: User, via: Via, moment: float) -> Before:
        """How it was for somebody at a moment that is over. Raises Refused where they were not there."""
        asked = Asked(user, via, moment, self.clock(), self.zone)
        with self.database.read() as conn:
            return in_the_past(conn, self.keyring, asked)
