"""The two companies are the same every time, and their groups nest."""

import pytest

from tests.peers.people import company, entry, hangang, namsan


def test_there_are_two_hundred_people_with_names_of_their_own():
    uids = [(each.name, person.uid) for each in (hangang(), namsan()) for person in each.people]

    assert len(uids) == len(set(uids)) == 200


def test_uids_stay_unique_in_a_large_company():
    large = company("large", "큰회사", 30_000)

    assert len({person.uid for person in large.people}) == 30_000


def test_the_same_uid_is_another_person_in_the_other_company():
    assert hangang().person("minjun.kim").password != namsan().person("minjun.kim").password


@pytest.mark.parametrize("make", [hangang, namsan])
def test_a_directory_is_the_same_every_time(make):
    assert make().ldif() == make().ldif()


@pytest.mark.parametrize("make", [hangang, namsan])
def test_groups_hold_the_members_of_the_groups_in_them(make):
    house = make()

    assert house.members("platform") < house.members("engineering") < house.members("staff")
    assert house.members("it-admins") < house.members("vpn-users")
    assert house.members("contractors").isdisjoint(house.members("staff"))
    assert house.members("staff") | house.members("contractors") == {person.uid for person in house.people}


def test_both_languages_are_spoken():
    assert {person.language for person in hangang().people} == {"ko", "en"}


def test_what_ldif_cannot_write_plainly_is_in_base64():
    assert entry("cn=가", {"cn": ["plain", " led", "::", ""]}) == (
        "dn:: Y2496rCA\ncn: plain\ncn:: IGxlZA==\ncn:: Ojo=\ncn:: \n"
    )
