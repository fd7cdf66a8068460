import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.logins.risk import Level, Risk, Sign
from access.model import Absent, Facts, Others, Via
from access.nas.endpoint_standing import EndpointFacts
from access.policy.facts_text import BadFacts, read, spell
from tests.access.policy.generated import case

PARTLY = Facts(
    endpoint=EndpointFacts(None, 12.5, float("inf")),
    sessions=Others(((None, 2), (Via.VPN, 1))),
    risk=Risk(Level.MEDIUM, (Sign.NEW_COUNTRY,)),
)


def kept(facts: Facts) -> Facts:
    return read(json.loads(json.dumps(spell(facts))))


@given(st.integers(0, 2**32))
def test_what_was_kept_of_a_login_is_read_as_it_was(seed: int):
    facts = case(seed).facts

    assert kept(facts) == facts


def test_every_fact_is_kept():
    assert kept(PARTLY) == PARTLY
    for each in fields(Facts):
        missing = replace(PARTLY, **{each.name: Absent.DOES_NOT_APPLY})
        assert kept(missing) == missing, each.name


def test_nothing_known_is_nothing_kept():
    assert spell(Facts()) == {}


@pytest.mark.parametrize(
    "told",
    [
        {"via": "carrier pigeon"},
        {"otp_at": "soon"},
        {"source": "nowhere"},
        {"endpoint": [1]},
        {"endpoint": ["x", 0, 0]},
        {"sessions": [[None]]},
        {"sessions": 3},
        {"risk": "enormous"},
    ],
)
def test_what_is_none_of_ours_is_refused(told):
    with pytest.raises(BadFacts):
        read(told)
