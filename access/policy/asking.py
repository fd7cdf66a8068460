"""What somebody may ask the owner of a network or pool for."""

from access.model import Subject
from access.policy.compiled import Policy
from access.policy.subjects import fold
from access.policy.vocabulary import Requestable


def requestable_by(policy: Policy | None, subject: Subject, object: str) -> Requestable | None:
    """What somebody may ask for of an object; None: nothing. Without `who` it is for its owner's people."""
    declared = policy.requestable.get(object) if policy is not None else None
    if policy is None or declared is None or not subject.id:
        return None
    if declared.who:
        return declared if policy.keys_of(subject) & {fold(who) for who in declared.who} else None
    return declared if subject.organization == policy.owners[object] else None
