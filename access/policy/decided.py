"""Decisions about many at one moment: of those alike in all that a decision depends on, one is concluded."""

from dataclasses import replace

from access.model import Absent, Decision, Facts, Request, Subject
from access.policy.compiled import Policy
from access.policy.decide import clock_is_sane, conclude, decide_alone, rules_with, weigh_asked
from access.policy.edges import Edges
from access.policy.subjects import standing
from access.policy.vocabulary import Rule


class Decided:
    """decide_alone() by one policy, that comes in no waves, at one moment. None: no policy.

    A decision that was made for one is that of all for whom the same rules stand alike. So it has no end and
    says of nothing that it failed: both are of one session.
    """

    def __init__(self, policy: Policy | None, now: float) -> None:
        self._policy = policy if clock_is_sane(now) else None
        self._alone = Edges(policy)
        self._now = now
        self._about: dict[tuple[str, frozenset[str]], list[Rule]] = {}
        self._known: dict[tuple[object, ...], Decision] = {}

    def login(self, subject: Subject, facts: Facts, keys: frozenset[str] | None = None) -> Decision:
        """The decision about a session's own door as if nothing were in a zone. keys: as of decide()."""
        if isinstance(facts.via, Absent):
            return self._alone.login(subject, facts, self._now)
        return self.decide(subject, Request(f"login:{facts.via}", facts), keys)

    def decide(self, subject: Subject, request: Request, keys: frozenset[str] | None = None) -> Decision:
        """The decision about a request as if nothing were in a zone.

        keys: those the policy knows of the subject as they stand at the moment, where they are at hand.
        """
        policy, object, facts = self._policy, request.object, request.facts
        if policy is None:
            return decide_alone(self._alone.policy, subject, request, self._now)
        subject, _ = standing(subject, self._now)
        keys = policy.keys_of(subject) if keys is None else keys
        if policy.beside.about(subject, facts, object, keys):
            return decide_alone(policy, subject, request, self._now)
        asked = frozenset(keys & policy.by_object.get(object, {}).keys())
        rules = self._about.get((object, asked))
        if rules is None:
            rules = self._about[object, asked] = rules_with(policy, asked, object)
        verdicts = [weigh_asked(rule, request, self._now) for rule in rules]
        stand = tuple([verdict.truth for verdict in verdicts])
        alike = object, asked, stand, subject.organization, subject.realm, facts.nas_organization
        known = self._known.get(alike)
        if known is None:
            concluded = conclude(policy, subject, request, verdicts)
            known = self._known[alike] = replace(concluded, valid_until=None)
        return known
