"""What would help whoever is refused: the permits that it costs least to have speak, and the ways there."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from access.model import Decision, Effect, Reason, Request, Subject
from access.policy.asking import requestable_by
from access.policy.beside import is_silenced, is_stopped
from access.policy.compiled import Policy
from access.policy.conditions import Held, Truth, judge, spell_duration
from access.policy.decide import NOBODY, asked_by, owner_of, sides_of
from access.policy.grant_zones import may_help
from access.policy.remedies import NAMING_RULES, Remedy, RemedyKind, cost_min, remedy_against, remedy_for
from access.policy.rules import organization_of
from access.policy.vocabulary import Condition, Rule
from access.policy.weighing import weigh

# What has to be done together; and the ways that lead to one and the same end, the cheapest first.
Way = tuple[Remedy, ...]
Need = tuple[Way, ...]
_OPEN_TO_ADVICE = (Reason.NO_PERMIT, Reason.CONDITION_FAILED, Reason.FACT_UNKNOWN)


@dataclass(frozen=True, slots=True)
class NearestPermit:
    """The permit that it costs least to have speak. about: it names the subject, only conditions lack."""

    rule: str
    about: bool
    conditions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Advice:
    """The nearest permit of each side that did not permit, by side, and what all has to be met."""

    nearest: Mapping[str, NearestPermit] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Advised:
    """A decision to give advice about. about: the rules about the request, by id.

    foreign has the organization of each of them that speaks for another one than the person's.
    """

    policy: Policy
    subject: Subject
    request: Request
    now: float
    decision: Decision
    about: Mapping[str, Rule]
    foreign: Mapping[str, str]

    @property
    def owner(self) -> str:
        """Whose the object is."""
        return owner_of(self.policy, self.subject, self.request.object)

    @property
    def missing_sides(self) -> list[str]:
        """The organizations that did not permit, the object's owner first."""
        consenting = {self.about[rule_id].organization or self.owner for rule_id in self.decision.permits}
        sides = sides_of(self.policy, self.subject, self.request)
        return [side for side in sides if side not in consenting]


@dataclass(frozen=True, slots=True)
class _Permit:
    """A permit that did not speak: whether it is about the subject, and the conditions that do not hold.

    silenced: an opened office let the subject in, without proof, and this is no permit of an opening.
    """

    rule: Rule
    about: bool
    failing: tuple[tuple[Condition, Held], ...]
    silenced: bool

    @property
    def shown(self) -> NearestPermit:
        """What is told of it."""
        lacking = dict.fromkeys(
            [*(["method"] if self.silenced else []), *(each.name for each, _ in self.failing)]
        )
        return NearestPermit(self.rule.id, self.about, tuple(lacking))


def advice(asked: Advised) -> Advice:
    """What would help: nothing where it is permitted, or where nobody but an administrator could."""
    reason = asked.decision.reason
    if reason in _OPEN_TO_ADVICE:
        return _to_be_permitted(asked)
    forbids = [asked.about[rule_id] for rule_id in asked.decision.forbids]
    if reason is Reason.CONTAINED:
        calls = (rule.standing.owner for rule in forbids if rule.standing is not None)
        return Advice(needs=tuple(((Remedy(RemedyKind.CALL, (owner,)),),) for owner in calls))
    if reason is Reason.FORBIDDEN:
        return Advice(needs=tuple(((_against(asked, rule),),) for rule in forbids if not rule.requires))
    return Advice()


def _to_be_permitted(asked: Advised) -> Advice:
    nearest: dict[str, NearestPermit] = {}
    needs: list[Need] = []
    for side in asked.missing_sides:
        if side == NOBODY:
            needs.append(((Remedy(RemedyKind.REPORT_FACT, ("nas_organization",)),),))
            continue
        permit = _nearest(asked, side)
        nearest |= {side: permit.shown} if permit else {}
        ways = [_of_owners(asked)] if side == asked.owner else []
        ways.append(_remedies(permit, asked.subject, side) if permit else (_without_any_permit(asked, side),))
        needs.append(tuple(sorted(filter(None, ways), key=partial(cost_min, now=asked.now))))
    needs += [(_to_meet(asked, asked.about[rule_id]),) for rule_id in asked.decision.forbids]
    return Advice(nearest, tuple(needs))


def _nearest(asked: Advised, side: str) -> _Permit | None:
    policy, subject, request = asked.policy, asked.subject, asked.request
    beside = policy.beside.about(subject, request.facts, request.object, policy.keys_of(subject))
    rules = {rule.id: rule for found in policy.by_object.get(request.object, {}).values() for rule in found}
    rules |= {rule.id: rule for rule in beside if not _has_ended(rule, asked.now)}
    permits = [
        _Permit(
            rule,
            rule.id in asked.about,
            tuple(_failing(rule, request, asked.now)),
            is_silenced(rule, request.facts),
        )
        for rule in rules.values()
        if rule.effect is Effect.PERMIT and (rule.organization or asked.owner) == side
        if _may_be(rule, subject)
        if rule.id in asked.about or request.object in policy.owners or _is_for(rule, subject)
    ]

    def distance(permit: _Permit) -> tuple[float, int, str]:
        return cost_min(_remedies(permit, subject, side), asked.now), len(permit.failing), permit.rule.id

    return min(permits, key=distance, default=None)


