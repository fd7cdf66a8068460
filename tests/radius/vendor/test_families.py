import pytest

from radius.attributes import encode_attributes
from radius.dictionary_files import load
from radius.dynauth import Action
from radius.vendor.families import FAMILIES
from radius.vendor.family import Change, Feature, UnknownFeature, recipes, spell
from radius.vendor.generic import session_timeout, vlan

NAMES = load()

NUMBERED = ("Tunnel-Type VLAN", "Tunnel-Medium-Type IEEE-802", "Tunnel-Private-Group-Id 120")
CISCO_VOICE = ("Cisco-AVPair device-traffic-class=voice",)
H3C_VOICE = ("H3C-Av-Pair device-traffic-class=voice",)
EGRESS = ("Egress-VLANID 822083704",)
NOT_THERE = None

# What "120" as a VLAN and a voice VLAN, "staff" as a role, "guests" as an ACL and "full" as a privilege are.
GOLDEN = {
    "generic": (
        NUMBERED,
        EGRESS,
        ("Filter-Id staff",),
        ("Filter-Id guests",),
        ("Service-Type Administrative-User",),
    ),
    "hostapd": (NUMBERED, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE),
    "cisco": (
        NUMBERED,
        CISCO_VOICE + NUMBERED,
        ("Cisco-AVPair subscriber:service-name=staff",),
        ("Filter-Id guests.in",),
        ("Service-Type NAS-Prompt-User", "Cisco-AVPair shell:priv-lvl=15"),
    ),
    "cisco-wlc": (
        NUMBERED,
        NOT_THERE,
        ("Cisco-AVPair role=staff",),
        ("Airespace-ACL-Name guests",),
        ("Service-Type Administrative-User",),
    ),
    "meraki": (NUMBERED, CISCO_VOICE, ("Filter-Id staff",), NOT_THERE, NOT_THERE),
    "aruba": (NUMBERED, NOT_THERE, ("Aruba-User-Role staff",), NOT_THERE, ("Aruba-Admin-Role root",)),
    "aruba-cx": (
        NUMBERED,
        EGRESS,
        ("Aruba-User-Role staff",),
        NOT_THERE,
        ("Aruba-Admin-Role administrators",),
    ),
    "procurve": (
        NUMBERED,
        EGRESS,
        ("HP-User-Role staff",),
        NOT_THERE,
        ("Service-Type Administrative-User",),
    ),
    "comware": (
        NUMBERED,
        H3C_VOICE + NUMBERED,
        ("Filter-Id staff",),
        ("Filter-Id guests",),
        ("H3C-User-Role network-admin",),
    ),
    "juniper": (
        NUMBERED,
        ("Juniper-VoIP-Vlan 120",),
        NOT_THERE,
        ("Filter-Id guests",),
        ("Juniper-Local-User-Name full",),
    ),
    "mist": (NUMBERED, NOT_THERE, ("Airespace-ACL-Name staff",), NOT_THERE, NOT_THERE),
    "huawei": (
        NUMBERED,
        NOT_THERE,
        ("Filter-Id staff",),
        ("Filter-Id guests",),
        ("Service-Type Administrative-User", "Huawei-Exec-Privilege 15"),
    ),
    "ruckus": (NUMBERED, NOT_THERE, ("Ruckus-User-Groups staff",), NOT_THERE, ("Ruckus-WSG-User full",)),
    "icx": (NUMBERED, NOT_THERE, NOT_THERE, ("Filter-Id ip.guests.in",), ("Foundry-Privilege-Level 0",)),
    "mikrotik": (
        (*NUMBERED, "Mikrotik-Wireless-VLANID 120", "Mikrotik-Wireless-VLANID-Type 0"),
        NOT_THERE,
        ("Mikrotik-Group staff",),
        ("Filter-Id guests",),
        ("Mikrotik-Group full",),
    ),
    "fortigate": (
        NUMBERED,
        NOT_THERE,
        ("Fortinet-Group-Name staff",),
        NOT_THERE,
        ("Fortinet-Access-Profile super_admin",),
    ),
    "paloalto": (
        NOT_THERE,
        NOT_THERE,
        ("PaloAlto-User-Group staff",),
        NOT_THERE,
        ("PaloAlto-Admin-Role superuser",),
    ),
    "ocserv": (NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE),
    "strongswan": (NOT_THERE, NOT_THERE, ("Filter-Id staff",), NOT_THERE, NOT_THERE),
    "openvpn": (NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE, NOT_THERE),
}
GIVEN = {
    Feature.VLAN: "120",
    Feature.VOICE_VLAN: "120",
    Feature.ROLE: "staff",
    Feature.ACL: "guests",
    Feature.PRIVILEGE: "full",
}
LIMITED = "10000/50000"
# What a VPN client, or a session of whatever kind, can be given beside that, by the families that have it.
MORE = {
    Feature.BANDWIDTH: {
        "cisco-wlc": (
            "Airespace-Data-Bandwidth-Average-Contract-Upstream 10000",
            "Airespace-Real-Time-Bandwidth-Average-Contract-Upstream 10000",
            "Airespace-Data-Bandwidth-Average-Contract 50000",
            "Airespace-Real-Time-Bandwidth-Average-Contract 50000",
        ),
        "procurve": ("HP-Bandwidth-Max-Ingress 10000", "HP-Bandwidth-Max-Egress 50000"),
        "comware": ("H3C-Input-Average-Rate 10000000", "H3C-Output-Average-Rate 50000000"),
        "huawei": ("Huawei-Input-Average-Rate 10000000", "Huawei-Output-Average-Rate 50000000"),
        "ruckus": ("WISPr-Bandwidth-Max-Up 10000000", "WISPr-Bandwidth-Max-Down 50000000"),
        "mikrotik": ("Mikrotik-Rate-Limit 10000k/50000k",),
    },
    Feature.ADDRESS: dict.fromkeys(
        ("generic", "mikrotik", "fortigate", "paloalto", "ocserv", "strongswan", "openvpn"),
        ("Framed-IP-Address 10.8.0.17",),
    ),
    Feature.ROUTES: {"ocserv": ("Framed-Route 10.99.0.0/24", "Framed-IPv6-Route 2001:db8::/32")},
    Feature.DNS: dict.fromkeys(
        ("generic", "ocserv", "strongswan"),
        ("MS-Primary-DNS-Server 10.99.0.53", "MS-Secondary-DNS-Server 10.99.0.54"),
    ),
    Feature.DNS_SUFFIXES: {
        "strongswan": (
            "CVPN3000-IPSec-Default-Domain hangang.example",
            "CVPN3000-IPSec-Split-DNS-Names hangang.example,namsan.example",
        )
    },
}
GIVEN |= {
    Feature.BANDWIDTH: LIMITED,
    Feature.ADDRESS: "10.8.0.17",
    Feature.ROUTES: "10.99.0.0/24 2001:db8::/32",
    Feature.DNS: "10.99.0.53 10.99.0.54",
    Feature.DNS_SUFFIXES: "hangang.example namsan.example",
}
SPELLINGS = [
    (family, feature, golden)
    for family, row in GOLDEN.items()
    for feature, golden in (
        *zip(GIVEN, row, strict=False),
        *((feature, families.get(family, NOT_THERE)) for feature, families in MORE.items()),
    )
]

