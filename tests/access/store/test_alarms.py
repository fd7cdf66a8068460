"""Alarms: one row each while they are open, repeats counted, beginning and end in the audit."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import structlog

from access.records.alarms import LONGEST_NOTE, LONGEST_SUBJECT, MEANINGS, Alarm, AlarmKind, heard, told
from access.store import audit
from access.store.alarms import StoredAlarms, listed
from access.store.audit import Selection
from access.store.database import Database
from tests.access.residents import KEYRING, NOW, Dice, settle_in

KIND = AlarmKind.NAS_STOPPED_SIGNING
ONE = Alarm(KIND, "switch-2f", "from 10.1.2.3", 1)


def raise_(database: Database, alarm: Alarm = ONE, at: float = NOW) -> bool:
    with database.write() as conn:
        return StoredAlarms(conn, KEYRING, Dice(1), "test").raise_alarm(alarm, at)


def clear(database: Database, at: float = NOW + 60, by: str = "") -> bool:
    with database.write() as conn:
        return StoredAlarms(conn, KEYRING, Dice(1), "test").clear_alarm(KIND, "switch-2f", at, by)


def audited(database: Database) -> list[dict]:
    with database.read() as conn:
        return [each.detail for each in audit.records(conn, Selection(kind="alarm"), KEYRING)][::-1]


def test_repeats_count_in_one_alarm_and_write_no_further_record(database):
    with structlog.testing.capture_logs() as lines:
        assert raise_(database)
        assert not raise_(database, Alarm(KIND, "switch-2f", "from 10.1.2.4", 1), NOW + 5)

    assert [(line["event"], line["subject"]) for line in lines] == [("an alarm is raised", "switch-2f")]
    with database.read() as conn:
        (alarm,) = listed(conn)
    assert (alarm.began, alarm.last, alarm.count, alarm.note) == (NOW, NOW + 5, 2, "from 10.1.2.4")
    assert [each["what"] for each in audited(database)] == ["alarm.raised"]


def test_one_that_was_cleared_begins_anew(database):
    raise_(database)
    assert clear(database, by="boss")
    assert not clear(database)

    assert raise_(database, at=NOW + 100)

    with database.read() as conn:
        still, over = listed(conn, cleared=5)
    assert (still.began, still.count, still.cleared_at) == (NOW + 100, 1, None)
    assert (over.began, over.cleared_at, over.cleared_by) == (NOW, NOW + 60, "boss")
    assert [each["what"] for each in audited(database)] == ["alarm.raised", "alarm.cleared", "alarm.raised"]


def test_another_subject_is_another_alarm(database):
    assert raise_(database)
    assert raise_(database, Alarm(KIND, "switch-3f"))


def test_an_organization_sees_its_own_and_those_of_nobody_if_it_may(database):
    for alarm in (ONE, Alarm(KIND, "theirs", organization_id=2), Alarm(KIND, "nobody's")):
        raise_(database, alarm)

    with database.read() as conn:
        assert {each.subject for each in listed(conn, 1, installation_too=False)} == {"switch-2f"}
        assert {each.subject for each in listed(conn, 1)} == {"switch-2f", "nobody's"}
        assert len(listed(conn)) == 3


THEIRS = Alarm(KIND, "switch-2f", "somebody of theirs", 2)


@pytest.fixture
def companies(database):
    for name, company in (("minjun.kim", "hangang"), ("rival", "namsan")):
        settle_in(database, name, company)
    return database


def open_of(database: Database, organization_id: int) -> list[tuple[str, str, int]]:
    with database.read() as conn:
        return [(each.subject, each.note, each.count) for each in listed(conn, organization_id)]


def test_what_two_companies_see_is_told_to_both_and_to_neither_what_the_other_saw(companies):
    assert raise_(companies)
    assert raise_(companies, THEIRS, NOW + 5)
    assert not raise_(companies, THEIRS, NOW + 6)
    assert not raise_(companies, at=NOW + 7)

    assert open_of(companies, 1) == [("switch-2f", "from 10.1.2.3", 2)]
    assert open_of(companies, 2) == [("switch-2f (namsan)", "somebody of theirs", 2)]


def test_a_company_goes_on_in_its_own_alarm_when_the_first_ones_was_cleared(companies):
    raise_(companies)
    raise_(companies, THEIRS)
    with companies.write() as conn:
        (first,) = listed(conn, 1)
        assert StoredAlarms(conn, KEYRING, Dice(1), "test").clear_by_id(first.id, NOW + 1, "boss")

    assert not raise_(companies, THEIRS, NOW + 5)
    assert raise_(companies, at=NOW + 5)

    assert open_of(companies, 1) == [("switch-2f", "from 10.1.2.3", 1)]
    assert open_of(companies, 2) == [("switch-2f (namsan)", "somebody of theirs", 2)]


def test_neither_another_kind_nor_what_is_over_sets_a_company_apart(companies):
    raise_(companies)
    assert raise_(companies, replace(THEIRS, kind=AlarmKind.SESSION_UNHEEDED))
    assert clear(companies)
    assert raise_(companies, THEIRS)

    assert [subject for subject, _, _ in open_of(companies, 2)] == ["switch-2f", "switch-2f"]


def test_what_is_over_is_over_for_every_company(companies):
    raise_(companies)
    raise_(companies, THEIRS)

    assert clear(companies)

    assert open_of(companies, 1) == open_of(companies, 2) == []
    cleared = [each["subject"] for each in audited(companies) if each["what"] == "alarm.cleared"]
    assert sorted(cleared) == ["switch-2f", "switch-2f (namsan)"]


def test_a_long_subject_keeps_room_for_whose_it_is(companies):
    long = "s" * 999
    raise_(companies, Alarm(KIND, long, organization_id=1))
    raise_(companies, Alarm(KIND, long, organization_id=2))

    ((subject, _, _),) = open_of(companies, 2)
    assert (len(subject), subject.endswith("s (namsan)")) == (LONGEST_SUBJECT, True)
    with companies.write() as conn:
        assert StoredAlarms(conn, KEYRING, Dice(1), "test").clear_alarm(KIND, long, NOW)
    assert open_of(companies, 1) == open_of(companies, 2) == []


def test_what_has_come_to_concern_several_companies_is_the_head_offices(database):
    raise_(database)
    raise_(database, Alarm(KIND, "switch-2f", "rules of two companies"), NOW + 5)
    raise_(database, Alarm(KIND, "switch-2f", "from 10.1.2.4", 1), NOW + 9)

    with database.read() as conn:
        assert listed(conn, 1, installation_too=False) == []
        (alarm,) = listed(conn)
    assert (alarm.organization_id, alarm.note, alarm.count) == (None, "from 10.1.2.4", 3)


def test_those_who_see_it_at_the_same_moment_raise_one(database):
    with ThreadPoolExecutor(4) as many:
        new = list(many.map(lambda _: raise_(database), range(8)))

    assert new.count(True) == 1
    with database.read() as conn:
        assert [each.count for each in listed(conn)] == [8]


def test_an_alarm_comes_through_the_journal_as_it_was():
    assert heard({"alarms": [told(ONE)]}) == [ONE]
    assert heard({"kind": "login"}) == []
    assert len(told(Alarm(KIND, "s" * 999, "n" * 9999))["note"]) == LONGEST_NOTE
    with pytest.raises(ValueError, match="nonsense"):
        heard({"alarms": [{"kind": "nonsense", "subject": ""}]})


def test_every_kind_says_what_to_do_in_both_languages():
    assert set(MEANINGS) == set(AlarmKind)
    for advice in MEANINGS.values():
        assert all((advice.title.ko, advice.title.en, advice.todo.ko, advice.todo.en))
