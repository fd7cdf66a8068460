"""What breaks the rules gets no answer, and is counted."""

import random

import pytest

from tests.radius.fuzz import CARELESS, bombard
from tests.radius.malformed import BOTH, OURS
from tests.radius.office import Asker, Office

UNREAD = {"accounting where logins are answered", "a reply"}
UNSIGNED = {"EAP-Message without Message-Authenticator", "Status-Server without Message-Authenticator"}
WRONG = {"Message-Authenticator of another secret", "Status-Server with a wrong one"}


@pytest.mark.parametrize("name", [*BOTH, *OURS])
def test_a_malformed_packet_is_dropped_and_counted(name):
    # Of a NAS that need not sign, so that nothing is dropped for that alone.
    office = Office(nas=CARELESS)

    replies = office.receive((BOTH | OURS)[name])
    office.now += 10
    replies += office.expire()

    counters = office.counters
    counted = {
        name in UNREAD: counters.unexpected_codes,
        name in UNSIGNED: counters.missing_message_authenticators,
        name in WRONG: counters.bad_authenticators,
    }.get(True, counters.malformed)
    assert replies == []
    assert office.application.asked == []
    assert counted == 1


def test_thousands_of_mutated_packets_leave_the_server_answering():
    office, asker = Office(nas=CARELESS), Asker()

    bombard(random.Random(2865), office, asker, 3000)

    office.now += 60.0
    office.expire()
    [reply] = office.receive(asker.pap("correct horse"))
    assert reply.data[0] == 2
    counters = office.counters
    assert min(counters.accepts, counters.rejects, counters.malformed, counters.bad_authenticators) > 30


def test_a_malformed_packet_changes_nothing_for_the_next_one():
    office, asker = Office(nas=CARELESS), Asker()
    for data in (BOTH | OURS).values():
        office.receive(data)

    [reply] = office.receive(asker.pap("correct horse"))

    assert reply.data[0] == 2
