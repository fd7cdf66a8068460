"""A pass is handed over once and a word counts once, on both databases."""

import os
from dataclasses import replace

import pytest
from sqlalchemy import select, text

from access.policy.standing import Kept, Standing, StandingKind
from access.proof.factors import Purpose
from access.proof.helping import PASS_S, Pass, Scope
from access.proof.identity_event import IdentityEvent, What
from access.proof.two_administrators import Act, AskedAct
from access.records.guarding import Guarded
from access.store import codes, people
from access.store.desk_acts import StoredDeskActs
from access.store.guarded import GuardedRows
from access.store.opening_desk import StoredOpenings
from access.store.tables import vouches
from access.store.tidying import HELP_KEPT_S, tidy
from otp import bypass, registration
from tests.access.residents import KEYRING, NOW, Dice, settle_in


class Office:
    """Four people of one company, and the ports of the pages."""

    def __init__(self, database):
        self.database = database
        self.ids = [settle_in(database, f"person{number}") for number in range(4)]
        self.ports = StoredDeskActs(database, KEYRING, Dice(5), "web", None, None, {})

    def user(self, number):
        with self.database.read() as conn:
            return people.user_by_id(conn, self.ids[number])

    def event(self, what, number=0, at=NOW):
        return IdentityEvent(what, at, self.ids[number], None, "hangang", {"by": "desk"})

    def asked(self, scope=Scope.BYPASS, needs_second=False, at=NOW):
        new = Pass(self.ids[0], scope, bypass.Limits(), self.ids[1], "desk", at, needs_second, self.ids[2])
        return self.ports.add_pass(new, self.event(What.PASS_ASKED, at=at))

    def issued(self, given, at=NOW):
        random, key = self.ports.random, self.ports.code_key()
        if given.scope is Scope.BYPASS:
            _, made = bypass.issue(random, key, given.limits, at)
        else:
            _, made = registration.invite(random, key, at)
        return self.ports.issue_pass(given, made, self.event(What.BYPASS_ISSUED, at=at))

    def vouched(self, voucher, at=NOW):
        events = (self.event(What.VOUCHED, 0, at), self.event(What.VOUCH_GIVEN, voucher, at))
        return self.ports.add_vouch(self.user(voucher), self.user(0), at - 7 * 86400, events)

    def spent(self, at=NOW):
        return self.ports.spend_vouches(self.ids[0], at - 3600, 2, at)


@pytest.fixture
def office(database):
    return Office(database)


@pytest.mark.parametrize("scope", list(Scope))
def test_a_pass_is_issued_once(office, scope):
    given = office.asked(scope)

    assert [office.issued(given), office.issued(given)] == [True, False]
    with office.database.read() as conn:
        if scope is Scope.BYPASS:
            assert [each.purpose for each in codes.issued_of(conn, office.ids[0])] == [Purpose.BYPASS]
        else:
            assert codes.invitation_of(conn, office.ids[0]) is not None


def test_not_after_an_hour_and_not_once_another_was_asked_for(office):
    late = office.asked()
    assert not office.issued(late, NOW + PASS_S)

    older = office.asked(at=NOW + PASS_S)
    newer = office.asked(at=NOW + PASS_S)
    assert [office.issued(older, NOW + PASS_S), office.issued(newer, NOW + PASS_S)] == [False, True]


def test_of_two_who_agree_at_once_one_has(office):
    given = office.asked(needs_second=True)
    assert office.ports.passes_to_hand_over(office.ids[2], NOW) == []

    def agrees(number):
        agreed = Pass(
            **{name: getattr(given, name) for name in Pass.__slots__} | {"second_id": office.ids[number]}
        )
        return office.ports.agree_to_pass(agreed, office.event(What.PASS_AGREED))

    assert [agrees(2), agrees(3)] == [True, False]
    ((waiting, user),) = office.ports.passes_to_hand_over(office.ids[2], NOW)
    assert (waiting.id, user.id, waiting.second_id) == (given.id, office.ids[0], office.ids[2])


def test_two_words_are_spent_together_and_once(office):
    assert office.vouched(1)
    assert not office.spent()
    assert office.ports.vouchers_of(office.ids[0], NOW - 3600) == 1, "a word that was not enough is not spent"
    assert office.vouched(2)

    assert [office.spent(), office.spent()] == [True, False]


def test_a_voucher_gives_one_word_a_week(office):
    assert [office.vouched(1), office.vouched(1), office.vouched(1, NOW + 7 * 86400)] == [True, False, True]

    with office.database.read() as conn:
        assert len(conn.execute(select(vouches.c.id)).all()) == 2


def test_what_officegate_writes_down_of_help_is_no_edit_by_somebody_else(office):
    guard = GuardedRows(office.database, KEYRING, os.urandom, "enforce")

    def nothing_found():
        # What was told of a row long ago explains no change of now: two looks forget it.
        return [guard.look(NOW), guard.look(NOW), guard.look(NOW)] == [[], [], []]

    assert nothing_found()
    given = office.asked(needs_second=True)
    assert nothing_found()
    agreed = replace(given, second_id=office.ids[3], second_by="other")
    assert office.ports.agree_to_pass(agreed, office.event(What.PASS_ASKED))
    assert nothing_found()
    newer = office.asked(at=NOW + 1)
    assert nothing_found()
    assert office.issued(newer, at=NOW + 2)
    assert nothing_found()
    asked = AskedAct(office.ids[0], Act.UNLOCK, office.ids[1], "desk", NOW)
    office.ports.add_act(asked, office.event(What.ACT_ASKED))
    assert nothing_found()
    made = office.ports.add_act(asked, office.event(What.ACT_ASKED))
    assert nothing_found()
    assert office.ports.close_act(made.id, "boss", NOW)
    assert nothing_found()
    assert office.vouched(1)
    assert office.vouched(2)
    assert nothing_found()
    assert office.spent()
    assert nothing_found()
    openings = StoredOpenings(office.database, KEYRING, Dice(6), "web", {})
    openings.make_codes("seoul-hq", 2, "root", NOW)
    assert nothing_found()
    printed = openings.make_codes("seoul-hq", 2, "root", NOW)
    assert nothing_found()
    spent = [openings.sealed_code(code) for _, code in printed]
    kept = Kept(Standing(0, StandingKind.OPENING, (), opening="seoul-hq"))
    assert openings.open_or_ask(kept, [each for each in spent if each is not None], NOW) is not None
    assert nothing_found()

    tidy(office.database, NOW + 2 * HELP_KEPT_S)
    assert nothing_found()
    with office.database.write() as conn:
        conn.execute(text("UPDATE sealed_codes SET spent_at = NULL"))
    guard.look(NOW + 100)
    assert {edit.guarded for edit in guard.look(NOW + 120)} == {Guarded.SEALED_CODES}
