"""One-time codes, checked for other applications. ◆"""

from typing import Any

from marshmallow import RAISE, Schema, fields, validate

from access.console.api.bodies import REFUSALS, Blueprint
from access.console.current import contained, gate, now, program, source
from access.console.limits import FOR_PROGRAMS, limiter
from access.console.roles import for_programs
from access.keys.api_key import Scope
from access.proof.code_check import Application, AskedCode, check_code

LONGEST = 200


class AskedSchema(Schema):
    """A code to check."""

    class Meta:
        """What is not known is refused: a misspelt field must not pass for one that was left out."""

        unknown = RAISE

    user = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"description": "name@company, name@realm, or a name of the key's company"},
    )
    code = fields.String(
        required=True, validate=validate.Length(1, LONGEST), metadata={"description": "as it was typed"}
    )
    password = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Length(max=1000),
        metadata={
            "description": "the company password, where this application has not checked it by itself; the "
            "code is spent only together with a right one"
        },
    )


class AnswerSchema(Schema):
    """What became of it."""

    accepted = fields.Boolean(
        required=True, metadata={"description": "true once: the code is spent with this answer"}
    )
    user = fields.String(
        required=True, metadata={"description": "name@company, empty where it was not accepted"}
    )
    kind = fields.String(
        required=True, metadata={"description": "what the code was of: totp, hotp, recovery, bypass ..."}
    )
    case = fields.String(
        required=True, metadata={"description": "the case code of a refusal, for the helpdesk"}
    )
    retry_after_s = fields.Float(
        required=True, metadata={"description": "how long no code is looked at, after too many wrong ones"}
    )


ANSWERS = {**REFUSALS, "503": {"description": "The database is away: nothing was spent"}}
codes = Blueprint("codes", __name__, url_prefix="/api/v1/otp", description="One-time codes")


@codes.route("/verify", methods=["POST"])  # type: ignore[untyped-decorator]
@codes.arguments(AskedSchema)  # type: ignore[untyped-decorator]
@codes.response(200, AnswerSchema)  # type: ignore[untyped-decorator]
@codes.doc(security=[{"key": []}], responses=ANSWERS)  # type: ignore[untyped-decorator]
@for_programs(Scope.OTP_VERIFY)
@limiter.limit(FOR_PROGRAMS)
def verify(asked: dict[str, Any]) -> dict[str, Any]:
    """Check a one-time code and spend it: by the rules of every login, whoever asks."""
    key = program()
    application = Application(key.name, key.organization, source())
    asked_code = AskedCode(**_named(asked))
    answer = check_code(
        gate().identity, application, asked_code, now(), lambda user: contained(user) is not None
    )
    return {
        "accepted": answer.accepted,
        "user": answer.user,
        "kind": answer.kind,
        "case": answer.case,
        "retry_after_s": answer.retry_after_s,
    }


def _named(asked: dict[str, Any]) -> dict[str, Any]:
    return {"login": asked["user"], "code": asked["code"], "password": asked["password"]}
