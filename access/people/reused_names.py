"""Looks for names in the policy in force that have become somebody else's since it was published. ▸

user:NAME@ORG is whoever bears the name: what a rule permits to one who has left or is called otherwise goes
to whoever gets that name. Nobody is refused for it, because names may be given again on purpose, and many at
once: administrators of the company whose rule it is are told, until the policy is published again or does not
name it any more.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from access.policy.compiled import Policy
from access.policy.named_people import NamedPerson
from access.policy.vocabulary import Document
from access.records.alarms import LONGEST_SUBJECT, AlarmKind


class NamePorts(Protocol):
    """What looking needs of the world. Any of it may raise Unavailable."""

    def policy(self) -> Policy | None:
        """The policy in force; None before the first, and where this version cannot read it."""

    def reused(self, document: Document, now: float) -> Sequence[NamedPerson]:
        """Whom it names whose bearer has lost the name since the publication, and that somebody has now."""

    def have_alarms(
        self, kind: AlarmKind, notes: Mapping[str, str], whose: Mapping[str, str], now: float
    ) -> None:
        """Have an alarm of a kind about each, by what it is called, with its note, and about nothing else."""


def look(ports: NamePorts, now: float) -> None:
    """Raise or clear the alarms."""
    policy = ports.policy()
    if policy is None:
        return
    found = {_subject(each): each for each in ports.reused(policy.document, now)}
    whose = {subject: each.organization for subject, each in found.items()}
    ports.have_alarms(AlarmKind.NAME_REUSED, dict.fromkeys(found, ""), whose, now)


def _subject(named: NamedPerson) -> str:
    return f"{named.name}: {named.what}"[:LONGEST_SUBJECT]
