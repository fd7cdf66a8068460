import pytest

from access.model import DesktopDuty, Effect, Facts, Gives, Reason, Request, Subject, Via
from access.policy.decide import decide
from access.policy.document import PolicyErrors, World, check, load
from access.policy.gifts import combine, spelt
from access.policy.kept_texts import policy_of

NOW = 1_800_000_000.0
OPERATOR = Subject(7, "hangang", "kim", frozenset({"hangang/operators"}))
HEAD = "version: 1\nrules:\n"


def rule(objects: str, gives: str, name: str = "rule", who: str = "group:hangang/operators") -> str:
    return f"  - {{id: {name}, permit: [{objects}], who: ['{who}'], gives: {{{gives}}}}}\n"


def decided(text: str, object: str):
    via = Via(object.partition(":")[2])
    return decide(policy_of(HEAD + text), OPERATOR, Request(object, Facts(via=via)), NOW)


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


def test_of_several_limits_of_sessions_the_smallest_counts_whatever_their_order():
    gives = [Gives(sessions=3), Gives("staff"), Gives(sessions=2)]

    for permits in (gives, gives[::-1]):
        assert combine(permits, {}, "login:vpn") == Gives("staff", sessions=2)
    assert combine(gives[:2], {}, "login:vpn").sessions == 3


def vpn(gives: str, name: str = "rule", who: str = "group:hangang/operators") -> str:
    return rule("login:vpn", gives, name, who)


def test_bandwidths_are_the_smallest_each_way_and_lists_come_together_in_whatever_order():
    one = vpn("bandwidth: {up: 10M, down: 1G}, routes: [10.2.0.0/24, 10.1.0.0/24], dns: [10.0.0.53]", "one")
    two = vpn(
        "bandwidth: {up: 512k}, routes: [10.1.0.0/24, '2001:db8::/32'], dns_suffixes: [B.example]", "two"
    )

    first, second = decided(one + two, "login:vpn"), decided(two + one, "login:vpn")

    assert first.gives == second.gives
    assert (first.gives.up_kbps, first.gives.down_kbps) == (512, 1_000_000)
    assert list(map(str, first.gives.routes)) == ["10.1.0.0/24", "10.2.0.0/24", "2001:db8::/32"]
    assert first.gives.dns_suffixes == ("b.example",)


def test_what_a_desktop_owes_stays_once_a_rule_says_so():
    text = (
        "  - {id: one, permit: [vdi:desks], who: ['group:hangang/operators'], gives: {desktop: recorded}}\n"
        "  - {id: two, permit: [vdi:desks], who: ['group:hangang/operators']}\n"
        "  - {id: three, permit: [vdi:desks], who: ['group:hangang/operators'],"
        " gives: {desktop: [watermark, recorded]}}\n"
        "vdi: {desks: {organization: hangang, port: tcp/3389, desktops: {one: 10.9.9.1}}}\n"
    )

    decision = decide(policy_of(HEAD + text), OPERATOR, Request("vdi:desks", Facts()), NOW)

    assert decision.gives == Gives(desktop=(DesktopDuty.RECORDED, DesktopDuty.WATERMARK))


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (rule("login:vpn, login:wired", "routes: 10.0.0.0/8"), "only login:vpn gives routes"),
        (rule("login:wired", "dns: 10.0.0.53"), "only login:vpn gives dns"),
        (rule("login:vpn", "desktop: recorded, vlan: 3"), "a login gives no desktop"),
        (rule("login:vpn", "desktop: recorded"), "only a permit of vdi:NAME gives a desktop"),
        (rule("login:device", "privilege: full, bandwidth: {up: 1M}"), "login:device gives no bandwidth"),
        (vpn("address: 10.8.0.17"), "an address is for one person or endpoint"),
        (vpn("address: 10.8.0.17", who="organization:hangang"), "an address is for one person or endpoint"),
        (
            vpn("address: 10.8.0.17", "one", "user:a@hangang")
            + vpn("address: 10.8.0.17", "two", "user:b@hangang"),
            "10.8.0.17 is that of user:a@hangang already (line 3)",
        ),
        (vpn("bandwidth: {up: 10}"), "'10' is not a bandwidth"),
        (vpn("bandwidth: {up: 0M}"), "'0M' is not a bandwidth"),
        (vpn("bandwidth: {up: 101G}"), "'101G' is not a bandwidth"),
        (vpn("dns_suffixes: [한강.example]"), "'한강.example' is not a domain"),
        (vpn("dns_suffixes: ['a b']"), "'a b' is not a domain"),
        (vpn("routes: [10.0.0.1/8]"), "'10.0.0.1/8' is not a network"),
    ],
)
def test_what_cannot_be_given_is_an_error_when_it_is_saved(text: str, wrong: str):
    assert wrong in problems(HEAD + text)


def test_two_addresses_for_one_person_are_an_error_when_saved_and_a_conflict_at_run_time():
    text = HEAD + "".join(vpn(f"address: 10.8.0.{last}", f"r{last}", "user:kim@hangang") for last in (17, 18))
    kim = Subject(7, "hangang", "kim", frozenset())
    world = World(users={"kim@hangang": kim}, organizations=frozenset({"hangang"}))

    found = check(load(text), world)
    decision = decide(policy_of(text), kim, Request("login:vpn", Facts(via=Via.VPN)), NOW)

    assert [problem.instead for problem in found] == ["let both give one address"]
    assert "the addresses 10.8.0.17 and 10.8.0.18" in found[0].what
    assert (decision.reason, decision.gives) == (Reason.POLICY_CONFLICT, Gives())


def test_what_a_nas_is_told_tells_bandwidths_apart():
    assert spelt(Gives(vlan="3")) == "vlan=3"
    assert spelt(Gives(vlan="3", up_kbps=512)) != spelt(Gives(vlan="3", up_kbps=513))


def test_rules_for_different_risks_never_meet_and_may_give_different_roles():
    text = HEAD + "".join(
        vpn(f"role: {level}", level, "user:kim@hangang").replace("gives:", f"when: {{risk: {level}}}, gives:")
        for level in ("low", "high")
    )
    world = World(users={"kim@hangang": OPERATOR}, organizations=frozenset({"hangang"}))

    assert check(load(text), world) == []
