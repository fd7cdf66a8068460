"""A document made ready to be asked: rules found by object and subject key, without a scan."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from access.model import Effect, Facts, Subject
from access.policy.beside import Beside, Change, keys_of_rule, stopped
from access.policy.computed import NOTHING_COMPUTED, Computation, computation, subject_keys
from access.policy.standing import StandingKind
from access.policy.subjects import fold, keys_of
from access.policy.vocabulary import LOGIN_PORTAL, Condition, Document, Requestable, Rule
from access.policy.waves import NOBODY, Wave
from access.policy.zoning import NO_ZONES, Zoning, zoning


@dataclass(frozen=True, slots=True)
class Ready:
    """A rule about networks and pools as sessions are weighed by it. alike: the same for equal conditions.

    permits: whether that is its effect. own: the objects of which it speaks for their owner; away: of which
    for another organization.
    """

    rule: Rule
    objects: tuple[str, ...]
    alike: int
    permits: bool
    own: frozenset[str]
    away: frozenset[str]


_Found = Mapping[str, tuple[Rule, ...]]
_Tables = tuple[Mapping[str, _Found], Mapping[str, tuple[Ready, ...]]]
# Of every permit that a review has stopped: none of them ever speaks, so one verdict is all of theirs.
_ALL_STOPPED = -1
# Of a rule that is weighed by itself.
_BY_ITSELF = -2


@dataclass(frozen=True, slots=True)
class Policy:
    """A compiled document. by_object: object -> subject key -> rules; by_subject: subject key -> rules, those
    about logins alone left out.

    owners has the organization of every network and pool, and owned those of each; a login has none.
    limits_sessions says whether any rule does, and asks has the conditions that any has: what nobody asks for
    need not be found out.
    portal_of: the organizations, folded, of whose people a rule says who may use the portal; "" is every one.
    Within each tuple rules are in the order of their ids, so that the order of the document shows nowhere.
    beside: the rules that stand beside the document. newer: the policy that speaks for whoever wave takes,
    while a change comes in waves; then asks and limits_sessions are those of both. as_written: by_object and
    by_subject without what reviews have stopped; None: they have stopped nothing.
    """

    document: Document
    owners: Mapping[str, str] = field(repr=False)
    by_object: Mapping[str, _Found] = field(repr=False)
    by_subject: Mapping[str, tuple[Ready, ...]] = field(repr=False)
    limits_sessions: bool = False
    asks: frozenset[str] = frozenset()
    computed: Computation = NOTHING_COMPUTED
    zoning: Zoning = NO_ZONES
    beside: Beside = field(default_factory=Beside)
    portal_of: frozenset[str] = frozenset()
    owned: Mapping[str, frozenset[str]] = field(default_factory=dict, repr=False)
    newer: "Policy | None" = field(default=None, repr=False)
    wave: Wave = NOBODY
    as_written: _Tables | None = field(default=None, repr=False)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules of the document, those that reviews have stopped as they are by that."""
        silent = {rule.id: rule for rule in _stopped_in(self)}
        rules = self.document.rules
        return tuple(silent.get(rule.id, rule) for rule in rules) if silent else rules

    @property
    def sides(self) -> tuple["Policy", ...]:
        """The policy, and the newer one that speaks for some."""
        return (self,) if self.newer is None else (self, self.newer)

    def speaking(self, subject: Subject, facts: Facts) -> "Policy":
        """The policy that decides about somebody with these facts, alone."""
        newer = self.newer
        return newer if newer is not None and self.wave.takes(newer.revision, subject, facts) else self

    def of(self, revision: str) -> "Policy":
        """The policy of a revision that has spoken."""
        return next((side for side in self.sides if side.revision == revision), self)

    def keys_of_standing(self, number: int) -> frozenset[str]:
        """The subject keys of the rule of that number beside the document, or of what it has stopped."""
        rule, stop = self.beside.rules.get(number), self.beside.stops.get(number)
        if rule is not None:
            return keys_of_rule(rule)
        named = stop.objects if stop is not None else ()
        about = (subject_keys(each) for each in self.document.rules if each.id in named)
        return frozenset[str]().union(*about)

    def leaves_portal_open(self, organization: str) -> bool:
        """Whether no rule says who of an organization may use the portal, so that all of its people may."""
        return not self.portal_of & {"", fold(organization)}

    def in_waves(self, newer: "Policy", wave: Wave) -> "Policy":
        """The same, with a newer policy that speaks for whoever a wave takes."""
        return replace(
            self,
            newer=self.standing_on(newer),
            wave=wave,
            limits_sessions=self.limits_sessions or newer.limits_sessions,
            asks=self.asks | newer.asks,
        )

    def keys_of(self, subject: Subject) -> frozenset[str]:
        """Every key that rules about this subject may carry, those of computed groups too."""
        return self.computed.keys(keys_of(subject))

    @property
    def revision(self) -> str:
        """The hash of the document's text."""
        return self.document.revision

    @property
    def requestable(self) -> Mapping[str, Requestable]:
        """What people may ask for, by object."""
        networks, pools = self.document.networks.values(), self.document.vdi.values()
        found = {f"network:{each.name}": each.requestable for each in networks}
        found |= {f"vdi:{each.name}": each.requestable for each in pools}
        return {object: declared for object, declared in found.items() if declared is not None}

    def with_standing(self, changes: Iterable[Change], revision: int) -> "Policy":
        """The same document with other standing rules in the place of some; revision counts changes."""
        told = tuple(changes)
        newer = self.newer.with_standing(told, revision) if self.newer is not None else None
        beside = self.beside.with_changes(told, revision, self.document)
        after = replace(self, beside=beside, newer=newer)
        return after if beside.stops == self.beside.stops else _with_stops(after)

    def standing_on(self, document_of: "Policy") -> "Policy":
        """The same standing rules beside another document."""
        return document_of.with_standing(self.beside.kept.items(), self.beside.revision)


