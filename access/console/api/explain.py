"""Why somebody may or may not, for the programs of administrators. ◆"""

from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NoReturn

from flask import abort, make_response
from flask_babel import gettext as _
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from access.console import errors
from access.console.admin.scope import is_head_office
from access.console.api.bodies import REFUSALS, Blueprint
from access.console.api.explained import DecisionsSchema, told
from access.console.current import gate, now, program
from access.console.languages import language, reader
from access.console.roles import for_programs
from access.errors import Refused
from access.explaining.question import NoSuchObject, Question, answer
from access.explaining.supposed import MOST_SESSIONS, Supposed
from access.keys.api_key import ApiKey, Scope
from access.logins.risk import Level
from access.model import Certified, Medium, Method, Subject, User, Via
from access.nas.registry import BadEndpoint, mac_octets, read_mac
from access.people.naming import resolve_login
from access.proof.factors import Factor, Origin
from access.records.looking import Look

LONGEST = 200
# Nobody has had a policy before, and no rule that waits for a moment waits so long.
FIRST, LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
PAGE = "explain"


def _a_mac(text: str) -> None:
    try:
        read_mac(text)
    except BadEndpoint as wrong:
        raise ValidationError(wrong.to(language())) from None


def _word(kind: Iterable[StrEnum], told_of: str, required: bool = False) -> fields.String:
    values = [each.value for each in kind if each.value]
    return fields.String(
        required=required, validate=validate.OneOf(values), metadata={"description": told_of}
    )


def _name(told_of: str) -> fields.String:
    return fields.String(validate=validate.Length(1, LONGEST), metadata={"description": told_of})


class QuestionSchema(Schema):
    """Whom and what to explain. What is left out is as in their live session, as it is known, or unknown."""

    class Meta:
        """What is not known is refused: a misspelt field must not pass for one that was left out."""

        unknown = RAISE

    user = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={
            "description": "name@company, name@realm, a name of the key's company, or the MAC address of an "
            "endpoint that is registered to it"
        },
    )
    via = _word(Via, "the door they come through", required=True)
    object = _name("network:NAME or vdi:NAME, or all for the login and everything; otherwise the login")
    at = fields.AwareDateTime(
        validate=validate.Range(FIRST, LAST),
        metadata={"description": "another moment than now, with its offset"},
    )
    method = _word(Method, "how they log in; otherwise what is usual at that door")
    certificate = _word(Certified, "what certificate proves who they are")
    code_age_s = fields.Float(
        validate=validate.Range(0, 1e9),
        metadata={"description": "how long ago they proved a code; otherwise the last one they proved"},
    )
    factor = _word(Factor, "what made that code")
    assurance = _word(Origin, "how they came by what made it")
    site = _name("the site of the NAS")
    nas_group = _name("the group of the NAS")
    nas_organization = _name("the company whose the NAS is; otherwise their own")
    ssid = _name("the Wi-Fi they have joined")
    medium = _word(Medium, "what the NAS says leads to them")
    source = fields.IP(metadata={"description": "the address they come from; the country follows from it"})
    endpoint = fields.String(
        validate=[validate.Length(12, 40), _a_mac],
        metadata={"description": "the MAC address of what they use"},
    )
    sessions = fields.Integer(
        strict=True,
        validate=validate.Range(0, MOST_SESSIONS),
        metadata={"description": "on how many other endpoints they have sessions; otherwise as now"},
    )
    risk = _word(Level, "how risky the login is")


ANSWERS = {
    **REFUSALS,
    "404": {
        "description": "The company of the key has nobody of that name and no such endpoint, or the policy "
        "that answers has nothing of that name that may be spoken of to them"
    },
    "503": {"description": "The database is away"},
}
explaining = Blueprint("explain", __name__, url_prefix="/api/v1/policy", description="The policy")


