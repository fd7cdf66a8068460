"""Whom an opening of the office lets in whose password or code nobody can check at the moment. ▸"""

from access.logins.login_attempts import claim_of, client_of, door_of
from access.logins.login_ports import LoginPorts
from access.logins.memory import Memory
from access.model import Absent, Facts, Method, User
from access.policy.openings import opening_for
from access.policy.subjects import subject_of
from access.proof.authentication import known_wrong
from radius.questions import CheckPassword, SpendCode


def is_open_to(memory: Memory, question: CheckPassword | SpendCode, user: User, now: float) -> bool:
    """Return whether the office is open to somebody whom nobody can prove at the moment."""
    client = client_of(memory, question.nas)
    facts = Facts(
        via=door_of(client, question.facts),
        method=Method.OFFICE_OPEN,
        site=client.site or Absent.UNKNOWN,
    )
    return not user.is_over(now) and opening_for(memory.policy, subject_of(user), facts, now) is not None


def open_to_unanswered(memory: Memory, ports: LoginPorts, question: CheckPassword, now: float) -> User | None:
    """Return who is let in although nobody has the time to ask their directory; None: nobody is.

    A directory that answers, and is only too slow for a crowd, lets in nobody unproven.
    """
    claim = claim_of(memory, client_of(memory, question.nas), question)
    user = claim.user
    if user is None or not question.password or known_wrong(ports, claim, question.password, now):
        return None
    is_open = is_open_to(memory, question, user, now)
    return user if is_open and ports.directory_is_silent(user) else None