def _has_ended(rule: Rule, now: float) -> bool:
    until = rule.standing.until if rule.standing is not None else None
    return until is not None and until <= now


def _may_be(rule: Rule, subject: Subject) -> bool:
    """Whether a rule could ever be about somebody: nobody of ours becomes a printer or a visitor."""
    return not subject.id or any(not who.startswith(("endpoint:", "realm:")) for who in rule.who)


def _is_for(rule: Rule, subject: Subject) -> bool:
    """Whether a rule about a login is for people of somebody's company: others' are not theirs to know."""
    ours = (subject.organization, None) if not subject.id else (subject.organization,)
    return not subject.organization or any(who == "*" or organization_of(who) in ours for who in rule.who)


def _failing(rule: Rule, request: Request, now: float) -> Iterator[tuple[Condition, Held]]:
    for condition in asked_by(rule, request):
        held = judge(condition, request.facts, now)
        if held.truth is not Truth.HOLDS:
            yield condition, held


def _remedies(permit: _Permit, subject: Subject, side: str) -> Way:
    conditions = [Remedy(RemedyKind.PROVE_WHO)] if permit.silenced else []
    conditions += [remedy_for(permit.rule, condition, held) for condition, held in permit.failing]
    groups = [who.removeprefix("group:") for who in permit.rule.who if who.startswith("group:")]
    if subject.organization:
        # Whom another company lets in, and by which of its rules and groups, is for it to tell.
        groups = [group for group in groups if group.startswith(f"{subject.organization}/")]
    if permit.about:
        steps = conditions
    elif groups:
        steps = [Remedy(RemedyKind.ASK_FOR_GROUP, (groups[0],)), *conditions]
    else:
        steps = [Remedy(RemedyKind.ASK_FOR_RULE, (permit.rule.id,)), *conditions]
    if side == subject.organization or not _names_rule(permit.rule, steps):
        return tuple(steps)
    return (Remedy(RemedyKind.ASK_FOR_CONSENT, (side,)),)


def _to_meet(asked: Advised, required: Rule) -> Way:
    """What meets a requirement; where nobody can by themselves, whom to ask about it."""
    failing = _failing(required, asked.request, asked.now)
    steps = tuple(remedy_for(required, condition, held) for condition, held in failing)
    if any(step.kind in NAMING_RULES for step in steps):
        return (Remedy(RemedyKind.ASK_ABOUT_RULE, (_called(asked, required),)),)
    return steps


def _called(asked: Advised, rule: Rule) -> str:
    """What a rule is called before the subject: of another company, that."""
    return f"({asked.foreign[rule.id]})" if rule.id in asked.foreign else rule.id


def _names_rule(rule: Rule, steps: Iterable[Remedy]) -> bool:
    """Whether what is to be done says what the rule is called, or who has not signed for it."""
    return is_stopped(rule) or any(step.kind in NAMING_RULES for step in steps)


def _of_owners(asked: Advised) -> Way:
    """Whom to ask for it for a while, where the document lets that be and zones would let it be had there."""
    declared = requestable_by(asked.policy, asked.subject, asked.request.object)
    if declared is None or not may_help(asked.policy, asked.subject, asked.request, asked.now):
        return ()
    most = f"{', '.join(declared.owners)}, {spell_duration(declared.longest_s)}"
    return (Remedy(RemedyKind.ASK_OWNER, (most,)),)


def _without_any_permit(asked: Advised, side: str) -> Remedy:
    if side != asked.subject.organization:
        return Remedy(RemedyKind.ASK_FOR_CONSENT, (side,))
    return Remedy(RemedyKind.ASK_FOR_ACCESS, (asked.request.object,))


def _against(asked: Advised, forbid: Rule) -> Remedy:
    """What can be done about a forbid: have a fact found out, wait for its end, or ask."""
    failing = _failing(forbid, asked.request, asked.now)
    unknown = [condition.name for condition, held in failing if held.truth is Truth.UNKNOWN]
    if unknown:
        return Remedy(RemedyKind.REPORT_FACT, (unknown[0],))
    end = weigh(forbid, asked.request.facts, asked.now).next_flip
    if end is not None:
        return Remedy(RemedyKind.WAIT_UNTIL, at=end)
    own = (remedy_against(condition) for condition in forbid.conditions)
    return next(
        (each for each in own if each is not None),
        Remedy(RemedyKind.ASK_ABOUT_RULE, (_called(asked, forbid),)),
    )