ENDS = "DISCONNECT"
CISCO_AGAIN = (
    "CHANGE Cisco-AVPair subscriber:command=reauthenticate, Cisco-AVPair subscriber:reauthenticate-type=rerun"
)
CISCO_BOUNCE = "CHANGE Cisco-AVPair subscriber:command=bounce-host-port"

# How each family is asked to reauthenticate, to bounce the port and to disconnect, and at which port.
CHANGES = {
    "generic": (("CHANGE Service-Type Authorize-Only", ENDS), (), (ENDS,), 3799),
    "hostapd": ((ENDS,), (), (ENDS,), 3799),
    "cisco": ((CISCO_AGAIN, ENDS), (CISCO_BOUNCE,), (ENDS,), 1700),
    "cisco-wlc": ((CISCO_AGAIN, ENDS), (), (ENDS,), 1700),
    "meraki": ((CISCO_AGAIN, ENDS), (CISCO_BOUNCE,), (ENDS,), 1700),
    "aruba": ((ENDS,), (), (ENDS,), 3799),
    "aruba-cx": ((ENDS,), ("CHANGE Aruba-Port-Bounce-Host 12",), (ENDS,), 3799),
    "procurve": ((ENDS,), ("CHANGE HP-Port-Bounce-Host 12",), (ENDS,), 3799),
    "comware": (
        (ENDS,),
        ("CHANGE H3C-Av-Pair subscriber:command=bounce-host-port",),
        (ENDS,),
        3799,
    ),
    "juniper": ((ENDS,), ("CHANGE Juniper-AV-Pair Port-Bounce",), (ENDS,), 3799),
    "mist": ((CISCO_AGAIN, ENDS), (), (ENDS,), 3799),
    "huawei": (
        ("CHANGE Huawei-Ext-Specific user-command=1", ENDS),
        ("CHANGE Huawei-Ext-Specific user-command=2",),
        (ENDS,),
        3799,
    ),
    "ruckus": ((ENDS,), (), (ENDS,), 3799),
    "icx": ((ENDS,), (), (ENDS,), 3799),
    "mikrotik": ((ENDS,), (), (ENDS,), 3799),
    "fortigate": ((), (), (ENDS,), 3799),
    "paloalto": ((), (), (), 3799),
    "ocserv": ((), (), (), 3799),
    "strongswan": ((), (), (ENDS,), 3799),
    "openvpn": ((), (), (), 3799),
}


