from dataclasses import replace

import pytest
from sqlalchemy import select

from access.store import codes
from access.store.tables import one_time_codes
from otp import recovery, registration
from otp.registration import Redemption
from otp.token import Outcome
from tests.access.residents import NOW, Dice, changes, settle_in

KEY = b"k" * 32


def hand_out(database, user_id, key_id="first", seed=1):
    """Ten recovery codes on paper."""
    printed, held = recovery.issue(Dice(seed), KEY)
    with database.write() as conn:
        codes.replace_recovery(conn, user_id, held, key_id, NOW)
    return printed


def invite(database, user_id, seed=1):
    code, invitation = registration.invite(Dice(seed), KEY, NOW)
    with database.write() as conn:
        codes.replace_invitation(conn, user_id, invitation, ("first", ""), NOW)
    return code


def held_by(database, user_id):
    with database.read() as conn:
        return codes.recovery_of(conn, user_id)


def invitation_of(database, user_id):
    with database.read() as conn:
        return codes.invitation_of(conn, user_id)


def settle(database, read, code):
    outcome, judged = recovery.verify(read.codes, code, KEY, NOW)
    with database.write() as conn:
        return outcome, codes.settle_recovery(conn, read, judged, NOW)


def test_somebody_without_codes_has_none(database):
    user_id = settle_in(database)

    assert held_by(database, user_id) is None
    assert invitation_of(database, user_id) is None


def test_codes_come_back_as_fingerprints_only(database):
    user_id = settle_in(database)
    printed = hand_out(database, user_id)

    with database.read() as conn:
        rows = conn.execute(select(one_time_codes)).all()

    assert len(rows) == 10
    everything = b"".join(row.salt + row.fingerprint for row in rows)
    assert not any(code.replace("-", "").encode() in everything for code in printed)
    assert held_by(database, user_id).codes.left == 10
    assert recovery.verify(held_by(database, user_id).codes, printed[3], KEY, NOW)[0] is Outcome.ACCEPTED


def test_codes_remember_the_key_they_were_made_with(database):
    user_id = settle_in(database)

    hand_out(database, user_id, key_id="key.of-2026")

    assert held_by(database, user_id).key_id == "key.of-2026"


def test_a_used_code_stays_used_and_the_others_good(database):
    user_id = settle_in(database)
    printed = hand_out(database, user_id)

    assert settle(database, held_by(database, user_id), printed[0]) == (Outcome.ACCEPTED, True)

    again = held_by(database, user_id)
    assert again.codes.left == 9
    assert recovery.verify(again.codes, printed[0], KEY, NOW)[0] is Outcome.REPLAYED
    assert recovery.verify(again.codes, printed[1], KEY, NOW)[0] is Outcome.ACCEPTED


def test_of_two_who_read_the_same_codes_only_one_uses_any(database):
    user_id = settle_in(database)
    printed = hand_out(database, user_id)
    read = held_by(database, user_id)

    assert settle(database, read, printed[0]) == (Outcome.ACCEPTED, True)
    assert settle(database, read, printed[0]) == (Outcome.ACCEPTED, False)
    assert settle(database, read, printed[1]) == (Outcome.ACCEPTED, False)


def test_a_guess_is_counted_only_by_who_read_the_newest_count(database):
    user_id = settle_in(database)
    hand_out(database, user_id)
    read = held_by(database, user_id)

    assert settle(database, read, "0000-0000-0000-0000") == (Outcome.WRONG, True)
    assert settle(database, read, "0000-0000-0000-0000") == (Outcome.WRONG, False)

    assert held_by(database, user_id).codes.throttle.failures == 1


def test_new_codes_end_older_ones_and_their_failures(database):
    user_id = settle_in(database)
    printed = hand_out(database, user_id)
    settle(database, held_by(database, user_id), "0000-0000-0000-0000")
    read = held_by(database, user_id)

    newer = hand_out(database, user_id, seed=2)

    assert settle(database, read, printed[0])[1] is False
    held = held_by(database, user_id)
    assert held.codes.throttle.failures == 0
    assert settle(database, held, printed[0])[0] is Outcome.WRONG
    assert settle(database, held_by(database, user_id), newer[0]) == (Outcome.ACCEPTED, True)


def test_an_invitation_is_used_once_and_the_newest_counts(database):
    user_id = settle_in(database)
    older = invite(database, user_id)
    newer = invite(database, user_id, seed=2)
    read = invitation_of(database, user_id)
    assert registration.redeem(read.invitation, older, KEY, NOW)[0] is Redemption.WRONG
    redemption, judged = registration.redeem(read.invitation, newer, KEY, NOW)
    assert redemption is Redemption.REDEEMED

    with database.write() as conn:
        assert codes.settle_invitation(conn, read, judged, NOW)
    with database.write() as conn:
        assert not codes.settle_invitation(conn, read, judged, NOW)

    assert invitation_of(database, user_id).invitation.spent


def test_an_invitation_keeps_its_end_and_its_failures(database):
    user_id = settle_in(database)
    invite(database, user_id)
    read = invitation_of(database, user_id)
    assert read.invitation.expires_at == NOW + 72 * 3600

    with database.write() as conn:
        codes.settle_invitation(conn, read, replace(read.invitation, failures=1), NOW)

    assert invitation_of(database, user_id).invitation.failures == 1


def test_guessing_at_one_kind_leaves_the_other_kind_alone(database):
    user_id = settle_in(database)
    hand_out(database, user_id)
    invite(database, user_id)

    settle(database, held_by(database, user_id), "0000-0000-0000-0000")

    assert invitation_of(database, user_id).invitation.failures == 0


def test_one_persons_codes_are_not_anothers(database):
    mine, theirs = settle_in(database), settle_in(database, "mina.park")
    hand_out(database, mine)
    printed = hand_out(database, theirs, seed=2)

    assert settle(database, held_by(database, mine), printed[0])[0] is Outcome.WRONG


@pytest.mark.parametrize("left", [True, False])
def test_forgiving_and_removing_defeat_who_read_before(database, left):
    user_id = settle_in(database)
    printed = hand_out(database, user_id)
    settle(database, held_by(database, user_id), "0000-0000-0000-0000")
    read = held_by(database, user_id)

    with database.write() as conn:
        assert (codes.forgive if left else codes.remove)(conn, user_id, NOW) > 0

    assert settle(database, read, printed[0])[1] is False
    assert (held_by(database, user_id) is not None) is left


def test_the_feed_hears_of_every_change(database):
    user_id = settle_in(database)
    hand_out(database, user_id)
    settle(database, held_by(database, user_id), "0000-0000-0000-0000")

    assert changes(database) == [("token", str(user_id))] * 2
