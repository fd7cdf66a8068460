"""A real Active Directory is followed: what changes is noticed at the next look, whoever is gone too."""

import json
import re
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from uuid import uuid4

import pytest

from access.directory import poll, search, syncrepl, usn
from access.directory.errors import DirectoryUnavailable
from access.directory.kinds import spoken
from access.directory.refresh import SyncNotOffered
from access.directory.roster import Roster
from access.directory.settings import Kind
from tests.access.directory.office_of_ad import DISABLED, NORMAL, branch_of, restore

pytestmark = pytest.mark.peer("samba")


class Looks:
    """Waits for nobody: each look comes when the test asks for the next update. Time passes by hand."""

    def __init__(self):
        self.stop, self.now = threading.Event(), 0.0
        self.stop.wait = lambda _seconds=None: self.stop.is_set()

    def clock(self):
        return self.now


class Watched:
    """A directory followed look by look, and what a roster makes of it."""

    def __init__(self, updates, looks, roster):
        self.updates, self.looks, self.roster = updates, looks, roster
        self.cookie, self.last = None, None

    def look(self):
        """The changes of exactly one look."""
        self.last = next(self.updates)
        if self.last is None:
            return None
        self.cookie = self.last.position.cookie
        return self.roster.absorb(self.last)

    def person(self, name):
        return next((each for each in self.roster._people.values() if each.name == name), None)

    def groups(self, name):
        uuids = self.roster._memberships.get(self.person(name).uuid, ())
        return {self.roster._groups[uuid].name for uuid in uuids}


@contextmanager
def watched(settings, cookie=None, roster=None, looks=None):
    looks = looks or Looks()
    with closing(poll.follow(settings, cookie, looks.stop, looks.clock)) as updates:
        yield Watched(updates, looks, roster or Roster())


@pytest.fixture
def branch(active_directory):
    with branch_of(active_directory) as made:
        yield made


def no_sweep_any_more(here):
    """A sweep that took no time comes at every look: from here on none is due for long."""
    here.looks.now -= 1_000_000.0


def test_the_first_reading_is_everything_and_a_look_that_finds_nothing_says_so(branch):
    kim, lee = branch.hire("kim"), branch.hire("lee", userAccountControl=[DISABLED], employeeID=["H7"])
    branch.found("office", lee)
    branch.found("all", branch.group("office"), kim)

    with watched(branch.settings()) as here:
        here.look()

        assert here.look() is None
    assert {each.name for each in here.roster._people.values()} == {branch.name("kim"), branch.name("lee")}
    assert here.groups(branch.name("lee")) == {"office", "all"}
    assert here.person(branch.name("kim")).enabled
    assert not here.person(branch.name("lee")).enabled
    assert here.person(branch.name("lee")).employee_number == "H7"
    assert here.person(branch.name("kim")).password_changed_at == pytest.approx(time.time(), abs=3600)


def test_a_disabled_account_is_noticed_at_the_next_look(branch):
    kim = branch.hire("kim")
    assert poll.EVERY_S <= 1.0
    with watched(branch.settings()) as here:
        here.look()
        no_sweep_any_more(here)

        branch.ad.replace(kim, {"userAccountControl": [DISABLED]})
        changes = here.look()

        assert [each.enabled for each in changes.people.values()] == [False]
        branch.ad.replace(kim, {"userAccountControl": [NORMAL], "accountExpires": ["132223104000000000"]})
        here.look()
        assert here.person(branch.name("kim")).expires_at == 1577836800.0


def test_whoever_is_renamed_and_moved_within_the_base_stays_who_they_are(branch):
    kim = branch.hire("kim")
    branch.ad.add(f"OU=seoul,{branch.people}", {"objectClass": ["organizationalUnit"]})
    branch.found("vpn", kim)
    with watched(branch.settings()) as here:
        here.look()
        uuid = here.person(branch.name("kim")).uuid

        branch.ad.rename(kim, "CN=Kim Minjun", parent=f"OU=seoul,{branch.people}")
        moved = f"CN=Kim Minjun,OU=seoul,{branch.people}"
        branch.ad.replace(moved, {"sAMAccountName": [branch.name("minjun")]})
        changes = here.look()

    assert changes.vanished == frozenset()
    assert changes.people.keys() == {uuid}
    assert here.person(branch.name("minjun")).dn == moved
    # Active Directory mends the groups' lists itself.
    assert here.groups(branch.name("minjun")) == {"vpn"}


def test_whoever_is_below_a_branch_that_is_renamed_has_the_new_name_at_the_next_look(branch):
    branch.ad.add(f"OU=seoul,{branch.people}", {"objectClass": ["organizationalUnit"]})
    kim = branch.hire("kim")
    branch.ad.rename(kim, "CN=kim", parent=f"OU=seoul,{branch.people}")
    with watched(branch.settings()) as here:
        here.look()

        branch.ad.rename(f"OU=seoul,{branch.people}", "OU=busan")
        changes = here.look()

    # By this name the password is checked.
    assert here.person(branch.name("kim")).dn == f"CN=kim,OU=busan,{branch.people}"
    assert (len(changes.people), changes.vanished) == (1, frozenset())


