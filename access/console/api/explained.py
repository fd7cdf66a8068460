"""How programs are told an explanation: its fields, and what of it is in the reader's language. ◆"""

from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any

from marshmallow import Schema, fields, validate

from access.console.reaching import Reader
from access.explaining.question import Answer
from access.model import Absent, FailedCondition, Gives, Reason
from access.policy.advice import NearestPermit, Way
from access.policy.explain import Explanation, Spoken
from access.policy.facts_text import spell
from access.policy.remedies import Remedy, RemedyKind, cost_min
from access.policy.telling import render, render_failed, render_nearest, render_remedy, render_standing
from access.words.reasons import MEANINGS

FAILS, UNKNOWN, DOES_NOT_APPLY = "fails", "unknown", "does-not-apply"
_RULE = {"description": "its id; that of another company's rule is (company)"}
_TEXT = {"description": "in the reader's language"}


class SpokenSchema(Schema):
    """A rule that spoke."""

    rule = fields.String(required=True, metadata=_RULE)
    requires = fields.Boolean(required=True, metadata={"description": "a requirement that is not met"})
    reason = fields.String(
        required=True,
        metadata={"description": "what its author gave, in the reader's language; may be empty"},
    )
    standing = fields.String(
        required=True,
        metadata={"description": "of a grant or containment: until or since when, by whom, for what"},
    )


class FailedSchema(Schema):
    """A condition that stood in the way."""

    rule = fields.String(required=True, metadata=_RULE)
    condition = fields.String(required=True, metadata={"description": "its key in the document"})
    wanted = fields.String(required=True, metadata={"description": "in the words of the document"})
    seen = fields.String(required=True, metadata={"description": "in the words of the document"})
    state = fields.String(
        required=True,
        validate=validate.OneOf([FAILS, UNKNOWN, DOES_NOT_APPLY]),
        metadata={"description": "a value that does not fit, a fact nobody knows, or one there is none of"},
    )
    text = fields.String(required=True, metadata=_TEXT)


class NearestSchema(Schema):
    """The permit that it costs least to have speak, of a side that does not permit."""

    rule = fields.String(required=True, metadata=_RULE)
    about = fields.Boolean(
        required=True, metadata={"description": "whether it names them, so that conditions alone lack"}
    )
    lacks = fields.List(fields.String(), required=True, metadata={"description": "keys of conditions"})
    text = fields.String(required=True, metadata=_TEXT)


class RemedySchema(Schema):
    """One thing to do."""

    code = fields.String(required=True, validate=validate.OneOf([kind.name for kind in RemedyKind]))
    arguments = fields.List(
        fields.String(), required=True, metadata={"description": "what it speaks of: groups, doors ..."}
    )
    at = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "until when to wait, seconds since the epoch"},
    )
    text = fields.String(required=True, metadata=_TEXT)


class WaySchema(Schema):
    """What has to be done together."""

    minutes = fields.Float(required=True, metadata={"description": "about how long it takes"})
    remedies = fields.List(fields.Nested(RemedySchema), required=True)


class NeedSchema(Schema):
    """What has to be met, in one of some ways."""

    ways = fields.List(fields.Nested(WaySchema), required=True, metadata={"description": "cheapest first"})


class ExplanationSchema(Schema):
    """The decision about one object, and why."""

    object = fields.String(required=True, metadata={"description": "login:DOOR, network:NAME or vdi:NAME"})
    permitted = fields.Boolean(required=True)
    reason = fields.String(required=True, validate=validate.OneOf([each.value for each in Reason]))
    title = fields.String(required=True, metadata={"description": "the reason, in the reader's language"})
    advice = fields.String(
        required=True, metadata={"description": "what an administrator can do about that reason"}
    )
    valid_until = fields.Float(
        required=True,
        allow_none=True,
        metadata={"description": "when to ask again at the latest, seconds since the epoch"},
    )
    zone = fields.String(required=True, metadata={"description": "empty where it is in none"})
    gives = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "what the login carries: vlan, role ..."},
    )
    permits = fields.List(fields.Nested(SpokenSchema), required=True)
    forbids = fields.List(fields.Nested(SpokenSchema), required=True)
    failed = fields.List(fields.Nested(FailedSchema), required=True)
    missed = fields.List(
        fields.String(), required=True, metadata={"description": "conditions whose fact nobody knows"}
    )
    nearest = fields.List(fields.Nested(NearestSchema), required=True)
    needs = fields.List(
        fields.Nested(NeedSchema), required=True, metadata={"description": "all of them have to be met"}
    )
    cheapest = fields.List(
        fields.Nested(RemedySchema),
        required=True,
        metadata={"description": "the cheapest way of each need, to be done together"},
    )
    lines = fields.List(
        fields.String(), required=True, metadata={"description": "all of it, as the console shows it"}
    )


