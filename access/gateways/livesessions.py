"""Live sessions, and what each may reach at its gateway: atoms, each with its own end.

A session is weighed at a moment and at the moments after it at which a rule could flip. So an atom carries
the first moment at which it is no longer permitted, not the first at which anything changes: when the office
closes for one network, nobody's other connections stop for the time it takes to write them anew.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import Enum
from ipaddress import ip_network
from typing import NamedTuple

from access.logins.presence import Present
from access.model import Decision, Effect, Facts, Reason, Subject, Via
from access.nas.endpoint_standing import NO_EVIDENCE, Evidence, endpoint_facts
from access.policy.compiled import Policy
from access.policy.edges import NOTHING_KNOWN, Edges, Known
from access.policy.gifts import spelt
from access.policy.placing import NOWHERE, Placement
from access.policy.vocabulary import Network, Ports, Protocol, VdiPool
from access.policy.zoning import NO_ZONES
from radius.frozen import value
from vpn import atoms as cutting
from vpn.atoms import Address, Atoms, PortRange, Target
from vpn.grant import Grant

# How many flips ahead an end is looked for. A window of hours flips twice a day.
LOOK_AHEAD = 8
# The conditions about what may change while a session lasts.
CHANGING = frozenset({"endpoint"})
COUNTED = "sessions"
_MOVABLE = frozenset({Via.WIRED, Via.WIRELESS})
_PROTOCOLS = {
    Protocol.TCP: cutting.Protocol.TCP,
    Protocol.UDP: cutting.Protocol.UDP,
    Protocol.ICMP: cutting.Protocol.ICMP,
}


class HolderKind(Enum):
    """Who can have a session."""

    USER = "user"
    ENDPOINT = "endpoint"
    VISITOR = "visitor"


class HolderKey(NamedTuple):
    """Whose session it is: the row id of a user or an endpoint; a visitor has that of the session alone."""

    kind: HolderKind
    id: int


@value
class Holder:
    """Who has a session, as known now. barred: may have none; until: when account or registration end."""

    subject: Subject
    barred: bool = False
    until: float | None = None


@value
class LiveSession:
    """A session that was admitted and has not ended.

    holder is None until the record of its login is there. leaving: its end was asked for, so it has lost its
    rights whatever the policy says. gateway_id and addresses: where its pairs belong. proof_ends: when the
    network password it was logged in with counts no longer, by its end or because it was revoked. revoked:
    the certificate that opened it was.
    gifts: what its NAS was told, as access.policy.gifts spells it. evidence: what is known of its endpoint.
    zone: the one it is said to be in.
    present: as it is counted.
    """

    id: int
    organization_id: int
    holder: HolderKey | None
    facts: Facts
    evidence: Evidence = NO_EVIDENCE
    present: Present | None = None
    gateway_id: int | None = None
    addresses: tuple[Address, ...] = ()
    generation: int = 0
    leaving: bool = False
    proof_ends: float | None = None
    revoked: bool = False
    gifts: str = ""
    zone: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A desktop that is assigned to a user until a moment."""

    pool: str
    desktop: str
    until: float


class Live(NamedTuple):
    """A live session, whose it is, and the desktops they have."""

    session: LiveSession
    holder: Holder
    desks: tuple[Desk, ...] = ()


@dataclass(frozen=True)
class Ground:
    """What sessions are weighed on: a policy, and its destinations cut into atoms."""

    policy: Policy | None
    atoms: Atoms = field(repr=False)

    newer: "Ground | None" = field(default=None, repr=False)

    @property
    def revision(self) -> str:
        """The revision of the policy, and of a newer one that comes in waves; empty before the first."""
        return "+".join(side.revision for side in self.policy.sides) if self.policy else ""

    def speaking(self, subject: Subject, facts: Facts) -> "Ground":
        """The ground on which somebody with these facts is weighed."""
        if self.newer is None or self.policy is None:
            return self
        return self if self.policy.speaking(subject, facts) is self.policy else self.newer

    def with_policy(self, policy: Policy) -> "Ground":
        """The same cut under a policy with other rules beside it."""
        newer = replace(self.newer, policy=policy.newer) if self.newer is not None else None
        return replace(self, policy=policy, newer=newer)

    @property
    def is_zoned(self) -> bool:
        """Whether anything is in a zone."""
        sides = self.policy.sides if self.policy is not None else ()
        return any(side.zoning is not NO_ZONES for side in sides)

    def asks(self, condition: str) -> bool:
        """Whether any rule has a condition of this name."""
        return self.policy is not None and condition in self.policy.asks


