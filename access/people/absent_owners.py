"""Looks for what nobody answers for any more: its owner has left, and nobody was told to take it over. ▸

An owner is named in a local group, in a rule of the policy, or in what people may ask for. Whoever is gone,
disabled or over answers for nothing: requests lapse, reviews are signed by nobody. The alarm goes to the
administrators of the company whose it is, and clears by itself when somebody who is here is named.

What counts is the person and not the name: whom a name meant when the policy first named it is kept. Somebody
who gets the name of one who left has not taken over what that one owned.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from access.policy.compiled import Policy
from access.policy.parts import owners_of, speakers_of
from access.policy.reviews import names_in
from access.policy.vocabulary import Document
from access.records.alarms import AlarmKind


@dataclass(frozen=True, slots=True)
class Owned:
    """Something with owners, name@organization. organization: whose it is, "" for the whole installation.

    ids: who they are, where that is kept with it; None: only their names are. shared: a department is named
    as well, so that it has an owner whoever leaves.
    """

    what: str
    owners: tuple[str, ...]
    organization: str
    ids: tuple[int, ...] | None = None
    shared: bool = False


class OwnerPorts(Protocol):
    """What looking needs of the world. Any of it may raise Unavailable."""

    def policy(self) -> Policy | None:
        """The policy in force; None before the first."""

    def owned_groups(self) -> Sequence[Owned]:
        """Every local group."""

    def meant(self, named: Sequence[Owned], now: float) -> Mapping[tuple[str, str], int]:
        """Whom each name of an owner meant when it was first seen at something, by what and name.

        That is settled when the policy is published, and what is named no more is forgotten then. One that
        nobody here had means who has it now.
        """

    def here(self, ids: Iterable[int], now: float) -> frozenset[int]:
        """Those of some people who may log in."""

    def absent(self, names: Iterable[str], now: float) -> frozenset[str]:
        """Those of some names, name@organization, who are nobody of ours that may log in."""

    def have_alarms(
        self, kind: AlarmKind, notes: Mapping[str, str], whose: Mapping[str, str], now: float
    ) -> None:
        """Have an alarm of a kind about each, by what it is called, with its note, and about nothing else."""


def look(ports: OwnerPorts, now: float) -> None:
    """Raise or clear the alarms."""
    policy = ports.policy()
    named = list(of_policy(policy.document)) if policy is not None else []
    # A policy that this version cannot read names whom it named.
    meant = ports.meant(named, now) if policy is not None else {}
    owned = [*ports.owned_groups(), *named]
    ids = {each.what: _ids(each, meant) for each in owned}
    here = ports.here({id for own in ids.values() for id in own}, now)
    ownerless = {each.what: each for each in owned if not each.shared and here.isdisjoint(ids[each.what])}
    unknown = ports.absent({name for each in ownerless.values() for name in each.owners}, now)
    notes = {
        what: ", ".join(_said(name, unknown) for name in each.owners) for what, each in ownerless.items()
    }
    whose = {what: each.organization for what, each in ownerless.items()}
    ports.have_alarms(AlarmKind.OWNER_GONE, notes, whose, now)


def _ids(owned: Owned, meant: Mapping[tuple[str, str], int]) -> frozenset[int]:
    if owned.ids is not None:
        return frozenset(owned.ids)
    return frozenset(meant[owned.what, name] for name in owned.owners if (owned.what, name) in meant)


def _said(name: str, unknown: frozenset[str]) -> str:
    return name if name in unknown else f"{name} (somebody else has the name now)"


def of_policy(document: Document) -> Iterator[Owned]:
    """The rules and objects of a document with owners that are named as people, and not as a department."""
    objects = owners_of(document)
    for rule in document.rules:
        named = names_in(rule.owner)
        people = tuple(name for name in named if "@" in name)
        if people:
            speakers = speakers_of(rule, objects)
            alone = next(iter(speakers)) if len(speakers) == 1 else ""
            yield Owned(f"rule {rule.id}", people, alone, shared=len(people) < len(named))
    requestable = {f"network:{each.name}": each.requestable for each in document.networks.values()}
    requestable |= {f"vdi:{each.name}": each.requestable for each in document.vdi.values()}
    for object, declared in requestable.items():
        if declared is not None:
            yield Owned(object, tuple(declared.owners), objects[object])
