"""A real directory changes, and both ways of following it notice: at once, or within two seconds."""

import os
import signal
from dataclasses import replace

import pytest

from access.directory import known, poll, syncrepl
from access.directory.errors import DirectoryUnavailable
from access.directory.names import normalise_dn
from access.directory.refresh import SyncNotOffered
from access.directory.roster import Difference
from tests.access.directory.companies import over_ldaps, over_starttls, settings_of
from tests.access.directory.following import following
from tests.peers.people import hangang, namsan
from tests.peers.slapd import Options, Slapd

pytestmark = pytest.mark.peer("slapd")

WAYS = ["syncrepl", "poll"]


@pytest.fixture(params=WAYS)
def way(request):
    return request.param


def names(changes):
    return {person.name for person in changes.people.values()}


def joined(here, changes, kind="added"):
    """{user name: group names} of changed memberships."""
    people, groups = here.roster._people, here.roster._groups
    return {
        people[uuid].name: {groups[group].name for group in getattr(each, kind)}
        for uuid, each in changes.memberships.items()
    }


def test_the_first_reading_is_everything(directory, way):
    with following(way, settings_of(directory.slapd, directory.hangang)) as here:
        changes = here.next_changes()

    assert names(changes) == {person.uid for person in directory.hangang.people}
    closure = joined(here, changes)
    for group in directory.hangang.groups:
        for uid in directory.hangang.members(group.name):
            assert group.name in closure[uid]


def test_somebody_new_is_noticed(directory, way):
    company = directory.hangang
    dn = f"uid=gildong,ou=people,{company.suffix}"
    attributes = {"objectClass": ["inetOrgPerson"], "uid": ["gildong"], "cn": ["홍길동"], "sn": ["홍"]}
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        changes = here.noticed(lambda: directory.slapd.add(dn, attributes))

    assert names(changes) == {"gildong"}


def test_a_changed_attribute_is_noticed(directory, way):
    company = directory.hangang
    uid = company.people[0].uid
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        change = {"displayName": ["김 새이름"]}
        changes = here.noticed(lambda: directory.slapd.replace(company.person_dn(uid), change))

    assert [person.display_name for person in changes.people.values()] == ["김 새이름"]


def test_polling_notices_a_change_among_very_many_new_entries(directory, monkeypatch):
    monkeypatch.setattr(poll, "FEW", 0)
    monkeypatch.setattr(known, "MOST_AGAIN", 0)
    company = directory.hangang
    first, second, third = company.people[30:33]
    with following("poll", settings_of(directory.slapd, company)) as here:
        here.next_changes()
        for uid in (first.uid, second.uid):
            change = {"displayName": ["새 이름"]}
            changes = here.noticed(lambda: directory.slapd.replace(company.person_dn(uid), change))  # noqa: B023

            assert [person.display_name for person in changes.people.values()] == ["새 이름"]
        changes = here.noticed(lambda: directory.slapd.join(company, "auditors", third.uid))

    assert joined(here, changes) == {third.uid: {"auditors"}}


def test_a_renamed_person_keeps_their_uuid(directory, way):
    company = directory.hangang
    uid = company.people[0].uid
    with following(way, settings_of(directory.slapd, company)) as here:
        first = here.next_changes()
        before = next(uuid for uuid, person in first.people.items() if person.name == uid)

        changes = here.noticed(lambda: directory.slapd.rename(company.person_dn(uid), "uid=renamed"))

    assert changes.people[before].name == "renamed"
    assert changes.vanished == frozenset()
    # The groups still list the old name, and the directory is believed.
    assert changes.memberships[before].removed


def test_somebody_moved_out_of_the_base_is_gone(directory, way):
    company = directory.hangang
    uid = company.people[0].uid
    directory.slapd.add(f"ou=left,{company.suffix}", {"objectClass": ["organizationalUnit"], "ou": ["left"]})
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        move = {"rdn": f"uid={uid}", "parent": f"ou=left,{company.suffix}"}
        changes = here.noticed(lambda: directory.slapd.rename(company.person_dn(uid), **move))

    assert len(changes.vanished) == 1


def test_somebody_deleted_is_gone(directory, way):
    company = directory.hangang
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        leave = company.person_dn(company.people[0].uid)
        changes = here.noticed(lambda: directory.slapd.delete(leave))

    assert len(changes.vanished) == 1


def test_leaving_a_group_is_noticed(directory, way):
    company = directory.hangang
    uid = company.group("it-admins").people[0]
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        changes = here.noticed(lambda: directory.slapd.leave(company, "it-admins", uid))
        lost = joined(here, changes, "removed")

    assert lost[uid] >= {"it-admins"}
    assert lost.keys() == {uid}


def test_a_group_taken_out_of_a_group_takes_its_people_out_of_both(directory, way):
    company = directory.hangang
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        cut = {"member": [company.group_dn("platform")]}
        changes = here.noticed(lambda: directory.slapd.remove_values(company.group_dn("engineering"), cut))
        lost = joined(here, changes, "removed")

    assert set(lost) == company.members("platform")
    assert all("engineering" in groups for groups in lost.values())


def test_a_deleted_group_is_left_by_everyone(directory, way):
    company = directory.hangang
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()

        changes = here.noticed(lambda: directory.slapd.delete(company.group_dn("vdi-dev")))

    assert len(changes.groups_gone) == 1
    assert len(changes.memberships) == len(company.members("vdi-dev"))


