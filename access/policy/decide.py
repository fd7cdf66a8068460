"""The one decision: may this subject have this object, under these facts, now?

1. What no rule permits is denied.
2. A forbid beats every permit. Rules have no order.
3. A rule is about a request when one of its `who` is the subject and one of its objects is asked for; it
   speaks when all of its conditions hold.
4. Unknown facts fail closed both ways: a permit that needs one is silent, a forbid that needs one speaks.
5. Between two organizations both must permit: the object's owner (may come in) and the subject's (may go
   out). A rule speaks for its `organization`, or else for the owner. A login belongs to the subject's own
   organization; at a NAS of another one that has to permit it too, and it alone says where the login leads:
   into which VLAN, with which role, routes or privilege. How long and how much is the least of both.
6. Of several session timeouts the shortest counts, of several VLANs, roles and the like the one that
   `prefer` names first; where it does not name them all the login is refused, because nobody could say which
   network the session is in.
7. A guardrail's requirement is a forbid for whoever does not certainly meet all of its conditions.
8. A permit of a login that says nothing about methods does not mean the weakest ones: those it has to name.
9. Rules that stand beside the document count like those in it. A containment is a forbid with a reason of its
   own; a grant is a permit like any other, and overcomes no forbid and no requirement.
10. The portal is where people register what every other door asks for: it is open to the people of a company
    until a rule says which of them may use it. Forbids and requirements count all the same.
11. A session is in one zone at a time: what would put it into a second is refused (access.policy.placing).
"""

from collections.abc import Iterable
from dataclasses import replace

from access.model import Absent, Decision, Effect, FailedCondition, Method, Reason, Request, Subject
from access.policy.compiled import Policy
from access.policy.conditions import CONDITIONS, Truth, judge
from access.policy.gifts import combine, limits_of
from access.policy.offered import MUST_BE_NAMED
from access.policy.placing import Asked, confined, door_of, is_placed
from access.policy.standing import StandingKind
from access.policy.subjects import standing
from access.policy.vocabulary import LOGIN_PORTAL, NOTHING, VDI, Condition, Rule
from access.policy.weighing import Verdict, weigh_under

# The clock reads a moment that calendars can show: 1970 to the end of 9998.
_LAST_MOMENT = 253_370_764_800.0
_GIVING = ("login:", VDI)
# Whose a NAS is of which nobody knows that: no rule speaks for it.
NOBODY = "?"
# Instead of a weak one, which are all of EAP, somebody takes another one of EAP.
_NO_WEAK_METHOD = Condition("method", frozenset(each for each in Method if "eap-" in each) - MUST_BE_NAMED)


def decide(policy: Policy | None, subject: Subject, request: Request, now: float) -> Decision:
    """The decision about any request whatsoever; now in seconds since the epoch."""
    policy = policy.speaking(subject, request.facts) if policy is not None else None
    decision = decide_alone(policy, subject, request, now)
    if policy is None or not (policy.zoning.of_object or policy.zoning.of_vlan):
        return decision
    if not decision.permitted or not is_placed(policy, request):
        return decision
    door = door_of(request.facts)
    if door is None or request.object == door:
        login = decision if door else None
    else:
        login = decide_alone(policy, subject, Request(door, request.facts), now)
    subject, _ = standing(subject, now)
    return confined(policy, Asked(subject, request.facts, now, login), request, decision)


def decide_alone(policy: Policy | None, subject: Subject, request: Request, now: float) -> Decision:
    """The decision about a request as if nothing were in a zone."""
    if policy is None:
        return Decision(Effect.DENY, Reason.NO_POLICY)
    if not clock_is_sane(now):
        clock = FailedCondition("", "now", "a clock that is set", str(now), unknown=True)
        return Decision(
            Effect.DENY,
            Reason.FACT_UNKNOWN,
            failed=(clock,),
            revision=policy.revision,
            standing=policy.beside.revision,
        )
    subject, ends = standing(subject, now)
    rules = all_about(policy, subject, request)
    verdicts = [weigh_asked(rule, request, now) for rule in rules]
    decision = until(conclude(policy, subject, request, verdicts), ends)
    failed = () if decision.permitted else _failed(verdicts, request, now)
    return replace(decision, failed=failed) if failed else decision


def until(decision: Decision, end: float | None) -> Decision:
    """The decision, to be made again at a moment at the latest."""
    if end is None or (decision.valid_until is not None and decision.valid_until <= end):
        return decision
    return replace(decision, valid_until=end)


def clock_is_sane(now: float) -> bool:
    """Whether now is a moment that calendars can show (not a NaN either)."""
    return 0 <= now < _LAST_MOMENT


def all_about(policy: Policy, subject: Subject, request: Request) -> list[Rule]:
    """The rules about a request, also those beside the document, by id."""
    keys = policy.keys_of(subject)
    found = rules_with(policy, keys, request.object)
    beside = policy.beside.about(subject, request.facts, request.object, keys)
    return sorted((*found, *beside), key=lambda rule: rule.id) if beside else found


def rules_about(policy: Policy, subject: Subject, object: str) -> list[Rule]:
    """The rules of the document about this subject, as they stand now, and object, by id."""
    return rules_with(policy, policy.keys_of(subject), object)


def rules_with(policy: Policy, keys: frozenset[str], object: str) -> list[Rule]:
    """The rules of the document under any of these keys that are about an object, by id."""
    by_key = policy.by_object.get(object)
    if by_key is None:
        return []
    found = {rule.id: rule for key in by_key.keys() & keys for rule in by_key[key]}
    return [found[rule_id] for rule_id in sorted(found)]


