"""What the person who is signed in may reach, for programs. ◆"""

from typing import Any

from marshmallow import Schema, fields

from access.console.api.bodies import Blueprint
from access.console.current import gate, now, visitor
from access.console.languages import reader
from access.console.reaching import reach_of
from access.console.roles import role
from access.explaining.standpoint import standpoint
from access.model import Role


class ReachSchema(Schema):
    """One network or pool of desktops."""

    kind = fields.String(required=True, metadata={"description": "network or vdi"})
    name = fields.String(required=True)
    permitted = fields.Boolean(required=True)
    reason = fields.String(required=True, metadata={"description": "a stable reason code"})
    valid_until = fields.Float(
        allow_none=True, metadata={"description": "when to ask again at the latest, seconds since the epoch"}
    )
    duties = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "of desktops: recorded, watermark, no-clipboard, no-file-transfer"},
    )
    explanation = fields.List(
        fields.String(), required=True, metadata={"description": "in the reader's language"}
    )


class ReachListSchema(Schema):
    """What somebody may reach, under one revision of the policy."""

    user = fields.String(required=True)
    revision = fields.String(required=True, metadata={"description": "empty where no policy is published"})
    objects = fields.List(fields.Nested(ReachSchema), required=True)


ANSWERS = {"401": {"description": "Nobody is signed in"}}
me = Blueprint("me", __name__, url_prefix="/api/v1/me", description="The person who is signed in")


@me.route("/reach", methods=["GET"])  # type: ignore[untyped-decorator]
@me.response(200, ReachListSchema)  # type: ignore[untyped-decorator]
@me.doc(security=[{"session": []}], responses=ANSWERS)  # type: ignore[untyped-decorator]
@role(Role.EMPLOYEE)
def my_reach() -> dict[str, Any]:
    """What the person may reach, and why."""
    user = visitor().user
    policy = gate().policy.current()
    here = standpoint(gate().pages.sessions_of(user.id), now(), gate().identity.factors(user.id).tokens)
    lines = reach_of(policy, user, here.facts, now(), reader())
    return {
        "user": f"{user.name}@{user.organization}",
        "revision": policy.revision if policy else "",
        "objects": [
            {
                "kind": line.kind,
                "name": line.name,
                "permitted": line.decision.permitted,
                "reason": line.decision.reason.value,
                "valid_until": line.decision.valid_until,
                "duties": list(line.decision.gives.desktop),
                "explanation": list(line.sentences),
            }
            for line in lines
        ],
    }