class DecisionsSchema(Schema):
    """The decisions about somebody, under one revision of the policy."""

    user = fields.String(required=True, metadata={"description": "name@company, or a MAC address"})
    via = fields.String(required=True)
    at = fields.Float(
        required=True, metadata={"description": "the moment that was decided, seconds since the epoch"}
    )
    revision = fields.String(
        required=True,
        metadata={"description": "empty without a policy, and for other companies than the head office"},
    )
    facts = fields.Dict(
        keys=fields.String(),
        required=True,
        metadata={"description": "what it was decided by; null: does not apply, left out: unknown"},
    )
    notes = fields.List(
        fields.String(), required=True, metadata={"description": "what is not certain of a day that is over"}
    )
    decisions = fields.List(fields.Nested(ExplanationSchema), required=True)


def told(answer: Answer, user: str, reader: Reader) -> dict[str, Any]:
    """An answer as DecisionsSchema has it, but for the revision. user: what whoever is meant is called."""
    return {
        "user": user,
        "via": str(answer.facts.via),
        "at": answer.at,
        "facts": spell(answer.facts),
        "notes": [note.to(reader.language) for note in answer.notes],
        "decisions": [_explanation(each, answer.at, reader) for each in answer.told],
    }


def _explanation(explanation: Explanation, at: float, reader: Reader) -> dict[str, Any]:
    decision, meaning = explanation.decision, MEANINGS[explanation.decision.reason]
    ways = [need[0] for need in explanation.needs]
    cheapest = dict.fromkeys(remedy for way in ways for remedy in way)
    return {
        "object": explanation.request.object,
        "permitted": decision.permitted,
        "reason": decision.reason.value,
        "title": meaning.title.to(reader.language),
        "advice": meaning.administrator.to(reader.language),
        "valid_until": decision.valid_until,
        "zone": decision.zone,
        "gives": _given(decision.gives),
        **_rules(explanation, reader),
        "failed": [_failed(each, explanation, reader) for each in explanation.failed],
        "missed": list(dict.fromkeys(each.condition for each in explanation.failed if each.unknown)),
        "nearest": [_nearest(each, explanation, reader) for each in explanation.nearest_told],
        "needs": [{"ways": [_way(way, at, reader) for way in need]} for need in explanation.needs],
        "cheapest": [_remedy(remedy, reader) for remedy in cheapest],
        "lines": render(explanation, reader.language, reader.zone),
    }


def _given(gives: Gives) -> Mapping[str, Any]:
    values = {each.name: getattr(gives, each.name) for each in fields_of(Gives)}
    return {name: _plain(value) for name, value in values.items() if value not in (None, ())}


def _plain(value: object) -> Any:
    if isinstance(value, tuple):
        return [str(each) for each in value]
    return value if isinstance(value, int) else str(value)


def _rules(explanation: Explanation, reader: Reader) -> dict[str, list[dict[str, Any]]]:
    permits = set(explanation.decision.permits)
    spoke = [(each.rule in permits, _spoken(each, explanation, reader)) for each in explanation.spoke]
    return {
        "permits": [rule for permits, rule in spoke if permits],
        "forbids": [rule for permits, rule in spoke if not permits],
    }


def _spoken(spoken: Spoken, explanation: Explanation, reader: Reader) -> dict[str, Any]:
    standing = spoken.standing
    return {
        "rule": explanation.called(spoken.rule),
        "requires": spoken.requires,
        "reason": spoken.reason.to(reader.language) if spoken.reason else "",
        "standing": render_standing(standing, reader.language, reader.zone) if standing else "",
    }


def _failed(failed: FailedCondition, explanation: Explanation, reader: Reader) -> dict[str, Any]:
    called = explanation.called(failed.rule)
    absent = failed.seen == Absent.DOES_NOT_APPLY.value
    return {
        "rule": called,
        "condition": failed.condition,
        "wanted": failed.wanted,
        "seen": failed.seen,
        "state": UNKNOWN if failed.unknown else DOES_NOT_APPLY if absent else FAILS,
        "text": render_failed(failed, called, reader.language, reader.zone),
    }


def _nearest(permit: NearestPermit, explanation: Explanation, reader: Reader) -> dict[str, Any]:
    called = explanation.called(permit.rule)
    return {
        "rule": called,
        "about": permit.about,
        "lacks": list(permit.conditions),
        "text": render_nearest(permit, called, reader.language),
    }


def _way(way: Way, at: float, reader: Reader) -> dict[str, Any]:
    return {"minutes": cost_min(way, at), "remedies": [_remedy(each, reader) for each in way]}


def _remedy(remedy: Remedy, reader: Reader) -> dict[str, Any]:
    return {
        "code": remedy.kind.name,
        "arguments": list(remedy.arguments),
        "at": remedy.at,
        "text": render_remedy(remedy, reader.language, reader.zone),
    }
