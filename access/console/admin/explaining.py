"""Explaining a decision about somebody: as it is now, will be, and was on a day that is over. ◆"""

from dataclasses import replace

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
from access.console.roles import role
from access.console.rooms import DESK
from access.errors import Refused
from access.explaining.question import NoSuchObject, Question, answer
from access.model import Bilingual, User, Via
from access.policy.subjects import subject_of
from access.policy.telling import render
from access.policy.visible import visible_objects

pages = Blueprint("explaining", __name__)
_NOT_THEN = Bilingual(
    ko="그날의 정책에는 이 사람에게 해당하는 {0}이(가) 없었습니다.",
    en="The policy of that day had no {0}, or nothing of it for this person.",
)


@pages.get("/users/<int:user_id>/explain")
@role(*DESK)
def explained(user_id: int) -> ResponseReturnValue:
    """The decision about one thing for one person, with every rule that spoke and what would help."""
    user = person_or_404(user_id)
    looked_at("explain", user_id)
    via = Via(request.args["via"]) if request.args.get("via") in set(Via) else Via.VPN
    wanted = request.args.get("object", "") or f"login:{via}"
    asked = Explained(via, wanted, tuple(visible_objects(gate().policy.current(), subject_of(user))))
    try:
        return people.page(user, _answered(asked, user))
    except NoSuchObject:
        if wanted not in asked.objects:
            abort(404)
        wrong = _NOT_THEN.to(language()).format(wanted)
    except Refused as refused:
        wrong = refused.to(language())
    return people.page(user, replace(asked, wrong=wrong)), 400


def _answered(asked: Explained, user: User) -> Explained:
    """The answer to what the form asks. Raises Refused."""
    question = Question(user, asked.via, asked.wanted, _moment(), supposed(user))
    told = answer(gate().questions, question, now())
    return replace(
        asked,
        objects=tuple(dict.fromkeys((*asked.objects, *told.objects))),
        told=told.told[0],
        lines=tuple(render(told.told[0], language(), gate().face.time_zone)),
        notes=tuple(each.to(language()) for each in told.notes),
        revision=told.revision,
        at=told.at if request.args.get("at") else None,
    )


def _moment() -> float | None:
    """What the form asks about; None: now. Raises Refused for what is no time."""
    typed = request.args.get("at", "").strip()
    moment = moments.read(typed, gate().face.time_zone) if typed else None
    if typed and moment is None:
        raise Refused(
            "That is no time, such as 2026-11-17T14:03.", "2026-11-17T14:03과 같은 시각이 아닙니다."
        )
    return moment
