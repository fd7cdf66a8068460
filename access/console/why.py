"""Why a recorded login was refused by the policy: the decision of then, explained again. ◆"""

from collections.abc import Mapping

from access.console.current import gate, now
from access.errors import Refused
from access.explaining.question import Question, answer
from access.model import Reason, User, Via
from access.policy.explain import Explanation
from access.shown import Record

BY_POLICY = frozenset(
    {
        *(Reason.NO_PERMIT, Reason.FORBIDDEN, Reason.CONTAINED, Reason.CONDITION_FAILED),
        *(Reason.FACT_UNKNOWN, Reason.POLICY_CONFLICT),
    }
)


def why_refused(record: Record, user: User) -> Explanation | None:
    """The explanation of a login of somebody; None where the versions of that day do not refuse it so."""
    facts = record.detail.get("facts")
    via = facts.get("via") if isinstance(facts, Mapping) else None
    if record.kind != "login" or record.reason not in BY_POLICY or via not in set(Via) or record.at >= now():
        return None
    try:
        found = answer(gate().questions, Question(user, Via(via), moment=record.at), now())
    except Refused:
        return None
    told = found.told[0]
    # Of two logins in one second the later one is found.
    return told if found.at == record.at and told.decision.reason == record.reason else None