def shown(attributes):
    return tuple(" ".join(NAMES.describe(attribute)) for attribute in attributes)


def written(recipe):
    return " ".join((recipe.action.name, ", ".join(shown(recipe.attributes)))).strip()


def test_every_family_and_every_feature_has_its_row():
    assert GOLDEN.keys() == CHANGES.keys() == FAMILIES.keys()
    assert list(GIVEN) == list(Feature)


@pytest.mark.parametrize(("family", "feature", "golden"), SPELLINGS)
def test_a_feature_is_spelt_as_its_family_reads_it_or_refused(family, feature, golden):
    if golden is NOT_THERE:
        with pytest.raises(UnknownFeature, match=f"{family} has no {feature.value}"):
            spell(FAMILIES[family], feature, GIVEN[feature])
    else:
        attributes = spell(FAMILIES[family], feature, GIVEN[feature])
        assert shown(attributes) == golden
        assert encode_attributes(attributes)


@pytest.mark.parametrize("name", FAMILIES)
def test_a_change_is_asked_for_as_its_family_understands_it_or_refused(name):
    family = FAMILIES[name]
    *ways, port = CHANGES[name]

    for change, golden in zip(Change, ways, strict=True):
        if golden:
            assert tuple(map(written, recipes(family, change))) == golden
        else:
            with pytest.raises(UnknownFeature, match=f"{name} cannot {change.value}"):
                recipes(family, change)
    assert family.port == port


@pytest.mark.parametrize(
    ("family", "privilege", "golden"),
    [
        ("generic", "read-only", ("Service-Type NAS-Prompt-User",)),
        ("cisco", "read-only", ("Service-Type NAS-Prompt-User", "Cisco-AVPair shell:priv-lvl=1")),
        ("cisco", "7", ("Service-Type NAS-Prompt-User", "Cisco-AVPair shell:priv-lvl=7")),
        ("aruba", "guest-provisioning", ("Aruba-Admin-Role guest-provisioning",)),
        ("aruba-cx", "1", ("Aruba-Priv-Admin-User 1",)),
        ("procurve", "3", ("HP-Privilege-Level 3",)),
        ("comware", "level-2", ("H3C-User-Role level-2",)),
        ("comware", "2", ("H3C-Exec-Privilege 2",)),
        ("juniper", "netops", ("Juniper-Local-User-Name netops",)),
        ("huawei", "3", ("Service-Type Administrative-User", "Huawei-Exec-Privilege 3")),
        ("icx", "read-only", ("Foundry-Privilege-Level 5",)),
        ("mikrotik", "read-only", ("Mikrotik-Group read",)),
        ("fortigate", "prof_admin", ("Fortinet-Access-Profile prof_admin",)),
        ("paloalto", "read-only", ("PaloAlto-Admin-Role superreader",)),
    ],
)
def test_a_privilege_may_be_the_family_s_own_word(family, privilege, golden):
    assert shown(spell(FAMILIES[family], Feature.PRIVILEGE, privilege)) == golden


