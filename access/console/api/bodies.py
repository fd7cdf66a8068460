"""What a program sends, read before any route looks at it. ◆"""

import json
from typing import Any

import flask_smorest
from flask import Request
from webargs import missing
from webargs.flaskparser import FlaskParser

# What any route for the programs of a company may answer beside what was asked for.
REFUSALS = {
    "400": {"description": "The body is no JSON"},
    "401": {"description": "The key is missing, wrong or revoked"},
    "403": {"description": "The key is not good for this"},
    "413": {"description": "The body is too large"},
    "422": {
        "description": "The request is not as described; errors says what is wrong, by field, in the "
        "language that Accept-Language asks for, Korean or English"
    },
    "429": {"description": "Too many requests"},
}


class WholeCharacters(FlaskParser):
    """Refuses as no JSON what nothing can store or answer with: half a character, a depth without end.

    RFC 8259 section 8.2 lets a receiver do so with the first, section 9 with the second.
    """

    def _raw_load_json(self, req: Request) -> Any:
        try:
            told = super()._raw_load_json(req)
            json.dumps(None if told is missing else told, ensure_ascii=False).encode()
        except (UnicodeEncodeError, RecursionError) as wrong:
            # An error about an empty text would pass for a request without a body.
            raise json.JSONDecodeError("cannot be kept", "{", 0) from wrong
        return told


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Routes of the API."""

    ARGUMENTS_PARSER = WholeCharacters()
