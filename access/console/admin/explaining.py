"""Explaining a decision about somebody: as it is now, will be, and was on a day that is over. ◆"""

from dataclasses import dataclass, replace

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from access.console import moments
from access.console.admin import people
from access.console.admin.explained import Explained
from access.console.admin.looks import looked_at
from access.console.admin.scope import person_or_404
from access.console.admin.supposed import supposed
from access.console.current import gate, now
from access.console.languages import language
from access.console.reaching import as_if, elsewhere, facts_of, visible_objects
from access.console.roles import role
from access.console.rooms import DESK
from access.errors import Refused
from access.model import Facts, Request, User, Via
from access.people.past import Before
from access.policy.compiled import Policy
from access.policy.explain import explain_user, render
from access.policy.vocabulary import LOGINS

pages = Blueprint("explaining", __name__)


@dataclass(frozen=True, slots=True)
class _Wish:
    """What was asked: the door, the moment, and whether that is over."""

    via: Via
    moment: float
    is_over: bool


@pages.get("/users/<int:user_id>/explain")
@role(*DESK)
def explained(user_id: int) -> ResponseReturnValue:
    """The decision about one thing for one person, with every rule that spoke and what would help."""
    user = person_or_404(user_id)
    looked_at("explain", user_id)
    via = Via(request.args["via"]) if request.args.get("via") in set(Via) else Via.VPN
    wanted = request.args.get("object", "") or f"login:{via}"
    policy = gate().policy.current()
    asked = Explained(via, wanted, tuple(visible_objects(policy, user)))
    try:
        wish = _wish(via)
        before = gate().policy.on_that_day(user, via, wish.moment) if wish.is_over else None
        answer = _answer(asked, user, policy if before is None else before.policy, wish, before)
    except Refused as refused:
        return people.page(user, replace(asked, wrong=refused.to(language()))), 400
    return people.page(user, answer)


def _answer(
    asked: Explained, user: User, policy: Policy | None, wish: _Wish, before: Before | None
) -> Explained:
    """The answer by a policy. before: how it was then, for a moment that is over. Raises Refused."""
    whom, at = (before.whom, before.at or wish.moment) if before is not None else (user, wish.moment)
    objects = visible_objects(policy, whom)
    if asked.wanted not in (*LOGINS, *objects):
        if asked.wanted not in asked.objects:
            abort(404)
        raise Refused(
            f"The policy of that day had no {asked.wanted}, or nothing of it for this person.",
            f"그날의 정책에는 이 사람에게 해당하는 {asked.wanted}이(가) 없었습니다.",
        )
    kept = before.facts if before is not None else None
    facts = supposed().facts(whom, kept or _facts(whom, wish))
    told = explain_user(policy, whom, Request(asked.wanted, facts), at)
    return replace(
        asked,
        objects=tuple(dict.fromkeys((*asked.objects, *objects))),
        told=told,
        lines=tuple(render(told, language(), gate().face.time_zone)),
        notes=tuple(each.to(language()) for each in before.notes) if before is not None else (),
        revision=policy.revision if policy is not None else "",
        at=at if request.args.get("at") else None,
    )


def _wish(via: Via) -> _Wish:
    """What the form asks for. Raises Refused for what is no time."""
    typed = request.args.get("at", "").strip()
    moment = moments.read(typed, gate().face.time_zone) if typed else now()
    if moment is None:
        raise Refused(
            "That is no time, such as 2026-11-17T14:03.", "2026-11-17T14:03과 같은 시각이 아닙니다."
        )
    return _Wish(via, moment, moment < now())


def _facts(user: User, wish: _Wish) -> Facts:
    """Those of the person's live session through that door; else as if they came then, with no code yet.

    Of a moment that is over or still to come no session of now says anything.
    """
    sessions = gate().pages.sessions_of(user.id) if wish.moment == now() else ()
    for session in sessions:
        if session.state == "live" and session.via == wish.via:
            return replace(facts_of(session), sessions=elsewhere(sessions, session))
    otp_at = wish.moment if request.args.get("code") == "fresh" else None
    facts = as_if(wish.via, otp_at, gate().identity.factors(user.id).tokens)
    return replace(facts, sessions=elsewhere(sessions))
