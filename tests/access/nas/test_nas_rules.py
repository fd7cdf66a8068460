from dataclasses import replace
from ipaddress import ip_network

import pytest

from access.model import Via
from access.nas.nas_rules import ANYWHERE, problems, where_compared
from access.nas.registry import Code, EapMethod, NasClient

NAS = NasClient(1, 1, "switch", ip_network("192.0.2.1"), ("a secret of some length",), Via.WIRED, Code.NONE)
OWN, SAMBA, WINBIND, NOBODY = ("network-password",), ("sambaNTPassword",), ("ntlm_auth",), ("none",)


@pytest.mark.parametrize(
    ("companies", "method", "via", "works"),
    [
        ([(OWN, True)], EapMethod.MSCHAPV2, Via.WIRED, True),
        ([(OWN, True)], EapMethod.MSCHAPV2, Via.VPN, False),
        ([(OWN, False)], EapMethod.MSCHAPV2, Via.WIRED, False),
        ([(NOBODY, True)], EapMethod.MSCHAPV2, Via.WIRED, False),
        ([(SAMBA, False)], EapMethod.MSCHAPV2, Via.VPN, True),
        ([(WINBIND, False)], EapMethod.MSCHAPV2, Via.VPN, True),
        ([(NOBODY, False), (SAMBA, False)], EapMethod.MSCHAPV2, Via.VPN, True),
        ([(NOBODY, True)], EapMethod.MD5, Via.WIRED, True),
        ([(SAMBA, False)], EapMethod.MD5, Via.WIRED, False),
        ([(OWN, True)], EapMethod.MD5, Via.VPN, False),
    ],
)
def test_a_hash_needs_something_to_be_compared_with(companies, method, via, works):
    client = replace(NAS, via=via, eap_methods=(EapMethod.TLS, method))

    found = [why.en for why in problems(client, where_compared(companies))]

    assert [why for why in found if f"Nobody could log in by {method} at --via {via}" in why] == found
    assert (found == []) == works


def test_where_others_decide_about_some_realm_anything_may_work():
    assert problems(replace(NAS, via=Via.VPN, eap_methods=(EapMethod.MSCHAPV2,)), ANYWHERE) == []
