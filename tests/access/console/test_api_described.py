"""What the API answers is what its description says, whatever is sent that the description allows, or not."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from access.console import LARGEST_FORM_OCTETS
from access.keys.api_key import Scope
from tests.access.console.test_api_codes import HOST, key_of
from tests.access.console.test_api_codes import URL as CODES
from tests.access.console.test_api_explain import URL

TYPES = {
    **{"string": str, "boolean": bool, "integer": int, "number": (int, float)},
    **{"array": list, "object": dict},
}
ERROR = {"status", "title", "detail"}
# What a program may send that no description allows.
ODD = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=9))
# Values that there are, so that not every question is about nobody and nothing.
REAL = {
    "user": ["minjun.kim", "seoyeon.lee@hangang", "rival@namsan", "00-00-5e-00-53-01", "nobody"],
    "object": ["all", "network:payroll", "vdi:dev-desktops", "login:wired", "network:namsan-lab"],
    "at": ["2020-01-01T00:00:00Z", "2027-01-15T10:00:00+09:00", "2199-12-31T23:59:59+14:00"],
    "nas_organization": ["hangang", "namsan", "nowhere"],
    "source": ["203.0.113.7", "2001:db8::1"],
    "endpoint": ["00-00-5e-00-53-01", "0000.5e00.5302"],
}


@pytest.fixture
def described(pages):
    return pages.test_client().get("/api/v1/openapi.json", base_url=HOST).json


def resolved(schema, described):
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def breaches(value, schema, described, place="answer"):
    """Where a value is not as a schema says."""
    schema = resolved(schema, described)
    if value is None:
        return [] if schema.get("nullable") else [f"{place} is null"]
    kind = schema.get("type")
    if kind and (not isinstance(value, TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
        return [f"{place} is {value!r}, no {kind}"]
    found = [f"{place} is {value!r}"] if value not in schema.get("enum", [value]) else []
    if kind == "array":
        for number, each in enumerate(value):
            found += breaches(each, schema["items"], described, f"{place}[{number}]")
    if isinstance(value, Mapping) and "properties" in schema:
        known = schema["properties"]
        found += [f"{place} lacks {name}" for name in schema.get("required", ()) if name not in value]
        found += [f"{place} has {name}" for name in value.keys() - known.keys()]
        for name in value.keys() & known.keys():
            found += breaches(value[name], known[name], described, f"{place}.{name}")
    return found


def allowed(name, schema):
    """Values that the description allows for a field."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if name in REAL:
        return st.sampled_from(REAL[name])
    if schema["type"] == "string":
        return st.text(min_size=schema.get("minLength", 0), max_size=20)
    least, most = schema.get("minimum", 0), schema.get("maximum", 1000)
    return st.integers(int(least), int(most))


def bodies(described, odd):
    """Bodies of a request as the description allows them; odd: with one field that may be anything."""
    path = described["paths"][URL]["post"]
    schema = resolved(path["requestBody"]["content"]["application/json"]["schema"], described)
    fields = {name: allowed(name, each) for name, each in schema["properties"].items()}
    required = set(schema["required"])
    right = st.fixed_dictionaries(
        {name: each for name, each in fields.items() if name in required},
        optional={name: each for name, each in fields.items() if name not in required},
    )
    if not odd:
        return right
    wrong = st.dictionaries(st.sampled_from([*fields, "misspelt"]), ODD, min_size=1, max_size=2)
    return st.tuples(right, wrong).map(lambda both: both[0] | both[1])


@pytest.mark.parametrize(("odd", "company"), [(False, "hangang"), (False, "namsan"), (True, "hangang")])
def test_every_answer_is_as_the_description_says(town, pages, described, odd, company):
    town.publish()
    key = key_of(town, company, frozenset({Scope.EXPLAIN}), "watch")
    client, path = pages.test_client(), described["paths"][URL]["post"]

    @settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(bodies(described, odd))
    @example({"user": "anna.schmidt" if company == "namsan" else "minjun.kim", "via": "vpn", "object": "all"})
    @example({"user": "nobody", "via": "vpn"})
    @example({"via": "vpn"})
    def sends(body):
        answer = client.post(URL, json=body, headers={"Authorization": f"Bearer {key}"}, base_url=HOST)
        assert str(answer.status_code) in path["responses"], (body, answer.json)
        if answer.status_code == 200:
            schema = path["responses"]["200"]["content"]["application/json"]["schema"]
            assert breaches(answer.json, schema, described) == []
        else:
            assert ERROR <= answer.json.keys() <= ERROR | {"errors"}

    sends()


def test_the_check_finds_what_is_not_as_described(described):
    schema = {"$ref": "#/components/schemas/Decisions"}
    whole = {
        **{"user": "a", "via": "vpn", "at": 1.0, "revision": "", "facts": {}, "notes": []},
        "decisions": [],
    }

    assert breaches(whole, schema, described) == []
    assert breaches(whole | {"at": None}, schema, described) == ["answer.at is null"]
    assert breaches(whole | {"at": "1"}, schema, described) == ["answer.at is '1', no number"]
    assert breaches(whole | {"more": 1}, schema, described) == ["answer has more"]
    assert breaches(whole | {"notes": [1]}, schema, described) == ["answer.notes[0] is 1, no string"]
    assert "answer.decisions[0] lacks reason" in breaches(whole | {"decisions": [{}]}, schema, described)
    del whole["user"]
    assert breaches(whole, schema, described) == ["answer lacks user"]


def test_every_field_and_answer_is_described(described):
    path = described["paths"][URL]["post"]
    asked = resolved(path["requestBody"]["content"]["application/json"]["schema"], described)

    assert all(each.get("description") for each in asked["properties"].values())
    assert path["security"] == [{"key": []}]
    assert set(path["responses"]) >= {"200", "400", "401", "403", "404", "413", "422", "429", "503"}
    assert "Accept-Language" in path["responses"]["422"]["description"]
    assert path["responses"]["422"] == described["paths"][CODES]["post"]["responses"]["422"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ("{", "application/json", 400),
        (r'{"user": "\ud800"}', "application/json", 400),
        ("[" * 100_000, "application/json", 400),
        (" " * (LARGEST_FORM_OCTETS + 1), "application/json", 413),
        ("{}", "text/plain", 422),
        ("[]", "application/json", 422),
    ],
)
@pytest.mark.parametrize("route", [URL, CODES])
def test_a_body_that_cannot_be_read_is_refused_as_described(
    town, pages, described, route, body, content_type, status
):
    key = key_of(town, scopes=frozenset({Scope.EXPLAIN, Scope.OTP_VERIFY}))
    headers = {"Authorization": f"Bearer {key}"}

    answer = pages.test_client().post(
        route, data=body, content_type=content_type, headers=headers, base_url=HOST
    )

    assert (answer.status_code, answer.json["status"]) == (status, status)
    assert str(status) in described["paths"][route]["post"]["responses"]
