"""The request that is being answered: the gate it stands on, and who sent it. ◆"""

from typing import cast

from flask import current_app, g, request

from access.console.gate import Gate
from access.errors import Unavailable
from access.keys.api_key import ApiKey, read
from access.model import Organization, User
from access.policy.compiled import Policy
from access.policy.standing import Standing
from access.policy.subjects import subject_of
from access.proof.signin import Visitor, current
from access.rights.containment import containment_of
from access.rights.portal_door import PortalRefused, Whence, pass_or_refuse

EXTENSION = "officegate"
_UNSEEN = object()


def gate() -> Gate:
    """What the pages stand on."""
    return cast(Gate, current_app.extensions[EXTENSION])


def now() -> float:
    """One time for the whole request, seconds since the epoch."""
    if "now" not in g:
        g.now = gate().clock()
    return cast(float, g.now)


def cookie_name() -> str:
    """The name of the cookie that holds the session."""
    return gate().face.cookie_name("officegate")


def visitor_or_none() -> Visitor | None:
    """Who sends this request, as of this moment; None for a stranger.

    Raises PortalRefused where the policy does not let them in, or not any longer.
    """
    found = g.get("visitor", _UNSEEN)
    if found is _UNSEEN:
        found = current(gate().identity, request.cookies.get(cookie_name(), ""), now())
        if found is not None:
            pass_or_refuse(_policy(), found, whence(), now())
            # Those who are still registering, or have shown a password alone, the policy is not asked about.
            found = None if _is_cut_off(found) else found
        g.visitor = found
    return cast(Visitor | None, found)


def _is_cut_off(found: Visitor) -> bool:
    """Whether somebody is contained: as whom they act, or by whose password they came."""
    came_as = found.session.signed_in_as
    user = gate().identity.person(came_as) if came_as is not None else None
    return any(contained(each) is not None for each in (found.user, user) if each is not None)


def contained(user: User) -> Standing | None:
    """What keeps somebody off every page."""
    return containment_of(_policy(), subject_of(user), now())


def _policy() -> Policy | None:
    """The policy that this request is let in by, and whoever it is about is contained by: read once."""
    if "policy" not in g:
        g.policy = gate().policy.current()
    return cast(Policy | None, g.policy)


def visitor() -> Visitor:
    """Who sends this request. Only for routes that no stranger gets to."""
    found = visitor_or_none()
    if found is None:
        raise LookupError("a route that needs a visitor was reached by a stranger")
    return found


def organization() -> Organization | None:
    """The company of whoever sends this request; for strangers the only one there is, if there is one."""
    found = visitor_or_none_calmly()
    known = gate().pages.organizations()
    if found is not None:
        return next((one for one in known if one.key == found.user.organization), None)
    return known[0] if len(known) == 1 else None


def visitor_or_none_calmly() -> Visitor | None:
    """The visitor for a page's frame: with the database away the page of that error is still shown."""
    if g.get("database_away"):
        return None
    try:
        return visitor_or_none()
    except Unavailable:
        # Not asked again for this page: each try may wait for seconds.
        g.database_away = True
        return None
    except PortalRefused:
        # The page they asked for says so; this one is about something else.
        return None


def program_or_none() -> ApiKey | None:
    """The key of the program that sends this request; None where it shows none that stands."""
    found = g.get("program", _UNSEEN)
    if found is _UNSEEN:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        shown = read(text.strip()) if scheme.lower() == "bearer" else None
        found = gate().api_keys.known(shown, now()) if shown is not None else None
        g.program = found
    return cast(ApiKey | None, found)


def program() -> ApiKey:
    """The key of the program that sends this request. Only for routes that ask for one."""
    found = program_or_none()
    if found is None:
        raise LookupError("a route that needs a key was reached without one")
    return found


def whence() -> Whence:
    """Where the request comes from, as the policy asks for it."""
    return Whence(source(), gate().countries)


def source() -> str:
    """The address the request comes from."""
    return request.remote_addr or ""
