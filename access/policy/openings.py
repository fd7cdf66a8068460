"""Sealed openings: what a document prepares for the day on which nobody can be proven, and whom it lets in.

    openings:
      seoul-hq: {organization: hangang, site: seoul, permit: [login:wireless, network:intranet], longest: 4h}

While one is open, a login at that site whose password nobody can check is a login by the method office-open.
For it no permit of the document speaks, so nothing is reached that the opening does not name.
"""

from access.model import Facts, Subject
from access.policy import scalars
from access.policy.beside import is_opening
from access.policy.compiled import Policy
from access.policy.conditions import Truth
from access.policy.gifts import read_gives
from access.policy.reading import Keys, Reader
from access.policy.rules import Names, organization_of
from access.policy.tree import Node
from access.policy.vocabulary import Opening, Rule
from access.policy.weighing import weigh
from access.words.document_mistakes import SectionMistake
from access.words.phrase import say
from access.words.text_mistakes import Thing

OPENING = Keys(("organization", "site", "permit"), ("who", "gives", "longest"))
LONGEST_S = 4 * 3600.0
_LOGINS = frozenset({"login:vpn", "login:wired", "login:wireless"})


def read_openings(node: Node | None, names: Names, reader: Reader) -> dict[str, Opening]:
    """The prepared openings by name. What is another company's, or too long, is a mistake."""
    found = {}
    for name, key, value in reader.named(node, "openings"):
        entries = reader.table(value, say(Thing.OPENING, name=name), OPENING)
        opening = Opening(
            name,
            reader.scalar(entries.get("organization"), scalars.name) or "",
            reader.scalar(entries.get("site"), scalars.place) or "",
            reader.values(entries.get("permit"), names.object),
            reader.values(entries.get("who"), scalars.subject),
            read_gives(entries.get("gives"), reader),
            reader.scalar(entries.get("longest"), scalars.duration) or LONGEST_S,
            key.line,
        )
        _check(opening, names, reader)
        found[name] = opening
    return found


def _check(opening: Opening, names: Names, reader: Reader) -> None:
    if opening.longest_s > LONGEST_S:
        reader.problem(opening.line, SectionMistake.OPEN_TOO_LONG, name=opening.name)
    for object in opening.objects:
        theirs = names.owners.get(object, opening.organization) != opening.organization
        if theirs or (object.startswith("login:") and object not in _LOGINS):
            about = {"organization": opening.organization, "logins": ", ".join(sorted(_LOGINS))}
            reader.problem(
                opening.line, SectionMistake.CANNOT_OPEN, name=opening.name, object=object, **about
            )
    for who in opening.who:
        if organization_of(who) != opening.organization:
            about = {"who": who, "organization": opening.organization}
            reader.problem(opening.line, SectionMistake.CANNOT_LET_IN, name=opening.name, **about)


def opening_for(policy: Policy | None, subject: Subject, facts: Facts, now: float) -> Rule | None:
    """The opening in force that lets somebody in through a door at a site; None: there is none."""
    if policy is None:
        return None
    asked = policy.beside.about(subject, facts, f"login:{facts.via}")
    return next(
        (rule for rule in asked if is_opening(rule) and weigh(rule, facts, now).truth is Truth.HOLDS), None
    )
