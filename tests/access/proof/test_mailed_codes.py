"""A code by e-mail: who may have one, how often, and what it opens."""

import re
from dataclasses import dataclass, field, replace

import pytest

from access.errors import Unavailable
from access.model import Reason, Role
from access.proof.authentication import Refusal
from access.proof.enrolment import begin, renew_recovery
from access.proof.mailed_codes import Sent, hidden, send_code
from access.proof.network_passwords import Wanted, make
from access.proof.signin import Attempt, Due, Visitor, current, give_code, start
from access.proof.web_session import SessionState
from tests.access.console.town import ROLES, Town
from tests.access.newcomers import PASSWORD
from tests.access.residents import shown


@dataclass
class Mailbox:
    """What was sent, or a mail server that is away."""

    ready: bool = True
    away: bool = False
    letters: list[tuple[str, str, str]] = field(default_factory=list)

    def send(self, to, subject, body):
        if self.away:
            raise Unavailable("the mail server is away")
        self.letters.append((to, subject, body))

    def code(self):
        return re.search(r"\d{4}-\d{4}", self.letters[-1][2]).group()


@pytest.fixture
def town(database, tmp_path):
    built = Town(database, tmp_path)
    built.give_phones()
    built.mailbox = Mailbox()
    built.identity = replace(
        built.identity, notices=built.mailbox, mailing=frozenset({"hangang"}), role_groups=ROLES
    )
    return built


def at_the_code_page(town, name="minjun.kim@hangang"):
    """Somebody whose password was right."""
    opened = start(town.identity, Attempt(name, PASSWORD, "10.1.2.3"), town.now)
    return current(town.identity, opened.cookie, town.now)


def test_a_code_is_sent_to_the_address_of_the_directory_and_signs_in(town):
    visitor = at_the_code_page(town)

    assert send_code(town.identity, visitor, town.now) == Sent("m***@hangang.example")

    ((to, _, body),) = town.mailbox.letters
    assert to == "minjun.kim@hangang.example"
    assert "10분" in body
    opened = give_code(town.identity, visitor, town.mailbox.code(), town.now)
    assert (opened.session.state, opened.session.code_kind) == (SessionState.SIGNED_IN, "e-mail")
    assert opened.session.code_origin == "e-mail"


def signed_in(town, name):
    visitor = at_the_code_page(town, name)
    send_code(town.identity, visitor, town.now)
    opened = give_code(town.identity, visitor, town.mailbox.code(), town.now)
    return current(town.identity, opened.cookie, town.now)


def test_it_makes_nobody_an_administrator(town):
    assert signed_in(town, "boss@hangang").roles == {Role.EMPLOYEE}


def test_it_changes_nothing_of_what_somebody_signs_in_with(town):
    visitor = signed_in(town, "minjun.kim@hangang")

    refused = Refusal(Reason.CODE_MISSING)
    assert begin(town.identity, visitor, "phone", town.now) == refused
    assert renew_recovery(town.identity, visitor, town.now) == refused
    assert make(town.identity, visitor, Wanted("laptop", 30), town.now) == refused


def test_a_code_of_the_phone_after_it_opens_what_it_did_not(town):
    visitor = signed_in(town, "boss@hangang")

    opened = give_code(town.identity, visitor, shown(now=town.now), town.now)

    assert Role.ADMIN in current(town.identity, opened.cookie, town.now).roles


@pytest.mark.parametrize("name", ["anna.schmidt@namsan", "newcomer@hangang"])
def test_no_code_is_sent_where_the_company_does_not_say_so_nor_to_who_has_no_phone(town, name):
    visitor = at_the_code_page(town, name)

    assert send_code(town.identity, visitor, town.now) == Refusal(Reason.MAIL_UNAVAILABLE)
    assert town.mailbox.letters == []


def test_no_code_is_sent_to_who_is_signed_in_or_enrolling(town):
    visitor = at_the_code_page(town)

    for due in (Due.NOTHING, Due.ENROLMENT, Due.REGISTRATION):
        other = Visitor(visitor.user, visitor.session, frozenset(), due)
        assert send_code(town.identity, other, town.now) == Refusal(Reason.MAIL_UNAVAILABLE)


def test_letters_are_a_minute_apart_and_five_an_hour(town):
    visitor = at_the_code_page(town)
    answers = []
    for minute in range(0, 12):
        answers.append(send_code(town.identity, visitor, town.now + 30.0 * minute))

    assert [isinstance(answer, Sent) for answer in answers].count(True) == 5
    assert answers[1] == Refusal(Reason.CODE_THROTTLED, 30.0)
    assert answers[-1].wait_s > 3000
    assert len(town.mailbox.letters) == 5


def test_a_mail_server_that_is_away_is_said(town):
    town.mailbox.away = True

    assert send_code(town.identity, at_the_code_page(town), town.now) == Refusal(Reason.MAIL_UNAVAILABLE)


def test_the_code_stands_in_no_record(town):
    visitor = at_the_code_page(town)
    send_code(town.identity, visitor, town.now)

    records = town.gate().pages.records_of(visitor.user.id, 10)

    code = town.mailbox.code()
    assert "sign-in.code-mailed" in {record.detail["what"] for record in records}
    assert code not in str(records) and code.replace("-", "") not in str(records)


@pytest.mark.parametrize(
    ("address", "shown_as"), [("minjun.kim@hangang.example", "m***@hangang.example"), ("x@y", "x***@y")]
)
def test_an_address_is_shown_to_who_knows_it_already(address, shown_as):
    assert hidden(address) == shown_as