def asked_by(rule: Rule, request: Request) -> tuple[Condition, ...]:
    """The conditions of a rule about a request: those it has, and that an unnamed method is no weak one."""
    weak = request.facts.method in MUST_BE_NAMED and request.object.startswith("login:")
    if not weak or rule.effect is not Effect.PERMIT or any(each.name == "method" for each in rule.conditions):
        return rule.conditions
    return (*rule.conditions, _NO_WEAK_METHOD)


def weigh_asked(rule: Rule, request: Request, now: float) -> Verdict:
    """How a rule about a request stands."""
    return weigh_under(rule, asked_by(rule, request), request.facts, now)


def conclude(policy: Policy, subject: Subject, request: Request, verdicts: list[Verdict]) -> Decision:
    """The decision from the verdicts on every rule about the request, without what failed."""
    object = request.object
    owner, host = owner_of(policy, subject, object), host_of(subject, request)
    sides = frozenset(sides_of(policy, subject, request))
    missing = set(sides)
    permits, forbids = [], []
    for verdict in verdicts:
        rule = verdict.rule
        if verdict.speaks and rule.effect is Effect.DENY:
            forbids.append(rule)
        elif verdict.speaks and (rule.organization or owner) in sides:
            permits.append(rule)
            missing.discard(rule.organization or owner)
    if object == LOGIN_PORTAL and policy.leaves_portal_open(owner):
        missing.clear()
    if forbids and any(_contains(rule) for rule in forbids):
        reason = Reason.CONTAINED
    elif forbids and any(not rule.requires for rule in forbids):
        reason = Reason.FORBIDDEN
    elif missing == {NOBODY}:
        reason = Reason.FACT_UNKNOWN
    elif missing:
        reason = _why_no_permit(missing, owner, verdicts)
    elif forbids:
        reason = _why_not_met(verdicts)
    else:
        reason = Reason.PERMITTED
    gives = NOTHING
    if reason is Reason.PERMITTED and object.startswith(_GIVING):
        given = [
            rule.gives if host in (None, rule.organization) else limits_of(rule.gives) for rule in permits
        ]
        together = combine(given, policy.document.prefer, object)
        reason, gives = (Reason.POLICY_CONFLICT, NOTHING) if isinstance(together, str) else (reason, together)
    return Decision(
        effect=Effect.PERMIT if reason is Reason.PERMITTED else Effect.DENY,
        reason=reason,
        permits=tuple(rule.id for rule in permits),
        forbids=tuple(rule.id for rule in forbids),
        gives=gives,
        valid_until=min(
            (verdict.next_flip for verdict in verdicts if verdict.next_flip is not None), default=None
        ),
        revision=policy.revision,
        standing=policy.beside.revision,
    )


def _contains(rule: Rule) -> bool:
    return rule.standing is not None and rule.standing.kind is StandingKind.CONTAINMENT


def owner_of(policy: Policy, subject: Subject, object: str) -> str:
    """The organization an object belongs to; a login, like an object nobody knows, is the subject's own."""
    return policy.owners.get(object, subject.organization)


def host_of(subject: Subject, request: Request) -> str | None:
    """The other organization at whose NAS somebody logs in, NOBODY where it is not known; else None.

    Of a visitor from another realm the document alone decides, wherever they are.
    """
    host = request.facts.nas_organization
    if host is Absent.DOES_NOT_APPLY or host == subject.organization or subject.realm:
        return None
    if not request.object.startswith("login:") or request.object == LOGIN_PORTAL:
        return None
    return NOBODY if host is Absent.UNKNOWN else host


def sides_of(policy: Policy, subject: Subject, request: Request) -> tuple[str, ...]:
    """The organizations that all have to permit a request: the owner's, the host's, the subject's own."""
    owner, host = owner_of(policy, subject, request.object), host_of(subject, request)
    # Somebody of another realm has nobody here who could speak for them: the object's owner decides alone.
    own = owner if subject.realm else subject.organization
    return tuple(dict.fromkeys((owner, own) if host is None else (owner, host, own)))


def _why_not_met(verdicts: list[Verdict]) -> Reason:
    """Facts are to blame only where nothing else keeps a requirement from being met."""
    unmet = {verdict.truth for verdict in verdicts if verdict.rule.requires and verdict.speaks}
    return Reason.FACT_UNKNOWN if unmet == {Truth.UNKNOWN} else Reason.CONDITION_FAILED


def _why_no_permit(missing: set[str], owner: str, verdicts: list[Verdict]) -> Reason:
    """Conditions are to blame only where every side that is missing has a permit that they keep silent."""
    silent = [verdict for verdict in verdicts if verdict.rule.effect is Effect.PERMIT and not verdict.speaks]
    if missing - {verdict.rule.organization or owner for verdict in silent}:
        return Reason.NO_PERMIT
    lacking_facts = {
        verdict.rule.organization or owner for verdict in silent if verdict.truth is Truth.UNKNOWN
    }
    return Reason.CONDITION_FAILED if missing - lacking_facts else Reason.FACT_UNKNOWN


def _failed(verdicts: Iterable[Verdict], request: Request, now: float) -> tuple[FailedCondition, ...]:
    """The conditions that kept permits silent, and the unknown facts that made forbids speak."""
    failed, facts = [], request.facts
    for verdict in verdicts:
        forbid = verdict.rule.effect is Effect.DENY and not verdict.rule.requires
        if verdict.truth is Truth.HOLDS or (forbid and verdict.truth is Truth.FAILS):
            continue
        for condition in asked_by(verdict.rule, request):
            truth = judge(condition, facts, now).truth
            if truth is Truth.HOLDS:
                continue
            kind = CONDITIONS[condition.name]
            wanted, seen = kind.wanted(condition.argument), kind.seen(condition.argument, facts, now)
            unknown = truth is Truth.UNKNOWN
            failed.append(FailedCondition(verdict.rule.id, condition.name, wanted, seen, unknown))
    return tuple(failed)
