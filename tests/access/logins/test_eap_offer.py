from dataclasses import replace
from ipaddress import ip_address, ip_network

from access.logins.eap_offer import INSIDE, inside, offer
from access.logins.memory import Memory
from access.model import Method, Via
from access.nas.registry import Code, EapMethod, NasClient
from access.policy.compiled import compile
from access.policy.document import load
from access.policy.offered import shapes
from radius.eap.packet import EapType
from radius.questions import Method as RadiusMethod

SECRET = ("a secret of some length",)
CLIENT = NasClient(1, 1, "ap", ip_network("192.0.2.1"), SECRET, Via.WIRELESS, Code.NONE, site="seoul")
ALL = tuple(EapMethod)


def policy(when: str):
    return load(
        f"version: 1\nrules: [{{id: r, permit: [login:wireless], who: [organization:hangang], when: {when}}}]"
    )


def offered(when: str, client: NasClient = CLIENT) -> tuple[EapMethod, ...]:
    return offer(client, shapes(policy(when).rules))


def test_every_method_says_what_can_happen_inside():
    assert set(INSIDE) == set(EapMethod)


def test_what_the_rules_leave_is_offered_in_the_order_of_the_nas():
    client = replace(CLIENT, eap_methods=(EapMethod.PEAP, EapMethod.TTLS, EapMethod.TLS))

    assert offered("{method: [eap-tls, peap-gtc]}", client) == (EapMethod.PEAP, EapMethod.TLS)
    assert offered("{method: mab, site: seoul}", client) == client.eap_methods


def test_inside_of_a_tunnel_nothing_is_taken_that_the_rules_could_not_accept():
    permits = shapes(policy("{method: [peap-gtc, eap-ttls-pap]}").rules)
    nothing_left = replace(CLIENT, eap_methods=(EapMethod.TLS,))

    assert inside(CLIENT, permits) == {Method.PEAP_GTC, Method.EAP_TTLS_PAP}
    assert inside(nothing_left, permits) is None
    assert inside(CLIENT, None) is None


def test_md5_is_offered_where_the_nas_and_a_rule_name_it():
    client = replace(CLIENT, eap_methods=ALL)

    assert EapMethod.MD5 not in offered("{site: seoul}", client)
    assert EapMethod.MD5 not in offered("{method: eap-md5}", CLIENT)
    assert EapMethod.MD5 not in offered("{method: eap-md5, site: busan}", client)
    assert EapMethod.MD5 not in offer(client, None)
    assert offered("{method: eap-md5}", client) == (EapMethod.MD5,)


def test_a_nas_without_eap_offers_none():
    assert offered("{site: seoul}", replace(CLIENT, eap=False)) == ()


def test_what_a_worker_offers_follows_the_policy_and_the_nas():
    memory, address = Memory(), ip_address("192.0.2.1")
    memory.put_clients([CLIENT])
    before = memory.find_nas(address).eap_methods

    memory.put_policy(compile(policy("{method: eap-tls}")))
    assert memory.find_nas(address).eap_methods == (EapType.TLS,)
    assert memory.find_nas(address).inside == {RadiusMethod.EAP_TLS}
    memory.put_clients([replace(CLIENT, site="busan", eap_methods=(EapMethod.TTLS, EapMethod.TLS))])
    assert memory.find_nas(address).eap_methods == (EapType.TLS,)
    memory.put_policy(None)

    assert before == (EapType.TLS, EapType.PEAP, EapType.TTLS)
    assert memory.find_nas(address).eap_methods == (EapType.TTLS, EapType.TLS)