@explaining.route("/explain", methods=["POST"])  # type: ignore[untyped-decorator]
@explaining.arguments(QuestionSchema)  # type: ignore[untyped-decorator]
@explaining.response(200, DecisionsSchema)  # type: ignore[untyped-decorator]
@explaining.doc(security=[{"key": []}], responses=ANSWERS)  # type: ignore[untyped-decorator]
@for_programs(Scope.EXPLAIN)
def explain(asked: dict[str, Any]) -> dict[str, Any]:
    """Why somebody of the key's company may have something or not, and what would help.

    Texts are in the language that Accept-Language asks for, Korean or English.
    """
    key, moment = program(), asked["at"].timestamp() if "at" in asked else None
    whom, called = _whom(key, asked["user"], now() if moment is None else moment)
    question = Question(
        whom, Via(asked["via"]), asked.get("object", ""), moment, _supposed(asked), last_code=True
    )
    try:
        found = answer(gate().questions, question, now())
        return {
            **told(found, called, reader()),
            # That of the whole document, in which others than the head office have a part alone.
            "revision": found.revision if is_head_office(key.organization) else "",
        }
    except NoSuchObject as refused:
        _not_there(refused.to(language()), _("There are: %(names)s.", names=", ".join(refused.known)))
    except Refused as refused:
        _not_there(refused.to(language()), _("Ask about another moment."))


def _whom(key: ApiKey, text: str, moment: float) -> tuple[User | Subject, str]:
    """Who is meant and what they are called; of another company nobody is, as if there were nobody."""
    if mac_octets(text) is not None:
        return _endpoint(key, text, moment)
    known = gate().pages.organizations()
    own = next(each for each in known if each.id == key.organization_id)
    meant = resolve_login(known, text, own)
    if meant is None or meant.organization.id != own.id:
        _nobody()
    user = gate().pages.person_named(own.id, meant.name)
    if user is None:
        _nobody()
    _looked_at(key, user.id)
    return user, f"{user.name}@{user.organization}"


def _endpoint(key: ApiKey, text: str, moment: float) -> tuple[Subject, str]:
    try:
        mac = read_mac(text)
    except BadEndpoint:
        _nobody()
    found = gate().questions.registration(mac)
    if found is None or found.organization != key.organization:
        _nobody()
    _looked_at(key, None, mac)
    if found.until is not None and found.until <= moment:
        _not_there(
            _("The registration of this endpoint has ended."), _("It is refused. Extend it in the console.")
        )
    return Subject(0, key.organization, mac), mac


def _looked_at(key: ApiKey, user_id: int | None, text: str = "") -> None:
    """Tell the audit, and the person, which application asked about them."""
    look = Look(f"{key.name} (API)", PAGE, key.organization_id, user_id, text)
    gate().pages.note_look(look, now())


def _supposed(asked: dict[str, Any]) -> Supposed:
    host = asked.get("nas_organization", "")
    if host and host not in {each.key for each in gate().pages.organizations()}:
        _not_there(_("There is no such company."), _("Write its key, as in the policy."))
    return Supposed(
        method=Method(asked["method"]) if "method" in asked else None,
        certificate=Certified(asked["certificate"]) if "certificate" in asked else None,
        code_age_s=asked.get("code_age_s"),
        factor=Factor(asked["factor"]) if "factor" in asked else None,
        assurance=Origin(asked["assurance"]) if "assurance" in asked else None,
        site=asked.get("site", ""),
        nas_group=asked.get("nas_group", ""),
        host=host,
        ssid=asked.get("ssid", ""),
        medium=Medium(asked["medium"]) if "medium" in asked else None,
        source=asked.get("source"),
        mac=read_mac(asked["endpoint"]) if "endpoint" in asked else "",
        sessions=asked.get("sessions"),
        risk=Level(asked["risk"]) if "risk" in asked else None,
    )


def _nobody() -> NoReturn:
    _not_there(
        _("There is nobody of that name"),
        _("Write a person of the company of your key, as name@company, or a registered MAC address."),
    )


def _not_there(title: str, advice: str) -> NoReturn:
    abort(make_response(errors.page(404, title, advice)))