def test_whoever_is_moved_out_of_the_base_is_gone_at_the_next_look_without_a_sweep(branch):
    kim = branch.hire("kim")
    branch.hire("lee")
    with watched(branch.settings()) as here:
        here.look()
        here.look()
        no_sweep_any_more(here)

        branch.ad.rename(kim, "CN=kim", parent=branch.dn)
        changes = here.look()

        assert len(changes.vanished) == 1
        branch.ad.rename(f"CN=kim,{branch.dn}", "CN=kim", parent=branch.people)
        assert {each.name for each in here.look().people.values()} == {branch.name("kim")}


def test_a_deletion_is_told_to_whom_it_may_be_seen(branch):
    kim = branch.hire("kim")
    branch.found("vpn", kim)
    branch.may_see_the_deleted()
    with watched(branch.settings()) as here:
        here.look()
        here.look()
        no_sweep_any_more(here)

        branch.ad.delete(kim)
        branch.ad.delete(branch.group("vpn"))
        changes = here.look()

    assert (len(changes.vanished), len(changes.groups_gone)) == (1, 1)


def test_a_deletion_that_is_not_told_is_found_by_the_sweep(branch):
    kim = branch.hire("kim")
    with watched(branch.settings()) as here:
        here.look()
        here.look()
        no_sweep_any_more(here)

        branch.ad.delete(kim)
        assert here.look() is None
        here.looks.now += 1_000_000.0 + usn.LONGEST_BETWEEN_SWEEPS_S
        changes = here.look()

    assert len(changes.vanished) == 1
    assert usn.LONGEST_BETWEEN_SWEEPS_S < 60


def test_whoever_shows_up_under_an_old_number_is_found_by_two_sweeps(branch):
    kim = branch.hire("kim")
    staff = branch.found("staff")
    with watched(branch.settings(user_filter=f"(memberOf={staff})")) as here:
        here.look()
        branch.ad.add_values(staff, {"member": [kim]})

        first, second = here.look(), here.look()

    assert first.people == {}
    assert {each.name for each in second.people.values()} == {branch.name("kim")}


def test_the_primary_group_counts_though_it_lists_nobody(branch):
    kim = branch.hire("kim")
    special = branch.found("special", kim)
    branch.found("above", special)
    with branch.ad.admin(special) as connection:
        connection.search(special, "(objectClass=*)", "BASE", attributes=["primaryGroupToken"])
        number = connection.response[0]["raw_attributes"]["primaryGroupToken"][0].decode()
    with watched(branch.settings()) as here:
        here.look()
        before = here.groups(branch.name("kim"))

        # From here on the group does not list kim any more.
        branch.ad.replace(kim, {"primaryGroupID": [number]})
        here.look()
        after = here.groups(branch.name("kim"))
        branch.ad.replace(kim, {"primaryGroupID": ["513"]})
        branch.ad.remove_values(special, {"member": [kim]})
        here.look()

    assert before == after == {"special", "above"}
    assert here.groups(branch.name("kim")) == set()


def test_a_ring_of_groups_has_an_end(branch):
    kim = branch.hire("kim")
    a = branch.found("a", kim)
    b = branch.found("b", a)
    c = branch.found("c", b)
    branch.ad.add_values(a, {"member": [c]})

    with watched(branch.settings()) as here:
        here.look()

        assert here.groups(branch.name("kim")) == {"a", "b", "c"}
        branch.ad.remove_values(b, {"member": [a]})
        here.look()
        assert here.groups(branch.name("kim")) == {"a"}


class InParts:
    """Samba shows parts only to who asks for them: three members, then two at a time."""

    def __init__(self, monkeypatch, then=lambda: None):
        self.asked, self._real, self._then = [], search.read_one, then
        wanted = ("member;range=0-2" if name == "member" else name for name in search.GROUP_ATTRIBUTES)
        monkeypatch.setattr(search, "GROUP_ATTRIBUTES", tuple(wanted))
        monkeypatch.setattr(search, "read_one", self._read_one)

    def _read_one(self, connection, settings, dn, *attributes):
        found = re.fullmatch(r"member;range=([0-9]+)-\*", attributes[0])
        if not found:
            return self._real(connection, settings, dn, *attributes)
        self.asked.append(attributes[0])
        self._then()
        first = int(found[1])
        return self._real(connection, settings, dn, f"member;range={first}-{first + 1}")


def test_no_member_of_a_large_group_is_lost(branch, monkeypatch):
    everybody = [branch.hire(f"kim{number}") for number in range(8)]
    branch.found("large", *everybody)
    parts = InParts(monkeypatch)

    with watched(branch.settings()) as here:
        here.look()

    assert parts.asked == ["member;range=3-*", "member;range=5-*", "member;range=7-*"]
    assert all(here.groups(branch.name(f"kim{number}")) == {"large"} for number in range(8))


