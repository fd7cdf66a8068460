"""What somebody could reach under some facts: the policy without everything that a session's facts decide.

Of people without a session nothing is known but who they are. For them
- a permit counts whatever its conditions, as long as its own time (valid_from, valid_to) is not over or yet
  to come, and no review has stopped it;
- a forbid counts where it has no conditions but its own time: under other facts it would not speak;
- a requirement does not count: under some facts it is met;
- zones do not count: whether two rules would have a session in both depends on which of them speak;
- what a login carries does not count: whether two rules give two VLANs depends on which of them speak;
- what stands beside the document counts in the same way: a grant, a containment. An opening does not.
So it is at least what they can reach. It is more where conditions exclude each other: a permit by the VPN
alone and a requirement that asks for a wire, say.
"""

from dataclasses import replace

from access.model import Effect, Request, Subject
from access.policy.beside import is_stopped
from access.policy.compiled import Policy, compile
from access.policy.decide import decide
from access.policy.vocabulary import NOTHING, Rule

_OWN_TIME = "valid"
# What a review has stopped counts under no facts.
_OF_NO_FACTS = frozenset({_OWN_TIME, "signed"})
_OWNED = ("network:", "vdi:")


def loosened(policy: Policy, objects: frozenset[str] | None = None) -> Policy:
    """The policy as it is for somebody of whom nothing is known but who they are.

    objects: those that it is to be asked about; None: every one.
    """
    rules = policy.rules
    asked = (
        rules if objects is None else (each for each in rules if any(map(objects.__contains__, each.objects)))
    )
    loose = map(_loose, asked)
    counted = tuple(rule for rule in loose if rule is not None)
    compiled = compile(replace(policy.document, rules=counted, zones={}))
    return replace(compiled, beside=policy.beside.loosened(_loose))


def could_reach(loose: Policy | None, subject: Subject, object: str, now: float) -> bool:
    """Whether the subject may have the object under some facts. loose: of loosened(); None: no policy."""
    if loose is not None and object.startswith(_OWNED) and object not in loose.owners:
        return False  # A grant can outlast what it is for.
    return decide(loose, subject, Request(object), now).permitted


def is_over(rule: Rule, now: float) -> bool:
    """Whether the rule's own time has passed, or a review has stopped it, so that it does not count."""
    if is_stopped(rule):
        return True
    ends = (each.argument.end for each in rule.conditions if each.name == _OWN_TIME)
    return not rule.requires and any(end is not None and end <= now for end in ends)


def _loose(rule: Rule) -> Rule | None:
    """The rule as far as it counts without facts; None where it does not."""
    time = tuple(each for each in rule.conditions if each.name in _OF_NO_FACTS)
    if rule.effect is Effect.PERMIT:
        return replace(rule, conditions=time, gives=NOTHING)
    return None if rule.requires or len(time) != len(rule.conditions) else rule