def compile(document: Document) -> Policy:
    """The policy of a document."""
    owners = {f"network:{network.name}": network.organization for network in document.networks.values()}
    owners |= {f"vdi:{pool.name}": pool.organization for pool in document.vdi.values()}
    by_object: dict[str, dict[str, tuple[Rule, ...]]] = {}
    by_subject: dict[str, list[Ready]] = {}
    numbers: dict[tuple[Condition, ...], int] = {}
    for rule in sorted(document.rules, key=lambda rule: rule.id):
        ready = ready_of(rule, owners, numbers.setdefault(rule.conditions, len(numbers)))
        for key in subject_keys(rule):
            if ready.objects:
                by_subject.setdefault(key, []).append(ready)
            for object in rule.objects:
                found = by_object.setdefault(object, {})
                found[key] = (*found.get(key, ()), rule)
    limits_sessions = any(rule.gives.sessions is not None for rule in document.rules)
    asks = frozenset(condition.name for rule in document.rules for condition in rule.conditions)
    about = {key: tuple(rules) for key, rules in by_subject.items()}
    portal_of = frozenset(_organization_of(key) for key in _permitted(by_object.get(LOGIN_PORTAL, {})))
    return Policy(
        document,
        owners,
        by_object,
        about,
        limits_sessions,
        asks,
        computation(document.groups),
        zoning(document),
        portal_of=portal_of,
        owned=_owned(owners),
    )


def _owned(owners: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The networks and pools of each organization."""
    found: dict[str, set[str]] = {}
    for object, organization in owners.items():
        found.setdefault(organization, set()).add(object)
    return {organization: frozenset(objects) for organization, objects in found.items()}


def ready_of(rule: Rule, owners: Mapping[str, str], alike: int = _BY_ITSELF) -> Ready:
    """The rule made ready. owners has all networks and pools."""
    reached = tuple(object for object in rule.objects if object in owners)
    own = frozenset(each for each in reached if rule.organization in (None, owners[each]))
    return Ready(rule, reached, alike, rule.effect is Effect.PERMIT, own, frozenset(reached) - own)


def _stopped_in(policy: Policy) -> list[Rule]:
    """The permits that reviews have stopped, as they are by that. What has ended is not only silent."""
    stops = sorted(policy.beside.stops.values(), key=lambda each: (each.kind is StandingKind.ENDING, each.id))
    by_rule = {rule_id: each for each in stops for rule_id in each.objects}
    rules = policy.document.rules if by_rule else ()
    return [
        stopped(rule, by_rule[rule.id])
        for rule in rules
        if rule.effect is Effect.PERMIT and rule.id in by_rule
    ]


def _with_stops(policy: Policy) -> Policy:
    """The policy with what its reviews have stopped put in the place of what is written."""
    written = policy.as_written or (policy.by_object, policy.by_subject)
    silent = _stopped_in(policy)
    by_object, by_subject = dict(written[0]), dict(written[1])
    for rule in silent:
        ready = ready_of(rule, policy.owners, _ALL_STOPPED)
        keys = subject_keys(rule)
        for object in rule.objects:
            found = dict(by_object[object])
            for key in keys:
                found[key] = tuple(rule if each.id == rule.id else each for each in found[key])
            by_object[object] = found
        for key in keys if ready.objects else ():
            by_subject[key] = tuple(ready if each.rule.id == rule.id else each for each in by_subject[key])
    return replace(policy, by_object=by_object, by_subject=by_subject, as_written=written if silent else None)


def _permitted(found: _Found) -> list[str]:
    """The subject keys that a permit among the rules about one object has."""
    return [key for key, rules in found.items() if any(rule.effect is Effect.PERMIT for rule in rules)]


def _organization_of(key: str) -> str:
    """The organization of a subject key; "" where it could be about anybody's people."""
    kind, _, value = key.partition(":")
    if kind in ("group", "attribute"):
        return value.partition("/")[0]
    return value.rpartition("@")[2] if kind in ("user", "organization") else ""