def test_a_large_group_that_goes_away_while_it_is_read_is_gone_and_not_half_there(branch, monkeypatch):
    everybody = [branch.hire(f"kim{number}") for number in range(5)]
    large = branch.found("large", *everybody)
    parts = InParts(monkeypatch, then=lambda: branch.ad.delete(large))

    with watched(branch.settings()) as here:
        here.look()

    assert len(parts.asked) == 1
    assert (len(here.roster), here.roster.group_count) == (5, 0)


def test_a_paged_reading_whose_cookie_was_forgotten_starts_again(branch, monkeypatch):
    for number in range(5):
        branch.hire(f"kim{number}")
    monkeypatch.setattr(search, "PAGE_ENTRIES", 2)
    real, forgotten = search._next_cookie, []

    def forget_once(result):
        cookie = real(result)
        if forgotten or not cookie:
            return cookie
        forgotten.append(cookie)
        return b"\x01" * len(cookie)

    monkeypatch.setattr(search, "_next_cookie", forget_once)
    with watched(branch.settings()) as here:
        changes = here.look()

    assert forgotten
    assert len(changes.people) == 5


def test_references_to_other_partitions_are_passed_over(branch):
    branch.hire("kim")
    whole = branch.settings(group_base=branch.ad.domain)

    with watched(whole) as here:
        here.look()

    assert "domain users" in here.groups(branch.name("kim"))


def test_a_restart_goes_on_where_it_was(branch):
    kim, lee = branch.hire("kim"), branch.hire("lee")
    branch.hire("park")
    with watched(branch.settings()) as before:
        before.look()
    branch.ad.delete(kim)
    branch.ad.replace(lee, {"displayName": ["이서연"]})

    with watched(branch.settings(), before.cookie, before.roster) as again:
        changes = again.look()

    assert [each.name for each in again.last.people.entries] == [branch.name("lee")]
    assert len(changes.vanished) == 1
    assert "uSNChanged" in again.last.position.watermark


def test_a_position_of_another_controller_is_worth_nothing_and_is_replaced(branch):
    branch.hire("kim")
    with watched(branch.settings()) as before:
        before.look()
    original = json.loads(before.cookie)
    restore(branch.ad, uuid4().bytes)
    with branch.ad.way_in() as second:
        # The first one is down: the second one is another one.
        both = branch.settings(url="ldaps://127.0.0.1:1", fallback_urls=(f"ldaps://127.0.0.1:{second.port}",))
        with watched(both, before.cookie, before.roster) as there:
            there.look()

            assert there.last.people.known is not None
            assert [each.name for each in there.last.people.entries] == [branch.name("kim")]
            kept = json.loads(there.cookie)
            assert kept["invocation"] != original["invocation"]
        with watched(both, there.cookie, there.roster) as again:
            again.look()
            assert again.last.people.entries == ()


def test_a_controller_that_was_put_back_is_read_whole(branch):
    branch.hire("kim")
    with watched(branch.settings()) as before:
        before.look()
    kept = json.loads(before.cookie)
    ahead = json.dumps(kept | {"usn": kept["usn"] + 1000}).encode()

    with watched(branch.settings(), ahead, before.roster) as again:
        again.look()

    assert [each.name for each in again.last.people.entries] == [branch.name("kim")]
    assert json.loads(again.cookie)["usn"] < kept["usn"] + 1000


def test_other_searches_begin_anew(branch):
    branch.hire("kim")
    with watched(branch.settings()) as before:
        before.look()

    with watched(branch.settings(name_attribute="userPrincipalName"), before.cookie) as again:
        changes = again.look()

    assert {each.name for each in changes.people.values()} == {f"kim.{branch.number}"}


def test_without_the_invocation_id_no_position_outlives_the_connection(branch, monkeypatch):
    branch.hire("kim")
    real = usn.controller
    monkeypatch.setattr(usn, "controller", lambda *args: replace(real(*args), invocation=None))

    with watched(branch.settings()) as here:
        here.look()
        branch.ad.replace(branch.person("kim"), {"displayName": ["김"]})
        changes = here.look()

    assert here.cookie is None
    assert [each.display_name for each in changes.people.values()] == ["김"]


def test_the_kind_is_told_by_the_server_and_syncrepl_is_not_even_tried(branch):
    with spoken(branch.settings()) as (_, found):
        assert (found.kind, found.name_attribute) == (Kind.ACTIVE_DIRECTORY, "sAMAccountName")
    with pytest.raises(SyncNotOffered, match="no syncrepl"):
        next(syncrepl.follow(branch.settings(), None, threading.Event(), time.monotonic))


def test_a_controller_that_goes_away_ends_the_following(active_directory):
    with branch_of(active_directory) as branch:
        branch.hire("kim")
        with branch.ad.way_in() as way, watched(branch.settings(url=f"ldaps://127.0.0.1:{way.port}")) as here:
            here.look()
            way.close()

            with pytest.raises(DirectoryUnavailable):
                here.look()
