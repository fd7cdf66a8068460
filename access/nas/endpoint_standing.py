"""What an endpoint is to the person who uses it: registered to them, managed by the company, certified.

Each counts until a moment. `known` and `managed` come from the registry of endpoints and go by the MAC
address, which can be copied; only a certificate proves. `managed` is a mark of an administrator of the
person's own company: another company's says nothing here.
"""

from collections.abc import Collection
from enum import StrEnum
from math import inf

from radius.frozen import value


class Standing(StrEnum):
    """What can be said of an endpoint. UNREGISTERED: none of the others."""

    KNOWN = "known"
    MANAGED = "managed"
    CERTIFIED = "certified"
    UNREGISTERED = "unregistered"


@value
class EndpointFacts:
    """Until when an endpoint is what, in seconds since the epoch; 0: it is not, None: nobody can say."""

    known: float | None = 0.0
    managed: float | None = 0.0
    certified: float | None = 0.0

    def holds(self, wanted: Collection[str], now: float) -> bool | None:
        """Return whether the endpoint is one of those at a moment; None: what is known does not say."""
        stands = {name: None if until is None else until > now for name, until in self._untils()}
        unregistered = None if None in stands.values() else not any(stands.values())
        stands[Standing.UNREGISTERED] = False if True in stands.values() else unregistered
        found = {stands[Standing(name)] for name in wanted}
        return True if True in found else None if None in found else False

    def changes_after(self, now: float) -> list[float]:
        """Return the moments after now at which something ends, in order."""
        ends = {until for _, until in self._untils() if until is not None and now < until < inf}
        return sorted(ends)

    def spelt(self, now: float) -> str:
        """Return what the endpoint is at a moment, as certified, known; unknown where nothing is certain."""
        stands = [name.value for name, until in self._untils() if until is not None and until > now]
        if stands:
            return ", ".join(sorted(stands))
        return "unknown" if None in (self.known, self.managed, self.certified) else Standing.UNREGISTERED

    def _untils(self) -> tuple[tuple[Standing, float | None], ...]:
        return (
            (Standing.KNOWN, self.known),
            (Standing.MANAGED, self.managed),
            (Standing.CERTIFIED, self.certified),
        )


@value
class Registration:
    """A row of the registry. organization is a key; until is None for good.

    owner_id: the account that answers for it, whatever it is called by now; None: nobody.
    """

    id: int
    organization: str
    owner_id: int | None
    managed: bool
    until: float | None


@value
class Evidence:
    """What is known of the endpoint of a login or session.

    addressed: its MAC address is known, or its certificate names it. certified: until when a certificate
    counts that has proven it or its owner; 0: there was none.
    """

    addressed: bool = False
    registration: Registration | None = None
    certified: float = 0.0


NO_EVIDENCE = Evidence()


def endpoint_facts(evidence: Evidence, organization: str, user_id: int) -> EndpointFacts:
    """Return what an endpoint is to somebody of an organization; user_id 0: it logs in as itself.

    It is known to whoever it is registered to, and not to somebody else who has that one's name by now.
    """
    found = evidence.registration
    if found is None:
        missing = 0.0 if evidence.addressed else None
        return EndpointFacts(missing, missing, evidence.certified)
    until = inf if found.until is None else found.until
    own = found.organization == organization
    return EndpointFacts(
        known=until if own and (not user_id or found.owner_id == user_id) else 0.0,
        managed=until if own and found.managed else 0.0,
        certified=evidence.certified,
    )
