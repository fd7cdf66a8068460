"""Which companies a new policy would leave without anybody at the console or on network devices. ◆"""

from collections.abc import Collection, Iterator, Mapping

from sqlalchemy import Connection

from access.changes.outlook import Preview, Shut
from access.model import Subject, User
from access.policy.compiled import Policy
from access.policy.possible import could_reach, loosened
from access.policy.preview import Change
from access.policy.subjects import subject_of
from access.policy.touched import own_keys
from access.policy.vocabulary import LOGIN_PORTAL
from access.store import people, standing
from access.store import subjects as subjects_of

LOGIN_DEVICE = "login:device"


def shut_by(
    conn: Connection, new: Policy, seen: Preview, administrators: Mapping[str, Collection[int]]
) -> tuple[Shut, ...]:
    """Where somebody loses the portal or network devices and nobody who administers is left with it.

    administrators: by organization. Nothing is assumed of where people are: who might get in is left.
    """
    lost = {
        (each.line.organization, each.line.object) for each in seen.lines if each.line.change is Change.LOSES
    }
    beside = standing.beside(conn, new) or new
    found = []
    for organization, object in sorted(lost):
        if object == LOGIN_PORTAL:
            left: Iterator[Subject] = map(subject_of, _people(conn, administrators.get(organization, ())))
            concerned = bool(administrators.get(organization))
        elif object == LOGIN_DEVICE:
            left, concerned = _candidates(conn, beside, seen.at), True
        else:
            continue
        loose = loosened(beside, frozenset({object}))
        own = (each for each in left if each.organization == organization)
        if concerned and not any(could_reach(loose, each, object, seen.at) for each in own):
            found.append(Shut(organization, object))
    return tuple(found)


def _people(conn: Connection, ids: Collection[int]) -> Iterator[User]:
    return iter(people.users_by_id(conn, sorted(ids)).values())


def _candidates(conn: Connection, policy: Policy, now: float) -> Iterator[Subject]:
    """Everybody whom a rule about network devices can mean."""
    keys = own_keys(policy.by_object.get(LOGIN_DEVICE, {}), policy)
    for holder in subjects_of.counting(conn, subjects_of.with_any(conn, keys), now):
        yield holder.subject