@value
class Judgement:
    """What a session may reach. refusal: why it may not be there at all, where that is so.

    ends: each atom with its end, None where the clock alone never ends it. objects are those of the policy,
    for people. look_again: when to judge anew at the latest. gifts: what it would be given now, None where
    that is what it was given. zone and clash as of a Decision.
    """

    ends: Mapping[int, float | None] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    refusal: Decision | None = None
    look_again: float | None = None
    gifts: str | None = None
    zone: str = ""
    clash: tuple[tuple[str, str], ...] = ()

    def grants(self, session_id: int) -> list[Grant]:
        """The same as grants of the vpn library, one for each end."""
        atoms_by_end: dict[float | None, set[int]] = {}
        for atom, end in self.ends.items():
            atoms_by_end.setdefault(end, set()).add(atom)
        return [Grant(str(session_id), frozenset(held), end) for end, held in atoms_by_end.items()]


def ground(policy: Policy | None, before: Ground | None = None) -> Ground:
    """A policy with its destinations cut, together with those of a newer one that comes in waves.

    before: what it takes the place of. Most policies have the destinations of the one before, and its cut.
    """
    if policy is None or policy.newer is None:
        targets = _targets(policy)
        if before is not None and before.newer is None and targets == _targets(before.policy):
            return Ground(policy, before.atoms)
        return Ground(policy, cutting.cut(targets))
    older, newer = grounds(policy, policy.newer)
    return replace(older, newer=newer)


def grounds(*policies: Policy | None) -> tuple[Ground, ...]:
    """Policies with their destinations cut together: what two of them speak of is the same atom in both."""
    told = [_targets(policy) for policy in policies]
    if told.count(told[0]) == len(told):
        atoms = cutting.cut(told[0])
        return tuple(Ground(policy, atoms) for policy in policies)
    cut = cutting.cut(
        {
            f"{number} {name}": targets
            for number, resources in enumerate(told)
            for name, targets in resources.items()
        }
    )
    found: list[dict[str, frozenset[int]]] = [{} for _ in policies]
    for key, marks in cut.resources.items():
        number, _, name = key.partition(" ")
        found[int(number)][name] = marks
    return tuple(Ground(policy, Atoms(cut.atoms, own)) for policy, own in zip(policies, found, strict=True))


def _targets(policy: Policy | None) -> dict[str, list[Target]]:
    resources: dict[str, list[Target]] = {}
    if policy is not None:
        document = policy.document
        for network in document.networks.values():
            resources[f"network:{network.name}"] = _network_targets(network)
        for pool in document.vdi.values():
            for desktop, address in pool.desktops.items():
                resources[_desktop(pool.name, desktop)] = _desktop_targets(pool, address)
    return resources


def judge(
    ground: Ground, session: LiveSession, holder: Holder | None, desks: Iterable[Desk], now: float
) -> Judgement:
    """What the session may reach; holder is None where the user or endpoint is gone.

    Its facts have the sessions that its holder has elsewhere, where the policy asks for them.
    """
    turned_away = _turned_away(ground, session, holder)
    if turned_away is not None or holder is None:
        return turned_away or Judgement()
    live = Live(session, holder, tuple(desks))
    seen = _look(ground, live, now)
    clash = _clash(ground, session, holder, now) if seen.placement.clashes else ()
    if seen.refusal is not None:
        return Judgement(refusal=replace(seen.refusal, clash=clash), clash=clash)
    objects, look_again, gifts = seen.objects, seen.until, _moved(session, seen)
    zone = seen.placement.zone
    still, ends = set(seen.atoms), dict[int, float | None]()
    for _ in range(LOOK_AHEAD):
        if seen.until is None or not still:
            break
        moment = seen.until
        seen = _look(ground, live, moment)
        ends.update(dict.fromkeys(still - seen.atoms, moment))
        still &= seen.atoms
    ends.update(dict.fromkeys(still, seen.until))
    return Judgement(ends, objects, None, look_again, gifts, zone, clash)


def stand(ground: Ground, live: Live, now: float, known: Known = NOTHING_KNOWN) -> Judgement:
    """What the session may reach at this moment; how long is not looked for, and every end is None."""
    turned_away = _turned_away(ground, live.session, live.holder)
    if turned_away is not None:
        return turned_away
    seen = _look(ground, live, now, known)
    if seen.refusal is not None:
        return Judgement(refusal=seen.refusal)
    return Judgement(dict.fromkeys(seen.atoms), seen.objects, gifts=_moved(live.session, seen))


def is_there(ground: Ground, live: Live, now: float) -> bool:
    """Whether it is for the policy to say what the session may reach: nothing else has ended it."""
    session, holder = live.session, live.holder
    return _turned_away(ground, session, holder) is None and _over(ground, session, holder, now) is None


def _turned_away(ground: Ground, session: LiveSession, holder: Holder | None) -> Judgement | None:
    """The judgement on a session that may reach nothing whatever the policy says; None on every other."""
    if session.leaving or session.holder is None:
        return Judgement()
    if session.revoked:
        refusal = Decision(Effect.DENY, Reason.CERTIFICATE_REVOKED, revision=ground.revision)
        return Judgement(refusal=refusal)
    if holder is None or holder.barred:
        return Judgement(refusal=_barred(session.holder.kind, ground))
    return None


