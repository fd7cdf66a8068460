"""Accounts with an end: from that moment on they are disabled, although their directory says nothing more."""

from dataclasses import replace

from access.directory.entries import Person
from access.directory.roster import Changes


def in_force(changes: Changes, now: float) -> Changes:
    """Return the changes as they are at now, seconds since the epoch: nobody enabled whose end has come.

    Whose end comes later is disabled then, in the tables (access.people.account_ends).
    """
    people = {uuid: _at(person, now) for uuid, person in changes.people.items()}
    return replace(changes, people=people)


def _at(person: Person, now: float) -> Person:
    over = person.expires_at is not None and person.expires_at <= now
    return replace(person, enabled=False) if over and person.enabled else person
