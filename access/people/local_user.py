"""People who are in no directory: contractors, service accounts. Somebody answers for each, until an end. ▸

who       a name of the company that no directory has, an employer, a sponsor who is in a directory
how long  at most 90 days from today, and again at most 90 each time somebody approves it anew
password  made here and shown once; kept as an argon2id hash (RFC 9106)
"""

from dataclasses import dataclass, field
from typing import Protocol

from access.errors import Refused
from access.model import User
from access.people.naming import spell

DAY_S = 86400.0
MOST_DAYS = 90
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 200
# Without letters that are mistaken for others; four groups of five: 98 bits.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS, GROUP_LENGTH = 4, 5


class BadLocalUser(Refused):
    """A person cannot be added or kept as described; the message says what to change."""


@dataclass(frozen=True, slots=True)
class NewLocalUser:
    """Who is to be added. employer: the company that sends them; ends_at: seconds since the epoch."""

    name: str
    organization_id: int
    display_name: str
    mail: str
    employer: str
    sponsor: User
    ends_at: float


@dataclass(frozen=True, slots=True)
class LocalUser:
    """Who was added. sponsor: name@organization of who answers for them."""

    user_id: int
    organization_id: int
    login: str
    display_name: str
    employer: str
    sponsor: str
    ends_at: float
    approved_at: float
    approved_by: str
    ended: bool
    password_hash: str = field(default="", repr=False)


class Random(Protocol):
    """A source of unguessable octets."""

    def __call__(self, octets: int, /) -> bytes: ...


def check_new(new: NewLocalUser, now: float) -> None:
    """Look whether somebody may be added so. Raises BadLocalUser."""
    if spell(new.name) != new.name:
        raise BadLocalUser(f"{new.name!r} is no name: write lower case, without spaces, @, / and quotes.")
    if not new.employer.strip():
        raise BadLocalUser("Say which company sends the person: --employer.")
    check_sponsor(new.sponsor)
    check_end(new.ends_at, now)


def check_sponsor(sponsor: User) -> None:
    """Look whether somebody may answer for another. Raises BadLocalUser."""
    if sponsor.is_local:
        raise BadLocalUser(f"{sponsor.name} is in no directory, and so cannot answer for anybody.")
    if not sponsor.enabled:
        raise BadLocalUser(f"{sponsor.name} is disabled. Name somebody who works here.")


def check_end(ends_at: float, now: float) -> None:
    """Look whether an end may be set so. Raises BadLocalUser."""
    if not now < ends_at <= now + MOST_DAYS * DAY_S:
        raise BadLocalUser(
            f"An account ends 1 to {MOST_DAYS} days from today; it can be approved again then."
        )


def new_password(random: Random) -> str:
    """Return a password that nobody can guess and everybody can type."""
    # Octets that do not divide evenly are drawn again: every letter is equally likely.
    fair = len(LETTERS) * (256 // len(LETTERS))
    drawn = ""
    while len(drawn) < GROUPS * GROUP_LENGTH:
        drawn += "".join(LETTERS[octet % len(LETTERS)] for octet in random(32) if octet < fair)
    return "-".join(drawn[at : at + GROUP_LENGTH] for at in range(0, GROUPS * GROUP_LENGTH, GROUP_LENGTH))


def check_password(password: str, user: User) -> None:
    """Look whether somebody may choose a password (NIST SP 800-63B section 5.1.1.2). Raises BadLocalUser."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise BadLocalUser(f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.")
    folded = password.casefold()
    if len(set(folded)) < SHORTEST_PASSWORD // 2:
        raise BadLocalUser("A password has more different characters than that.")
    named = {user.name, user.organization, *user.display_name.split()}
    if any(len(part) > 2 and part.casefold() in folded for part in named):
        raise BadLocalUser("A password does not hold your name or that of the company.")
