"""What an endpoint is to somebody: until when, and where nobody can say."""

from math import inf

import pytest

from access.nas.endpoint_standing import (
    NO_EVIDENCE,
    EndpointFacts,
    Evidence,
    Registration,
    Standing,
    endpoint_facts,
)

NOW = 1000.0
KIM, LEE = 7, 8


def laptop(owner: int | None = KIM, managed: bool = False, until: float | None = 2000.0) -> Evidence:
    return Evidence(True, Registration(5, "hangang", owner, managed, until))


@pytest.mark.parametrize(
    ("evidence", "expected"),
    [
        (laptop(), "known"),
        (laptop(owner=None), "unregistered"),
        (laptop(owner=LEE), "unregistered"),
        (laptop(owner=LEE, managed=True), "managed"),
        (laptop(managed=True, until=None), "known, managed"),
        (laptop(until=NOW), "unregistered"),
        (Evidence(True), "unregistered"),
        (Evidence(True, certified=inf), "certified"),
        (Evidence(True, certified=NOW), "unregistered"),
        (Evidence(False, certified=inf), "certified"),
        (NO_EVIDENCE, "unknown"),
    ],
)
def test_an_endpoint_is_what_the_registry_and_its_certificate_say(evidence: Evidence, expected: str):
    assert endpoint_facts(evidence, "hangang", KIM).spelt(NOW) == expected


def test_what_another_company_has_registered_or_marked_says_nothing():
    theirs = Evidence(True, Registration(5, "namsan", KIM, True, None))

    assert endpoint_facts(theirs, "hangang", KIM).spelt(NOW) == "unregistered"
    assert endpoint_facts(theirs, "", 0).spelt(NOW) == "unregistered"


def test_a_certificate_counts_where_nobody_can_say_which_endpoint_it_is():
    facts = endpoint_facts(Evidence(False, certified=inf), "hangang", KIM)

    assert facts.holds({Standing.CERTIFIED}, NOW) is True
    assert facts.holds({Standing.CERTIFIED, Standing.MANAGED}, NOW) is True
    assert facts.holds({Standing.MANAGED}, NOW) is None
    assert facts.holds({Standing.UNREGISTERED}, NOW) is False


def test_unregistered_is_what_is_nothing_else():
    assert EndpointFacts().holds({Standing.UNREGISTERED}, NOW) is True
    assert EndpointFacts(known=NOW + 1).holds({Standing.UNREGISTERED}, NOW) is False
    assert EndpointFacts(None, None).holds({Standing.UNREGISTERED}, NOW) is None


def test_it_changes_when_something_ends():
    facts = EndpointFacts(known=1500.0, managed=2000.0, certified=inf)

    assert facts.changes_after(NOW) == [1500.0, 2000.0]
    assert facts.changes_after(2000.0) == []