def _moved(session: LiveSession, seen: "_Seen") -> str | None:
    """What a session should have been given, if that is something else; a VPN moves nobody."""
    return seen.gifts if session.facts.via in _MOVABLE and seen.gifts != session.gifts else None


class _Seen(NamedTuple):
    atoms: frozenset[int]
    objects: frozenset[str]
    refusal: Decision | None
    until: float | None
    gifts: str = ""
    placement: Placement = NOWHERE


def _look(ground: Ground, live: Live, now: float, known: Known = NOTHING_KNOWN) -> _Seen:
    """What is so at one moment, and until when; of whoever is shut out it is not asked until when."""
    session, holder, desks = live
    over = _over(ground, session, holder, now)
    if over is not None:
        return _Seen(frozenset(), frozenset(), over, None)
    facts = facts_now(ground, session, holder.subject)
    ground = ground.speaking(holder.subject, facts)
    edges = Edges(ground.policy)
    login = known.login or edges.login(holder.subject, facts, now)
    if not login.permitted:
        return _Seen(frozenset(), frozenset(), login, None)
    reach = edges.reach(holder.subject, facts, now, Known(login, known.weighed))
    held = tuple([desk for desk in desks if desk.until > now])
    ends = [reach.valid_until, holder.until, session.proof_ends, *(desk.until for desk in held)]
    until = min((end for end in ends if end is not None), default=None)
    if not reach.login.permitted:
        return _Seen(frozenset(), frozenset(), reach.login, until, placement=reach.placement)
    atoms = _atoms(ground, reach.objects, held)
    if reach.forbidden:
        atoms -= _atoms(ground, reach.forbidden, None)
    return _Seen(atoms, reach.objects, None, until, spelt(reach.login.gives), reach.placement)


def _clash(ground: Ground, session: LiveSession, holder: Holder, now: float) -> tuple[tuple[str, str], ...]:
    facts = facts_now(ground, session, holder.subject)
    ground = ground.speaking(holder.subject, facts)
    return Edges(ground.policy).clash(holder.subject, facts, now)


def _over(ground: Ground, session: LiveSession, holder: Holder, now: float) -> Decision | None:
    """Why a session has come to its end whatever the policy says; None: it has not."""
    if session.proof_ends is not None and session.proof_ends <= now:
        return Decision(Effect.DENY, Reason.NETWORK_PASSWORD_ENDED, revision=ground.revision)
    if holder.until is not None and holder.until <= now:
        return _barred(HolderKind.ENDPOINT, ground)
    return None


def facts_now(ground: Ground, session: LiveSession, subject: Subject) -> Facts:
    """The facts of a session, with those that change while it lasts as far as the policy asks for them."""
    policy, facts = ground.policy, session.facts
    if policy is None or not policy.asks & CHANGING:
        return facts
    return replace(facts, endpoint=endpoint_facts(session.evidence, subject.organization, subject.id))


def _atoms(ground: Ground, objects: AbstractSet[str], held: tuple[Desk, ...] | None) -> frozenset[int]:
    """The atoms of the objects: of a pool those of the desktops that are held, with None of all of them."""
    cut = ground.atoms.resources
    # A network is cut by its own name, a pool by those of its desktops.
    found = [cut[object] for object in objects if object in cut]
    for object in [object for object in objects if object not in cut]:
        found += map(ground.atoms.of, _desktops(ground.policy, object, held))
    return frozenset[int]().union(*found)


def _desktops(policy: Policy | None, object: str, held: tuple[Desk, ...] | None) -> list[str]:
    """The resources that a pool consists of; of what is none, none."""
    kind, _, pool = object.partition(":")
    if kind != "vdi" or policy is None:
        return []
    if held is None:
        return [_desktop(pool, desktop) for desktop in policy.document.vdi[pool].desktops]
    return [_desktop(pool, desk.desktop) for desk in held if desk.pool == pool]


def _barred(kind: HolderKind, ground: Ground) -> Decision:
    reason = Reason.USER_DISABLED if kind is HolderKind.USER else Reason.UNKNOWN_ENDPOINT
    return Decision(Effect.DENY, reason, revision=ground.revision)


def _desktop(pool: str, desktop: str) -> str:
    return f"vdi:{pool}/{desktop}"


def _network_targets(network: Network) -> list[Target]:
    if not network.ports:
        return [Target(to) for to in network.to]
    return [_target(to, ports) for to in network.to for ports in network.ports]


def _desktop_targets(pool: VdiPool, address: Address) -> list[Target]:
    return [_target(ip_network(address), pool.port)]


def _target(to: cutting.Network, ports: Ports) -> Target:
    protocol = _PROTOCOLS[ports.protocol]
    if protocol is cutting.Protocol.ICMP:
        return Target(to, protocol)
    return Target(to, protocol, PortRange(ports.first, ports.last))
