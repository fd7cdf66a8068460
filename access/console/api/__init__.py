"""The face for programs: /api/v1, described by OpenAPI. ◆"""

from typing import Any, cast

from flask import Flask
from flask.json.provider import DefaultJSONProvider
from flask_smorest import Api

from access.console.api import codes, explain, me
from access.console.gate import Gate
from access.console.roles import public

VERSION = "v1"


def install(app: Flask, made_over: Gate) -> None:
    """Serve the routes and /api/v1/openapi.json, which describes them."""
    app.config.update(
        API_TITLE="Officegate",
        API_VERSION=VERSION,
        OPENAPI_VERSION="3.0.3",
        API_SPEC_OPTIONS={
            "components": {
                "securitySchemes": {
                    "session": {
                        "type": "apiKey",
                        "in": "cookie",
                        "name": made_over.face.cookie_name("officegate"),
                    },
                    "key": {"type": "http", "scheme": "bearer"},
                }
            }
        },
    )
    # People read it with curl, too.
    cast(DefaultJSONProvider, app.json).ensure_ascii = False
    api = Api(app)
    for part in (me.me, codes.codes, explain.explaining):
        api.register_blueprint(part)
    spec = api.spec

    @app.get(f"/api/{VERSION}/openapi.json")
    @public
    def openapi() -> dict[str, Any]:
        """The description, made once from the routes themselves."""
        described: dict[str, Any] = spec.to_dict()
        return described
