"""What the enforcer reads and writes, on paper: no database, and gateways that confirm at once.

Whatever is changed through the methods of a PaperWorld is told by touched(), as the feed would tell it.
"""

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from access.gateways.enforcing import Generations, Step, Touched
from access.gateways.livesessions import Desk, Holder, HolderKey, HolderKind, LiveSession
from access.gateways.pairbook import HeldPair
from access.policy.beside import Change
from access.policy.compiled import Policy
from access.policy.standing import Standing
from vpn.state import Gateway

Key = tuple[int, str, int]


class SilentBell:
    """A bell that nobody hears, which must not matter."""

    def ring(self, membership: Collection[int], structure: Collection[int], ends: Collection[int]) -> None:
        return None


@dataclass
class PaperWorld:
    """Records and View at once. devices: the gateways by id."""

    devices: dict[int, Gateway]
    in_force: Policy | None = None
    people: dict[int, Holder] = field(default_factory=dict)
    open: dict[int, LiveSession] = field(default_factory=dict)
    held: dict[int, tuple[Desk, ...]] = field(default_factory=dict)
    beside: dict[int, Standing] = field(default_factory=dict)
    rows: dict[Key, HeldPair] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    generation: int = 0
    enforced: str = ""
    _log: list[tuple[str, int]] = field(default_factory=list)

    # What others change.

    def publish(self, policy: Policy | None) -> None:
        self.in_force = policy
        self._log.append(("policy", 0))

    def place(self, user_id: int, holder: Holder) -> None:
        self.people[user_id] = holder
        self._log.append(("users", user_id))

    def begin(self, session: LiveSession) -> None:
        self.open[session.id] = session
        self._log.append(("sessions", session.id))

    def end(self, session_id: int) -> None:
        del self.open[session_id]
        self._log.append(("sessions", session_id))

    def assign(self, user_id: int, *desks: Desk) -> None:
        self.held[user_id] = desks
        self._log.append(("desks", user_id))

    def stand(self, number: int, standing: Standing | None) -> None:
        """A standing rule begins, or ends."""
        if standing is None:
            self.beside.pop(number, None)
        else:
            self.beside[number] = standing
        self._log.append(("standing", number))

    # View

    @contextmanager
    def reading(self) -> Iterator["PaperWorld"]:
        yield self

    def head(self) -> int:
        return len(self._log)

    def touched(self, since: int) -> Touched | None:
        news = self._log[since:]
        if not news:
            return None
        ids = {kind: frozenset(each for name, each in news if name == kind) for kind, _ in news}
        policy = "policy" in ids
        ids.pop("policy", None)
        return Touched(len(self._log), policy=policy, **ids)

    def policy(self, known: Policy | None) -> Policy | None:
        same = known is not None and self.in_force is not None and known.revision == self.in_force.revision
        return known if same else self.in_force

    def standing(self, policy: Policy, numbers: Collection[int] | None) -> tuple[list[Change], int]:
        asked = {*self.beside, *policy.beside.rules} if numbers is None else numbers
        return [(number, self.beside.get(number)) for number in asked], len(self._log)

    def sessions(self, ids: Collection[int] | None) -> list[LiveSession]:
        return [each for key, each in self.open.items() if ids is None or key in ids]

    def sessions_of_nas(self, nas: Collection[int]) -> frozenset[int]:
        return frozenset()

    def sessions_at(self, endpoints_: Collection[int]) -> frozenset[int]:
        return frozenset()

    def sessions_of_certificates(self, certificates: Collection[int]) -> frozenset[int]:
        return frozenset()

    def holders(self, keys: Collection[HolderKey]) -> Mapping[HolderKey, Holder]:
        return {
            key: self.people[key.id] for key in keys if key.kind is HolderKind.USER and key.id in self.people
        }

    def members(self, groups: Collection[int]) -> frozenset[int]:
        return frozenset()

    def desks(self, users: Collection[int] | None) -> Mapping[int, tuple[Desk, ...]]:
        return {key: each for key, each in self.held.items() if users is None or key in users}

    def gateways(self) -> Mapping[int, Gateway]:
        return self.devices

    def pairs(self) -> list[HeldPair]:
        return list(self.rows.values())

    # Records

    def write(self, step: Step, now: float) -> Generations:
        self.generation += 1
        self.enforced = step.revision if step.revision is not None else self.enforced
        for change in step.changes:
            key = (change.device_id, str(change.pair.address), change.pair.atom)
            self.rows.pop(key, None)
            if not change.removed:
                self.rows[key] = replace(change, generation=self.generation)
        for session_id in step.ends:
            self.ended.add(session_id)
            self.open[session_id] = replace(self.open[session_id], leaving=True)
            self._log.append(("sessions", session_id))
        asked = {change.device_id for change in step.changes}
        return Generations(
            dict.fromkeys(asked, self.generation), dict.fromkeys(step.structure, self.generation)
        )

    def confirmed(self, devices: Collection[int]) -> Generations:
        done = dict.fromkeys(devices, self.generation)
        return Generations(done, done)