@pytest.mark.parametrize(
    ("family", "privilege"),
    [
        ("generic", "15"),
        ("cisco", "16"),
        ("cisco", "root"),
        ("huawei", "-1"),
        ("icx", "6"),
        ("procurve", "99"),
    ],
)
def test_a_privilege_that_a_family_does_not_know_is_refused_and_not_rounded(family, privilege):
    with pytest.raises(UnknownFeature):
        spell(FAMILIES[family], Feature.PRIVILEGE, privilege)


def test_a_vlan_by_name_travels_as_its_family_names_it():
    assert shown(spell(FAMILIES["generic"], Feature.VLAN, "staff"))[2] == "Tunnel-Private-Group-Id staff"
    assert shown(spell(FAMILIES["generic"], Feature.VOICE_VLAN, "phones")) == ("Egress-VLAN-Name 1phones",)
    assert shown(spell(FAMILIES["cisco-wlc"], Feature.VLAN, "staff")) == ("Airespace-Interface-Name staff",)
    with pytest.raises(UnknownFeature, match="by number only"):
        spell(FAMILIES["mikrotik"], Feature.VLAN, "staff")


def test_the_attributes_of_a_vlan_share_their_tag():
    assert [a.value[0] for a in vlan("120", tag=3)] == [3, 3, 3]


def test_a_session_ends_or_logs_in_again_after_its_time():
    assert shown(session_timeout(3600, False)) == ("Session-Timeout 3600",)
    assert shown(session_timeout(3600, True))[1] == "Termination-Action RADIUS-Request"


def test_every_family_can_name_a_session():
    for name, family in FAMILIES.items():
        assert family.name == name
        assert family.identifies
        assert all(isinstance(each.action, Action) for ways in family.changes.values() for each in ways)


def test_one_direction_is_limited_where_a_family_can_and_refused_where_it_cannot():
    assert shown(spell(FAMILIES["ruckus"], Feature.BANDWIDTH, "/2000")) == (
        "WISPr-Bandwidth-Max-Down 2000000",
    )
    assert shown(spell(FAMILIES["procurve"], Feature.BANDWIDTH, "2000/")) == (
        "HP-Bandwidth-Max-Ingress 2000",
    )
    with pytest.raises(UnknownFeature, match="both directions"):
        spell(FAMILIES["mikrotik"], Feature.BANDWIDTH, "2000/")


def test_more_than_an_integer_holds_is_the_most_that_it_holds():
    assert shown(spell(FAMILIES["ruckus"], Feature.BANDWIDTH, "10000000/")) == (
        "WISPr-Bandwidth-Max-Up 4294967295",
    )


@pytest.mark.parametrize(
    ("family", "feature", "value"),
    [
        ("strongswan", Feature.ADDRESS, "2001:db8::17"),
        ("strongswan", Feature.DNS, "2001:db8::53"),
        ("ocserv", Feature.DNS, "10.99.0.53 10.99.0.54 10.99.0.55"),
    ],
)
def test_what_a_gateway_has_no_attribute_for_is_refused(family, feature, value):
    with pytest.raises(UnknownFeature):
        spell(FAMILIES[family], feature, value)


def test_name_servers_and_addresses_of_ipv6_have_attributes_of_their_own():
    given = spell(FAMILIES["ocserv"], Feature.DNS, "10.99.0.53 2001:db8::53")
    assert shown(given) == ("MS-Primary-DNS-Server 10.99.0.53", "DNS-Server-IPv6-Address 2001:db8::53")
    assert shown(spell(FAMILIES["generic"], Feature.ADDRESS, "2001:db8::17")) == (
        "Framed-IPv6-Address 2001:db8::17",
    )
