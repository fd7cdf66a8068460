"""Why a decision is as it is, and what would help: the decision itself, looked at again with more time."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain

from access.model import Bilingual, Decision, Effect, FailedCondition, Reason, Request, Subject, User
from access.policy.advice import Advised, NearestPermit, Need, advice
from access.policy.compiled import Policy
from access.policy.decide import all_about, decide, owner_of
from access.policy.parts import NOBODYS, speakers_of
from access.policy.remedies import Remedy, RemedyKind
from access.policy.standing import Standing
from access.policy.subjects import standing, subject_of
from access.policy.vocabulary import AGREED_GIFTS, SINGLE_GIFTS, Rule


@dataclass(frozen=True, slots=True)
class Spoken:
    """A rule that spoke for or against the request, with the reason its author gave."""

    rule: str
    effect: Effect
    reason: Bilingual | None
    requires: bool = False
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision, the rules that spoke, the nearest permit of each side that did not, and what would help.

    needs: all of them have to be met, each in one of its ways. foreign has the organization of each rule
    named here that speaks for another one than the person's: what it is called is theirs to know. differing
    has the gifts that nothing chooses between: which, and what each rule gives. titles: of zones.
    """

    subject: Subject
    request: Request
    decision: Decision
    spoke: tuple[Spoken, ...] = ()
    nearest: tuple[NearestPermit, ...] = ()
    needs: tuple[Need, ...] = ()
    foreign: Mapping[str, str] = field(default_factory=dict)
    differing: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    titles: Mapping[str, Bilingual] = field(default_factory=dict)

    @property
    def failed(self) -> tuple[FailedCondition, ...]:
        """The conditions that stood in the way, with what they wanted and saw."""
        return self.decision.failed

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """Everything that would help, each once."""
        return tuple(dict.fromkeys(chain.from_iterable(chain.from_iterable(self.needs))))

    @property
    def nearest_told(self) -> tuple[NearestPermit, ...]:
        """Those that the person may know of: of another organization's rules the ones about them alone."""
        return tuple(each for each in self.nearest if each.about or each.rule not in self.foreign)

    def called(self, rule: str) -> str:
        """What a rule is called before the person and their administrators: of another organization, that."""
        return f"({self.foreign[rule]})" if rule in self.foreign else rule


def explain(policy: Policy | None, subject: Subject, request: Request, now: float) -> Explanation:
    """The explanation of decide(policy, subject, request, now)."""
    policy = policy.speaking(subject, request.facts) if policy is not None else None
    decision = decide(policy, subject, request, now)
    subject, _ = standing(subject, now)
    if policy is None or (decision.failed and decision.failed[0].condition == "now"):
        return Explanation(subject, request, decision)
    about, own = {rule.id: rule for rule in all_about(policy, subject, request)}, subject.organization
    foreign = _foreign(policy, subject, request.object, about.values())
    told = advice(Advised(policy, subject, request, now, decision, about, foreign))
    foreign |= {permit.rule: side for side, permit in told.nearest.items() if side not in ("", own)}
    foreign |= _placed(policy, own, {rule for _, rule in decision.clash} - about.keys())
    spoke = [about[rule_id] for rule_id in (*decision.forbids, *decision.permits)]
    explanation = Explanation(
        subject,
        request,
        decision,
        tuple(Spoken(rule.id, rule.effect, rule.reason, rule.requires, rule.standing) for rule in spoke),
        tuple(told.nearest.values()),
        told.needs,
        foreign,
        titles={zone.name: zone.title for zone in policy.document.zones.values() if zone.title},
    )
    if decision.reason is Reason.POLICY_CONFLICT:
        return _contradicted(explanation, policy, spoke)
    return explanation


def _contradicted(explanation: Explanation, policy: Policy, permits: list[Rule]) -> Explanation:
    """The explanation with what contradicts what, for an administrator to mend."""
    differing = tuple(_differing(policy, permits))
    placed = [f"{explanation.called(rule)} ({zone})" for zone, rule in explanation.decision.clash]
    mended = [Remedy(RemedyKind.ASK_TO_PART, (", ".join(placed),))] if placed else []
    if differing:
        mended.append(Remedy(RemedyKind.ASK_TO_PREFER, (", ".join(name for name, _ in differing),)))
    return replace(explanation, differing=differing, needs=tuple(((each,),) for each in mended))


def explain_user(policy: Policy | None, user: User, request: Request, now: float) -> Explanation:
    """Return the explanation for a person; an account that is over is refused before the policy is asked."""
    subject = subject_of(user)
    if user.is_over(now):
        return Explanation(subject, request, Decision(Effect.DENY, Reason.USER_DISABLED))
    return explain(policy, subject, request, now)


def _differing(policy: Policy, permits: list[Rule]) -> Iterator[tuple[str, tuple[tuple[str, str], ...]]]:
    for name in (*SINGLE_GIFTS, *AGREED_GIFTS):
        given = [(rule.id, value) for rule in permits if (value := getattr(rule.gives, name)) is not None]
        values = {value for _, value in given}
        if len(values) > 1 and not values <= set(policy.document.prefer.get(name, ())):
            yield name, tuple((rule_id, str(value)) for rule_id, value in given)


def _foreign(policy: Policy, subject: Subject, object: str, rules: Iterable[Rule]) -> dict[str, str]:
    owner = owner_of(policy, subject, object)
    speakers = {rule.id: rule.organization or owner for rule in rules}
    return {rule_id: whose for rule_id, whose in speakers.items() if whose not in ("", subject.organization)}


def _placed(policy: Policy, own: str, named: set[str]) -> dict[str, str]:
    """The organization of each of some rules about other objects, where it speaks for others alone."""
    found: dict[str, str] = {}
    for rule in policy.rules if named else ():
        speakers = speakers_of(rule, policy.owners) if rule.id in named else frozenset()
        if speakers and speakers.isdisjoint({NOBODYS, own}):
            found[rule.id] = ", ".join(sorted(speakers))
    return found
