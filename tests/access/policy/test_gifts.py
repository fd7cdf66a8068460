import pytest

from access.model import Effect, Facts, Gives, Reason, Request, Subject, Via
from access.policy.compiled import compile
from access.policy.decide import decide
from access.policy.document import PolicyErrors, load
from access.policy.gifts import combine

NOW = 1_800_000_000.0
OPERATOR = Subject(7, "hangang", "kim", frozenset({"hangang/operators"}))
HEAD = "version: 1\nrules:\n"


def rule(objects: str, gives: str, name: str = "rule", who: str = "group:hangang/operators") -> str:
    return f"  - {{id: {name}, permit: [{objects}], who: ['{who}'], gives: {{{gives}}}}}\n"


def decided(text: str, object: str):
    via = Via(object.partition(":")[2])
    return decide(compile(load(HEAD + text)), OPERATOR, Request(object, Facts(via=via)), NOW)


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyErrors) as caught:
        load(text)
    return [problem.what for problem in caught.value.problems]


def test_a_login_to_a_device_gives_a_privilege_and_one_to_the_network_the_rest():
    text = rule("login:device", "privilege: full, session_timeout: 1h") + rule(
        "login:wired", "vlan: staff, voice_vlan: phones, role: engineer, acl: 3001", "wire"
    )

    assert decided(text, "login:device").gives == Gives(session_timeout_s=3600, privilege="full")
    assert decided(text, "login:wired").gives == Gives(
        "staff", voice_vlan="phones", role="engineer", acl="3001"
    )


@pytest.mark.parametrize("door", ["vpn", "wired", "wireless"])
def test_a_rule_for_the_network_opens_no_device_and_the_other_way_round(door: str):
    network, device = rule(f"login:{door}", "session_timeout: 1h"), rule("login:device", "privilege: full")

    assert decided(network, f"login:{door}").permitted
    assert decided(network, "login:device").reason is Reason.NO_PERMIT
    assert decided(device, "login:device").permitted
    assert decided(device, f"login:{door}").reason is Reason.NO_PERMIT


@pytest.mark.parametrize("name", ["vlan", "voice_vlan", "role", "acl"])
def test_a_device_is_given_nothing_of_the_network_s(name: str):
    assert problems(HEAD + rule("login:device", f"{name}: staff")) == [f"login:device gives no {name}"]


@pytest.mark.parametrize("objects", ["login:vpn", "login:wired, login:device"])
def test_a_privilege_is_for_devices_alone(objects: str):
    wrong = problems(HEAD + rule(objects, "privilege: full"))

    assert wrong == ["only login:device gives a privilege"]


@pytest.mark.parametrize("object", ["login:vpn", "login:device"])
def test_what_is_not_for_this_login_is_not_given_even_if_a_rule_had_it(object: str):
    everything = Gives("staff", 60, "phones", "engineer", "3001", "full")

    given = combine([everything], {}, object)

    alone = Gives(session_timeout_s=60, privilege="full")
    assert given == (alone if object == "login:device" else Gives("staff", 60, "phones", "engineer", "3001"))


@pytest.mark.parametrize(
    ("name", "door"),
    [("vlan", "wired"), ("voice_vlan", "wired"), ("role", "vpn"), ("acl", "vpn"), ("privilege", "device")],
)
def test_of_two_values_the_preferred_one_wins_and_without_preference_none(name: str, door: str):
    text = rule(f"login:{door}", f"{name}: one", "one") + rule(f"login:{door}", f"{name}: two", "two")

    undecided = decided(text, f"login:{door}")
    preferred = decided(text + f"prefer: {{{name}: [two, one]}}\n", f"login:{door}")

    assert (undecided.effect, undecided.reason) == (Effect.DENY, Reason.POLICY_CONFLICT)
    assert getattr(preferred.gives, name) == "two"


def test_the_numbers_of_vlans_are_read_by_site():
    text = HEAD + rule("login:wired", "vlan: staff, voice_vlan: '30'")

    document = load(text + "vlans:\n  seoul: {staff: 120}\n  busan: {staff: 220, guest: 230}\n")

    assert document.vlans == {"seoul": {"staff": 120}, "busan": {"staff": 220, "guest": 230}}


@pytest.mark.parametrize(
    ("vlans", "wrong"),
    [
        ("{seoul: {guest: 130}}", "site seoul has no number for VLAN staff"),
        ("{seoul: {staff: 4095}}", "'4095' is not a VLAN"),
        ("{seoul: {staff: twelve}}", "'twelve' is not the number of a VLAN"),
        ("{seoul: 120}", "the VLANs of seoul is a table of keys and values"),
    ],
)
def test_a_vlan_that_a_site_could_not_have_is_refused(vlans: str, wrong: str):
    assert wrong in problems(HEAD + rule("login:wired", "vlan: staff") + f"vlans: {vlans}\n")


def test_of_several_idle_timeouts_the_shortest_counts_whatever_their_order():
    gives = [Gives(idle_timeout_s=600), Gives(), Gives("staff", idle_timeout_s=300)]

    for permits in (gives, gives[::-1]):
        assert combine(permits, {}, "login:vpn") == Gives("staff", idle_timeout_s=300)
    assert decided(rule("login:device", "privilege: full, idle_timeout: 5m"), "login:device").gives == Gives(
        privilege="full", idle_timeout_s=300
    )
