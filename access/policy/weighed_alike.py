"""Sessions weighed at one moment: what the rules under a key say is found out once for all that are alike.

Alike are sessions whose facts no condition tells apart. Most of a policy's conditions are few, said again and
again, so that thousands of sessions are of a handful of kinds.
"""

from access.model import Facts, Method, Subject
from access.policy.compiled import Policy
from access.policy.conditions import BY_THE_CLOCK, Truth, judge
from access.policy.vocabulary import Condition
from access.policy.weighing import Said, Weighed, agreed, said_under, weigh_all

# Of more than these it costs more to ask all of each session than it spares.
MOST_CONDITIONS = 16

_Kind = tuple[str, tuple[Truth, ...]]


class WeighedAlike:
    """weigh_all() by one policy at one moment, without an end: that is of one session."""

    def __init__(self, policy: Policy, now: float) -> None:
        self._policy, self._now = policy, now
        self._conditions = _telling_apart(policy)
        self._said: dict[_Kind, dict[str, Said]] = {}

    def weigh(self, subject: Subject, facts: Facts, keys: frozenset[str]) -> Weighed:
        """How the rules about somebody stand, as they are in groups now. keys: as of keys_of()."""
        policy, conditions = self._policy, self._conditions
        # Nobody has proven who asks: then rules are silent whatever their conditions say.
        unproven = facts.method is Method.OFFICE_OPEN
        if unproven or len(conditions) > MOST_CONDITIONS or policy.beside.of(subject, facts, keys):
            return weigh_all(policy, subject, facts, self._now)
        truths = tuple([judge(each, facts, self._now).truth for each in conditions])
        known = self._said.setdefault((subject.organization, truths), {})
        own, away, forbidden, spoke, _ = together = Said(set(), set(), set(), [], {})
        for key in keys:
            said = known.get(key)
            if said is None:
                if key not in policy.by_subject:
                    continue
                said = known[key] = said_under(policy, (key,), subject, facts, self._now)
            own |= said.own
            away |= said.away
            forbidden |= said.forbidden
            spoke += said.spoke
        return agreed(policy, subject, together, None)


def _telling_apart(policy: Policy) -> tuple[Condition, ...]:
    """What rules about networks and pools ask of the facts, each once."""
    alike = {ready.alike: ready.rule for found in policy.by_subject.values() for ready in found}
    asked = dict.fromkeys(each for rule in alike.values() for each in rule.conditions)
    return tuple(each for each in asked if each.name not in BY_THE_CLOCK)