def test_a_name_full_of_special_characters_stays_one_name(directory, way):
    company = directory.hangang
    rdn = 'cn=김\\, \\"민준\\" \\+ (별*)\\\\'
    dn = f"{rdn},ou=people,{company.suffix}"
    attributes = {
        "objectClass": ["inetOrgPerson"],
        "uid": ["special"],
        "sn": ["김"],
        "cn": ['김, "민준" + (별*)\\'],
    }
    with following(way, settings_of(directory.slapd, company)) as here:
        here.next_changes()
        here.noticed(lambda: directory.slapd.add(dn, attributes))

        change = {"member": [dn]}
        changes = here.noticed(lambda: directory.slapd.add_values(company.group_dn("it-admins"), change))

    assert joined(here, changes)["special"] >= {"it-admins"}
    assert normalise_dn(dn) in here.roster._graph._listed_by


def test_syncrepl_goes_on_where_it_was(directory):
    company = directory.hangang
    settings = settings_of(directory.slapd, company)
    with following("syncrepl", settings) as here:
        here.next_changes()
        changed = here.noticed(
            lambda: directory.slapd.leave(company, "it-admins", company.group("it-admins").people[0])
        )
        assert changed.memberships
    directory.slapd.delete(company.person_dn(company.people[0].uid))
    directory.slapd.replace(company.person_dn(company.people[1].uid), {"displayName": ["바뀜"]})

    with following("syncrepl", settings, here.cookie, here.roster) as again:
        changes = again.next_changes()

    assert len(again.last.people.entries) == 1
    assert [person.display_name for person in changes.people.values()] == ["바뀜"]
    assert len(changes.vanished) == 1


def test_a_server_without_a_session_log_names_everyone_who_is_still_there():
    company = hangang()
    with Slapd((company,), Options(session_log=0)) as slapd:
        settings = settings_of(slapd, company)
        with following("syncrepl", settings) as here:
            here.next_changes()
            here.noticed(lambda: slapd.leave(company, "it-admins", company.group("it-admins").people[0]))
        slapd.delete(company.person_dn(company.people[0].uid))

        with following("syncrepl", settings, here.cookie, here.roster) as again:
            changes = again.next_changes()

    assert len(changes.vanished) == 1
    assert changes.people == {}
    assert again.last.people.entries == ()


def test_a_cookie_of_other_searches_is_not_used(directory):
    with following("syncrepl", settings_of(directory.slapd, directory.hangang)) as here:
        here.next_changes()

    with following("syncrepl", settings_of(directory.slapd, directory.namsan), here.cookie) as other:
        changes = other.next_changes()

    assert names(changes) == {person.uid for person in directory.namsan.people}


def test_without_syncprov_following_says_that_syncrepl_is_not_offered():
    company = namsan()
    with (
        Slapd((company,), Options(session_log=None)) as slapd,
        following("syncrepl", settings_of(slapd, company)) as here,
        pytest.raises(SyncNotOffered),
    ):
        here.next_changes()


@pytest.mark.parametrize("protect", [over_starttls, over_ldaps])
def test_syncrepl_works_over_tls(directory, protect):
    company = directory.hangang
    with following("syncrepl", protect(directory.slapd, company)) as here:
        here.next_changes()

        leave = company.person_dn(company.people[0].uid)
        changes = here.noticed(lambda: directory.slapd.delete(leave))

    assert len(changes.vanished) == 1


def test_a_server_that_goes_away_ends_the_following_with_an_error(directory, way):
    with following(way, settings_of(directory.slapd, directory.hangang)) as here:
        here.next_changes()
        directory.slapd.daemon.stop()

        with pytest.raises(DirectoryUnavailable):
            here.next_changes()


def test_nothing_changes_without_a_change(directory, way):
    with following(way, settings_of(directory.slapd, directory.hangang)) as here:
        first = here.next_changes()
        again = here.roster.absorb(here.last)

    assert first.touched
    assert again.touched == frozenset()
    assert again.memberships == {}
    assert Difference() not in again.members.values()


def test_a_server_that_falls_silent_while_it_is_followed_is_given_up(directory, monkeypatch):
    monkeypatch.setattr(syncrepl, "KEEP_ALIVE_AFTER_S", 0.2)
    settings = replace(settings_of(directory.slapd, directory.hangang), receive_timeout_s=2.0)
    with following("syncrepl", settings) as here:
        here.next_changes()

        os.kill(directory.slapd.pid, signal.SIGSTOP)
        try:
            with pytest.raises(DirectoryUnavailable, match="silent"):
                here.next_changes()
        finally:
            os.kill(directory.slapd.pid, signal.SIGCONT)


def test_a_server_that_hangs_while_it_is_polled_is_given_up(directory):
    settings = replace(settings_of(directory.slapd, directory.hangang), receive_timeout_s=2.0)
    with following("poll", settings) as here:
        here.next_changes()

        os.kill(directory.slapd.pid, signal.SIGSTOP)
        try:
            with pytest.raises(DirectoryUnavailable, match="does not answer"):
                here.next_changes()
        finally:
            os.kill(directory.slapd.pid, signal.SIGCONT)
