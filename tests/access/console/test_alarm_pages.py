"""Alarms in the console: seen by those they concern, cleared by an administrator."""

import pytest

from access.records.alarms import Alarm, AlarmKind
from access.store.alarms import StoredAlarms, listed
from tests.access.residents import KEYRING


def alarm(town, subject: str, company: str | None = "hangang", note: str = "") -> int:
    whose = town.organization_id(company) if company else None
    with town.database.write() as conn:
        stored = StoredAlarms(conn, KEYRING, town.dice, "test")
        stored.raise_alarm(Alarm(AlarmKind.NAS_STOPPED_SIGNING, subject, note, whose), town.now)
        return next(each.id for each in listed(conn) if each.subject == subject)


def test_an_alarm_is_shown_with_what_to_do_until_it_is_cleared(town, visit):
    number = alarm(town, "switch-2f", note="<b>from</b> 10.1.2.3")
    boss = visit("boss@hangang")
    boss.get("/console/alarms")
    assert "switch-2f" in boss.page
    assert "&lt;b&gt;from" in boss.page
    assert "officegate nas set NAME --message-authenticator auto" in boss.page

    boss.post(f"/console/alarms/{number}/clear")

    assert boss.path == "/console/alarms"
    assert "No alarm is open." in boss.page
    with town.database.read() as conn:
        (cleared,) = listed(conn, cleared=1)
    assert (cleared.cleared_at, cleared.cleared_by) == (town.now, "boss@hangang")


def test_each_company_sees_and_clears_its_own_and_the_head_office_those_of_nobody(town, visit):
    own, theirs, nobodys = (
        alarm(town, "ours"),
        alarm(town, "theirs", "namsan"),
        alarm(town, "nobodys", None),
    )
    boss, anna = visit("boss@hangang"), visit("anna.schmidt@namsan")
    seen = []
    for visitor in (boss, anna):
        visitor.get("/console/alarms")
        seen.append({name for name in ("ours", "theirs", "nobodys") if f">{name}<" in visitor.page})
    assert seen == [{"ours", "nobodys"}, {"theirs"}]

    for number in (own, nobodys):
        anna.post(f"/console/alarms/{number}/clear")
        assert "That alarm is not open any more." in anna.page
    boss.post(f"/console/alarms/{theirs}/clear")

    with town.database.read() as conn:
        assert {each.id for each in listed(conn) if each.cleared_at is None} == {own, theirs, nobodys}


def test_an_alarm_of_a_newer_version_is_shown_by_its_code(town, visit):
    alarm(town, "switch-2f")
    with town.database.write() as conn:
        conn.exec_driver_sql("UPDATE alarms SET kind = 'something-new'")
    watcher = visit("watcher@hangang")
    watcher.get("/console/alarms")

    assert "something-new" in watcher.page
    assert "It is dealt with" not in watcher.page


@pytest.mark.parametrize(("language", "words"), [("en", "from 192.0.2.7"), ("ko", "보낸 곳 192.0.2.7")])
def test_what_an_alarm_has_seen_is_told_in_the_language_of_the_page(town, visit, language, words):
    with town.database.write() as conn:
        raised = StoredAlarms(conn, KEYRING, town.dice, "radius")
        raised.raise_alarm(Alarm(AlarmKind.NAS_STOPPED_SIGNING, "switch", "from 192.0.2.7", 1), town.now)
    boss = visit("boss@hangang", language=language)

    boss.get("/console/alarms")

    assert f">{words}<" in boss.page
