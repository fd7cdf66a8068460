import pytest

from radius.attributes import Attribute
from radius.dictionary_files import load
from radius.vendor.families import FAMILIES
from radius.vendor.family import Feature, UnknownFeature, spell
from radius.vendor.generic import session_timeout, vlan

NAMES = load()


def shown(attributes):
    return [NAMES.describe(attribute) for attribute in attributes]


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES.keys())
def test_every_family_spells_a_vlan_as_rfc_3580_does(family):
    assert shown(spell(family, Feature.VLAN, "120")) == [
        ("Tunnel-Type", "VLAN"),
        ("Tunnel-Medium-Type", "IEEE-802"),
        ("Tunnel-Private-Group-Id", "120"),
    ]


def test_the_attributes_of_a_vlan_share_their_tag():
    assert [a.value[0] for a in vlan("120", tag=3)] == [3, 3, 3]


def test_a_session_ends_or_logs_in_again_after_its_time():
    assert shown(session_timeout(3600, False)) == [("Session-Timeout", "3600")]
    assert shown(session_timeout(3600, True))[1] == ("Termination-Action", "RADIUS-Request")


def test_each_family_has_its_own_spelling():
    assert shown(spell(FAMILIES["generic"], Feature.ACL, "guests")) == [("Filter-Id", "guests")]
    assert shown(spell(FAMILIES["cisco"], Feature.ACL, "guests")) == [("Filter-Id", "guests.in")]
    assert spell(FAMILIES["cisco"], Feature.ROLE, "GUEST") == (
        Attribute(1, b"subscriber:service-name=GUEST", 9),
    )


def test_what_a_family_does_not_have_is_refused_and_not_left_out():
    with pytest.raises(UnknownFeature, match="hostapd has no acl"):
        spell(FAMILIES["hostapd"], Feature.ACL, "guests")


def test_every_family_can_name_a_session_to_be_ended():
    for name, family in FAMILIES.items():
        assert family.name == name
        assert family.identifies
