"""Whatever the library that reads requests may say of ours has Korean."""

import re
from collections.abc import Iterator

import pytest
from marshmallow import Schema, fields, validate

from access.console.api.codes import AskedSchema
from access.console.api.explain import QuestionSchema
from access.words.request_mistakes import in_language

# Of values that are written, not read; and what no bound of ours makes.
UNSAID = {'"{input}" cannot be formatted as a {obj_type}.'}
KOREAN = re.compile("[가-힣]")
FILLED = {"obj_type": "datetime", "awareness": "aware", "input": "x"}


def sentences(schema: Schema) -> Iterator[str]:
    yield from schema.error_messages.values()
    for field in schema.fields.values():
        yield from (each.format(**FILLED) for each in field.error_messages.values() if each not in UNSAID)
        yield from (said for check in field.validators for said in of_bounds(check))


def of_bounds(check: object) -> Iterator[str]:
    if isinstance(check, validate.OneOf):
        yield check.error.format(choices=check.choices_text)
    elif isinstance(check, validate.Length | validate.Range):
        both = check.min is not None and check.max is not None
        said = check.message_all if both else check.message_min if check.max is None else check.message_max
        yield said.format(min=check.min, max=check.max)


@pytest.mark.parametrize("schema", [QuestionSchema(), AskedSchema()])
def test_whatever_may_be_wrong_with_a_request_is_told_in_korean(schema: Schema):
    said = {*sentences(schema), "Invalid JSON body."}

    assert len(said) > 8
    assert [each for each in said if not KOREAN.search(in_language(each, "ko"))] == []
    assert {in_language(each, "en") for each in said} == said


def test_fields_keep_their_names_and_values_stay():
    mistakes = {"json": {"via": ["Must be one of: vpn, wired."], "site": ["Shorter than minimum length 1."]}}

    assert in_language(mistakes, "ko") == {
        "json": {"via": ["다음 가운데 하나여야 합니다: vpn, wired."], "site": ["1자 이상이어야 합니다."]}
    }


def test_what_is_known_to_nobody_stays_as_it_is():
    assert in_language({"json": {"at": ["Never heard of."]}}, "ko") == {"json": {"at": ["Never heard of."]}}


def test_a_check_of_ours_is_looked_at():
    class Other(Schema):
        name = fields.String(validate=validate.Length(max=3))

    assert "Longer than maximum length 3." in set(sentences(Other()))
