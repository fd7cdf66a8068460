"""Looks for what nobody answers for any more: its owner has left, and nobody was told to take it over. ▸

An owner is named in a local group, in a rule of the policy, or in what people may ask for. Whoever is gone,
disabled or over answers for nothing: requests lapse, reviews are signed by nobody. The alarm goes to the
administrators of the company whose it is, and clears by itself when somebody who is here is named.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from access.policy.compiled import Policy
from access.policy.parts import owners_of, speakers_of
from access.policy.vocabulary import Document


@dataclass(frozen=True, slots=True)
class Owned:
    """Something with owners, name@organization. organization: whose it is, "" for the whole installation."""

    what: str
    owners: tuple[str, ...]
    organization: str


class OwnerPorts(Protocol):
    """What looking needs of the world. Any of it may raise Unavailable."""

    def policy(self) -> Policy | None:
        """The policy in force; None before the first."""

    def owned_groups(self) -> Sequence[Owned]:
        """Every local group."""

    def absent(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Those of some names, name@organization, who are nobody of ours that may log in."""

    def say(self, ownerless: Mapping[str, Owned], now: float) -> None:
        """Have an alarm about each, by what it is called, and about nothing else."""


def look(ports: OwnerPorts, now: float) -> None:
    """Raise or clear the alarms."""
    policy = ports.policy()
    owned = [*ports.owned_groups(), *(of_policy(policy.document) if policy is not None else ())]
    gone = ports.absent({name for each in owned for name in each.owners}, now)
    ownerless = {each.what: each for each in owned if each.owners and gone.issuperset(each.owners)}
    ports.say(ownerless, now)


def of_policy(document: Document) -> Iterator[Owned]:
    """The rules and objects of a document whose owners are named as people, and not as a department."""
    objects = owners_of(document)
    for rule in document.rules:
        people = _people(rule.owner.split(","))
        if people:
            speakers = speakers_of(rule, objects)
            alone = next(iter(speakers)) if len(speakers) == 1 else ""
            yield Owned(f"rule {rule.id}", people, alone)
    requestable = {f"network:{each.name}": each.requestable for each in document.networks.values()}
    requestable |= {f"vdi:{each.name}": each.requestable for each in document.vdi.values()}
    for object, declared in requestable.items():
        if declared is not None:
            yield Owned(object, _people(declared.owners), objects[object])


def _people(named: Iterable[str]) -> tuple[str, ...]:
    """Those of some owners who are people: name@organization, and nobody where a department is named too."""
    names = [each.strip().removeprefix("user:") for each in named]
    return tuple(names) if all("@" in name for name in names) else ()
