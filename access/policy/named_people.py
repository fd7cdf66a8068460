"""Whom a document names one by one: what it says of a name goes to whoever has that name."""

from collections.abc import Iterator
from dataclasses import dataclass

from access.policy.parts import NOBODYS, owners_of, speakers_of
from access.policy.vocabulary import Document

USER = "user:"


@dataclass(frozen=True, slots=True, order=True)
class NamedPerson:
    """A name, name@organization, and what names it: a rule by its id, "openings: NAME", or a group.

    organization: the one whose that is, "" for the head office.
    """

    what: str
    organization: str
    name: str


def people_named(document: Document) -> Iterator[NamedPerson]:
    """Return everybody whom rules, openings and computed groups name, in the order of the document."""
    owners = owners_of(document)
    places = [(each.id, _alone(speakers_of(each, owners)), each.who) for each in document.rules]
    # A rule of another company may be called as an opening is.
    places += [(f"openings: {each.name}", each.organization, each.who) for each in document.openings.values()]
    places += [(each.name, each.name.partition("/")[0], each.terms) for each in document.groups.values()]
    for what, organization, who in places:
        named = (each.removeprefix(USER) for each in who if each.startswith(USER))
        yield from (NamedPerson(what, organization, name) for name in named)


def _alone(speakers: frozenset[str]) -> str:
    return next(iter(speakers)) if len(speakers) == 1 else NOBODYS
