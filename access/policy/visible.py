"""What of other companies' may be spoken of to somebody and to their administrators."""

from access.model import Subject
from access.policy.compiled import Policy
from access.policy.decide import rules_about
from access.policy.subjects import at_most


def visible_objects(policy: Policy | None, subject: Subject) -> list[str]:
    """The networks and pools that may be spoken of, sorted: the company's own, and those a rule leads to."""
    subject = at_most(subject)
    return sorted(
        {
            object
            for side in (policy.sides if policy is not None else ())
            for object, owner in side.owners.items()
            if owner == subject.organization or rules_about(side, subject, object)
        }
    )
