from access.model import Method, Via
from access.policy.document import load
from access.policy.offered import Place, acceptable, shapes

DOCUMENT = load(
    """\
version: 1
rules:
  - id: office
    permit: [login:wireless]
    who: [organization:hangang]
    when: {method: [eap-tls, peap-gtc], site: seoul}
  - id: laboratory
    permit: [login:wireless, login:wired]
    who: [group:hangang/engineering]
    when: {nas_group: laboratory}
  - id: old-phones
    permit: [login:wired]
    who: [group:hangang/phones]
    when: {method: eap-md5, site: busan, ssid: none-at-all}
  - id: never
    forbid: [login:wired]
    who: [organization:hangang]
    when: {method: eap-tls}
    reason: a forbid opens nothing
  - id: reach
    permit: [login:vpn]
    who: [organization:hangang]
    when: {via: vpn}
"""
)
PERMITS = shapes(DOCUMENT.rules)


def left(place: Place) -> set[Method]:
    return set(acceptable(PERMITS, place, Method))


def test_what_no_rule_of_a_place_could_accept_is_left_out():
    assert left(Place(Via.WIRELESS, "seoul")) == {Method.EAP_TLS, Method.PEAP_GTC}
    assert left(Place(Via.WIRELESS, "busan")) == set()
    assert left(Place(Via.WIRELESS)) == set()
    assert left(Place(Via.WIRED, "seoul")) == set()


def test_a_rule_that_says_nothing_of_methods_means_all_but_the_weakest():
    everything = set(Method) - {Method.EAP_MD5}

    assert left(Place(Via.WIRED, "seoul", "laboratory")) == everything
    assert left(Place(Via.VPN)) == everything


def test_the_weakest_counts_where_a_rule_names_it():
    assert left(Place(Via.WIRED, "busan")) == {Method.EAP_MD5}


def test_rules_that_ask_the_same_are_one():
    many = "version: 1\nrules:\n" + "".join(
        f"  - {{id: r{number}, permit: [login:vpn], who: [group:hangang/g{number}]}}\n"
        for number in range(50)
    )

    assert len(shapes(load(many).rules)) == 1
