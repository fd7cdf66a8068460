"""Who may and who may not, in the cases that other engines are tested with, in our words and documents.

Cedar, Open Policy Agent, Teleport, OpenZiti, Pomerium and NetBird: of their public tests only the situation
is taken. Where the same situation comes out otherwise here, the test says why.
"""

from dataclasses import dataclass, replace
from itertools import permutations

import pytest

from access.logins.accept import lasts_s
from access.model import Absent, DesktopDuty, Facts, Method, Reason, Request, Subject, Via
from access.nas.endpoint_standing import EndpointFacts
from access.policy.decide import decide
from access.policy.document import World, check, load
from access.policy.kept_texts import policy_of
from access.policy.standing import EVERYTHING, Standing, StandingKind
from access.policy.vocabulary import PolicyErrors
from access.proof.factors import Factor
from tests.access.policy.samples import HOUR, MONDAY_9

CEDAR, OPA, TELEPORT = "Cedar", "Open Policy Agent", "Teleport"
OPENZITI, POMERIUM, NETBIRD = "OpenZiti", "Pomerium", "NetBird"
SERVER, LOGIN, DESKTOPS = "network:server", "login:vpn", "vdi:desktops"
ALICE = Subject(1, "hangang", "alice", frozenset({"hangang/engineering"}))
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9)
HEAD = """\
version: 1
networks: {server: {organization: hangang, to: [10.1.0.3/32]}}
vdi: {desktops: {organization: hangang, port: tcp/3389, desktops: {d1: 10.1.0.9}}}
rules:
"""
FORBIDDEN, UNKNOWN, FAILED = Reason.FORBIDDEN, Reason.FACT_UNKNOWN, Reason.CONDITION_FAILED
PERMITTED, NONE = Reason.PERMITTED, Reason.NO_PERMIT


def permit(id_: str, when: str = "", who: str = "organization:hangang", objects: str = SERVER) -> str:
    return f"  - {{id: {id_}, permit: [{objects}], who: ['{who}']{', when: ' + when if when else ''}}}\n"


def forbid(id_: str, when: str = "", who: str = "organization:hangang") -> str:
    return permit(id_, when, who).replace("permit:", "forbid:").replace("}\n", ", reason: not here}\n")


def asked(rules: str, subject: Subject = ALICE, object: str = SERVER, facts: Facts = ON_VPN, now=MONDAY_9):
    policy = policy_of(HEAD + rules)
    return decide(policy, subject, Request(object, facts), now)


ALL, AT_SEOUL, BY_WIRE = permit("all"), "{site: seoul}", "{via: wired}"


@dataclass(frozen=True)
class Case:
    """Some rules about Alice on the VPN, of whose place nothing is known, and what comes of them."""

    source: str
    what: str
    rules: str
    reason: Reason

    def __str__(self) -> str:
        return f"{self.source}: {self.what}"


CASES = [
    Case(CEDAR, "a forbid alone", forbid("no"), FORBIDDEN),
    Case(CEDAR, "a permit and a forbid, both of everybody", ALL + forbid("no"), FORBIDDEN),
    Case(CEDAR, "a permit beside a forbid whose condition fails", ALL + forbid("no", BY_WIRE), PERMITTED),
    Case(CEDAR, "a permit whose condition fails", permit("wire", BY_WIRE), FAILED),
    Case(CEDAR, "a permit that needs what nobody knows", permit("seoul", AT_SEOUL), UNKNOWN),
    Case(CEDAR, "such a permit beside one that needs nothing", ALL + permit("seoul", AT_SEOUL), PERMITTED),
    Case(
        CEDAR, "a failed permit beside an unknown one", permit("a", BY_WIRE) + permit("b", AT_SEOUL), UNKNOWN
    ),
    Case(CEDAR, "an unknown permit and a forbid", permit("b", AT_SEOUL) + forbid("no"), FORBIDDEN),
    Case(
        CEDAR,
        "permits that fail, speak and are unknown, and forbids likewise",
        permit("a", BY_WIRE) + ALL + permit("b", AT_SEOUL) + forbid("c", BY_WIRE) + forbid("no"),
        FORBIDDEN,
    ),
    Case(
        OPA,
        "nothing that speaks for her, and nothing said for that case",
        permit("bob", who="user:bob@hangang"),
        NONE,
    ),
    Case(
        OPA,
        "two definitions, of which one is enough",
        permit("a", BY_WIRE) + permit("b", "{via: vpn}"),
        PERMITTED,
    ),
    Case(
        OPA,
        "two conditions in one rule, of which one fails",
        permit("a", "{via: vpn, method: eap-tls}"),
        FAILED,
    ),
    Case(TELEPORT, "roles of which none mentions what is asked for", permit("vpn", objects=LOGIN), NONE),
    Case(TELEPORT, "a condition on the place, asked without any", permit("seoul", AT_SEOUL), UNKNOWN),
    Case(
        NETBIRD,
        "a rule that is switched off: its time is over",
        permit("x").replace("}\n", ', valid_to: "2026-01-01T00:00:00+09:00"}\n'),
        FAILED,
    ),
    Case(
        NETBIRD,
        "one that is off beside one that is on",
        ALL + permit("x").replace("}\n", ', valid_to: "2026-01-01T00:00:00+09:00"}\n'),
        PERMITTED,
    ),
    Case(
        OPENZITI,
        "a check that fails in one policy and none in another",
        permit("a", "{endpoint: managed}") + ALL,
        PERMITTED,
    ),
    Case(OPENZITI, "a check that fails in the only policy", permit("a", "{endpoint: managed}"), UNKNOWN),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_permits_and_forbids_come_to(case: Case):
    assert asked(case.rules).reason is case.reason


def test_a_forbid_that_needs_what_nobody_knows_speaks():
    """Cedar passes over a policy that it cannot evaluate, a forbid too, and allows.

    Here it forbids: else whoever keeps a NAS from saying where somebody is takes the forbid away with it.
    """
    decision = asked(ALL + forbid("no", AT_SEOUL))

    assert (decision.reason, decision.forbids) == (FORBIDDEN, ("no",))
    assert [(each.rule, each.condition, each.unknown) for each in decision.failed] == [("no", "site", True)]


@pytest.mark.parametrize("site, reason", [("seoul", PERMITTED), ("busan", FAILED), (Absent.UNKNOWN, UNKNOWN)])
def test_what_was_unknown_is_decided_when_it_is_known(site, reason):
    """Cedar: an authorization that was left open for one value, asked again with it."""
    assert asked(permit("seoul", AT_SEOUL), facts=replace(ON_VPN, site=site)).reason is reason


@pytest.mark.parametrize(("site", "reason"), [("seoul", FORBIDDEN), ("busan", PERMITTED)])
def test_a_forbid_that_was_unknown_is_decided_when_it_is_known(site, reason):
    """Cedar: the same of a forbid."""
    assert asked(ALL + forbid("no", AT_SEOUL), facts=replace(ON_VPN, site=site)).reason is reason


ROLES = {"all": ALL, "ops": permit("ops", who="group:hangang/engineering"), "no": forbid("no")}


@pytest.mark.parametrize("order", list(permutations(ROLES)), ids=" ".join)
def test_a_denial_counts_in_whatever_order_the_roles_come(order):
    """Teleport: allow, own and deny in different orders."""
    decision = asked("".join(ROLES[each] for each in order))

    assert (decision.reason, decision.forbids, decision.permits) == (FORBIDDEN, ("no",), ("all", "ops"))


NESTED = """\
groups:
  young: {organization: hangang, any: [group:hangang/employees]}
  employees: {organization: hangang, any: [group:hangang/staff]}
  staff: {organization: hangang, any: [group:hangang/engineering, group:hangang/sales]}
"""


@pytest.mark.parametrize(
    ("groups", "reason"),
    [
        ({"hangang/engineering"}, PERMITTED),
        ({"hangang/sales"}, PERMITTED),
        ({"hangang/visitors"}, NONE),
        # The same word in another company is another group.
        ({"namsan/engineering"}, NONE),
        (set(), NONE),
    ],
    ids=str,
)
def test_who_is_in_a_group_of_a_group_of_a_group_is_in_it(groups, reason):
    """Cedar: membership is transitive, and an entity of another type is another one."""
    subject = replace(ALICE, groups=frozenset(groups))

    assert asked(permit("young", who="group:hangang/young") + NESTED, subject).reason is reason


@pytest.mark.parametrize(
    "groups",
    [
        {"a": "any: [group:hangang/a]"},
        {"a": "any: [group:hangang/b]", "b": "any: [group:hangang/a]"},
        {"a": "but: [group:hangang/b]", "b": "all: [group:hangang/a]"},
    ],
    ids=["itself", "two", "by exclusion"],
)
def test_groups_that_run_in_a_circle_are_refused(groups):
    """Cedar: an entity hierarchy with a cycle is none. OPA: a rule that depends on itself is refused."""
    with pytest.raises(PolicyErrors, match="circle"):
        section = (f"  {name}: {{organization: hangang, {terms}}}\n" for name, terms in groups.items())
        load(HEAD + ALL + "groups:\n" + "".join(section))


@pytest.mark.parametrize(
    ("teams", "reason"),
    [
        ({"team=dev", "team=prod"}, PERMITTED),
        ({"team=PROD"}, PERMITTED),
        ({"team=dev"}, NONE),
        ({"team=production"}, NONE),
        ({"unit=prod"}, NONE),
        (set(), NONE),
    ],
    ids=str,
)
def test_one_of_the_values_of_an_attribute_is_enough_and_a_part_of_one_is_not(teams, reason):
    """Teleport: a role for those whose trait contains a word. Pomerium: a claim has one of its values."""
    subject = replace(ALICE, attributes=frozenset(each.casefold() for each in teams))

    assert asked(permit("prod", who="attribute:hangang/team=prod"), subject).reason is reason


def test_an_attribute_that_nobody_has_heard_of_excludes_nobody_for_good():
    """In OPA `not` of what is undefined is true: whoever has no clearance at all would not be excluded.

    Here a permit means nobody of whom the excluding attribute was never delivered: a value that vanishes from
    a directory must not permit anything.
    """
    rules = permit("calm", who="group:hangang/calm") + (
        "groups: {calm: {organization: hangang, all: [group:hangang/engineering],"
        " but: ['attribute:hangang/state=on-notice']}}\n"
    )

    said = [
        asked(rules, replace(ALICE, attributes=frozenset(values))).reason
        for values in ({"state=working"}, {"state=on-notice"}, {})
    ]
    assert said == [PERMITTED, NONE, NONE]


A, B, C = "group:hangang/a", "group:hangang/b", "group:hangang/c"
PEOPLE = {
    name: Subject(number, "hangang", f"u{number}", frozenset(f"hangang/{each}" for each in groups))
    for number, (name, groups) in enumerate({"none": "", "a": "a", "ab": "ab", "b": "b", "c": "c"}.items(), 1)
}
BOTH = "groups: {both: {organization: hangang, all: [group:hangang/a, group:hangang/b]}}\n"


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        ("[user:u1@hangang]", "none"),
        ("[user:u1@hangang, user:u5@hangang]", "none c"),
        (f"[{A}]", "a ab"),
        (f"[{A}, {B}]", "a ab b"),
        ("[group:hangang/both]", "ab"),
        ("[organization:hangang]", "none a ab b c"),
        ("[user:u1@hangang, group:hangang/both]", "none ab"),
        (f"[user:u5@hangang, {B}, {C}]", "ab b c"),
        ("[organization:namsan]", ""),
    ],
)
def test_who_is_selected_by_people_groups_any_of_them_and_all_of_them(who, expected):
    """OpenZiti: each shape of a role set against each set of attributes. All-of is a computed group here."""
    policy = policy_of(f"{HEAD}  - {{id: x, permit: [{SERVER}], who: {who}}}\n{BOTH}")

    reached = [
        name
        for name, one in PEOPLE.items()
        if decide(policy, one, Request(SERVER, ON_VPN), MONDAY_9).permitted
    ]

    assert " ".join(reached) == expected


def test_a_rule_for_nobody_is_refused():
    """In OpenZiti and Cedar an empty set selects nobody, and the policy lies there without a word.

    Here it is a mistake of whoever wrote it, and is refused with its line.
    """
    with pytest.raises(PolicyErrors, match="line 5"):
        load(f"{HEAD}  - {{id: x, permit: [{SERVER}], who: []}}\n")


@pytest.mark.parametrize(
    ("endpoint", "wanted", "reason"),
    [
        (EndpointFacts(known=MONDAY_9 + HOUR), "known", PERMITTED),
        (EndpointFacts(known=MONDAY_9 + HOUR), "managed", FAILED),
        (EndpointFacts(managed=MONDAY_9 + HOUR), "managed", PERMITTED),
        (EndpointFacts(known=MONDAY_9), "known", FAILED),
        (EndpointFacts(certified=MONDAY_9 + HOUR), "[managed, certified]", PERMITTED),
        (EndpointFacts(), "unregistered", PERMITTED),
        (EndpointFacts(known=MONDAY_9 + HOUR), "unregistered", FAILED),
        (EndpointFacts(None, None, 0.0), "known", UNKNOWN),
        (Absent.UNKNOWN, "known", UNKNOWN),
        (Absent.DOES_NOT_APPLY, "known", FAILED),
    ],
    ids=str,
)
def test_what_an_endpoint_has_to_be(endpoint, wanted, reason):
    """Pomerium: no device, an enrolled one, an approved one, another kind, one that is not approved."""
    facts = replace(ON_VPN, endpoint=endpoint)

    assert asked(permit("x", f"{{endpoint: {wanted}}}"), facts=facts).reason is reason


@pytest.mark.parametrize(
    "written",
    ["00:11:22:AA:BB:CC", "00-11-22-aa-bb-cc", "0011.22AA.bbcc", "001122AABBCC", "00:11:22:aa:bb:cc"],
)
def test_a_mac_address_is_the_same_however_it_is_written(written):
    """OpenZiti: addresses with colons, dashes, dots or nothing between them, in capitals or not."""
    printer = Subject(0, "hangang", "00-11-22-aa-bb-cc")
    facts = Facts(via=Via.WIRED, method=Method.MAB)
    rules = permit("printer", "{method: mab}", f"endpoint:{written}", "login:wired")

    assert asked(rules, printer, "login:wired", facts).permitted
    assert not asked(rules, replace(printer, name="00-11-22-aa-bb-cd"), "login:wired", facts).permitted


def giving(*gives: str, objects: str = LOGIN) -> str:
    rule = "  - {{id: r{}, permit: [{}], who: [organization:hangang]{}}}\n"
    return "".join(
        rule.format(number, objects, f", gives: {{{each}}}" if each else "")
        for number, each in enumerate(gives)
    )


@pytest.mark.parametrize(
    ("gives", "seconds"),
    [
        (("session_timeout: 8h", "session_timeout: 2h", "session_timeout: 4h"), 7200),
        (("session_timeout: 2h", ""), 7200),
        (("", ""), None),
    ],
    ids=str,
)
def test_of_several_lengths_of_a_session_the_shortest_counts_and_none_is_no_limit(gives, seconds):
    """Teleport: the shortest session of all roles; a role that says nothing makes none longer."""
    assert lasts_s(asked(giving(*gives), object=LOGIN), None, MONDAY_9) == seconds


@pytest.mark.parametrize(
    ("first", "second", "name", "together"),
    [
        ("idle_timeout: 1h", "idle_timeout: 10m", "idle_timeout_s", 600),
        ("sessions: 5", "sessions: 2", "sessions", 2),
        ("sessions: 5", "idle_timeout: 10m", "sessions", 5),
        ("bandwidth: {up: 10M}", "bandwidth: {up: 2M, down: 1G}", "up_kbps", 2000),
        ("bandwidth: {up: 10M}", "bandwidth: {up: 2M, down: 1G}", "down_kbps", 1_000_000),
    ],
)
def test_of_several_limits_the_smallest_counts(first, second, name, together):
    """Teleport: idle timeout and number of connections over several roles."""
    for gives in ((first, second), (second, first)):
        assert getattr(asked(giving(*gives), object=LOGIN).gives, name) == together


def test_what_one_role_owes_is_owed_by_whoever_has_it_and_another():
    """Teleport: the strictest way of recording of all roles."""
    rules = giving("desktop: watermark", "desktop: [recorded, no-clipboard]", "", objects=DESKTOPS)

    owed = asked(rules, object=DESKTOPS).gives.desktop

    assert set(owed) == {DesktopDuty.WATERMARK, DesktopDuty.RECORDED, DesktopDuty.NO_CLIPBOARD}


@pytest.mark.parametrize(
    ("gives", "prefer", "outcome"),
    [
        (("vlan: staff", "vlan: staff"), "", "staff"),
        (("vlan: staff", "vlan: guest"), "", Reason.POLICY_CONFLICT),
        (("vlan: staff", "vlan: guest"), "prefer: {vlan: [guest, staff]}\n", "guest"),
        (
            ("vlan: staff", "vlan: guest", "vlan: lab"),
            "prefer: {vlan: [guest, staff]}\n",
            Reason.POLICY_CONFLICT,
        ),
        (("vlan: staff", ""), "", "staff"),
    ],
    ids=str,
)
def test_two_values_for_what_can_have_one_are_a_conflict_and_one_value_twice_is_none(gives, prefer, outcome):
    """OPA: a complete rule with two outputs is an error, with the same one twice it is not.

    What OPA finds out when it is asked, a login here is refused for; `prefer` says which one wins.
    """
    decision = asked(giving(*gives) + prefer, object=LOGIN)

    assert outcome in (decision.reason, decision.gives.vlan)
    assert decision.permitted is (outcome is not Reason.POLICY_CONFLICT)


LOCKS = [
    (("user:alice@hangang",), (EVERYTHING,), None, Reason.CONTAINED),
    (("group:hangang/engineering",), (EVERYTHING,), None, Reason.CONTAINED),
    (("organization:hangang",), (SERVER,), None, Reason.CONTAINED),
    (("user:bob@hangang",), (EVERYTHING,), None, PERMITTED),
    (("user:alice@hangang",), (LOGIN,), None, PERMITTED),
    (("user:alice@hangang",), (EVERYTHING,), MONDAY_9, PERMITTED),
    (("user:alice@hangang",), (EVERYTHING,), MONDAY_9 + 1, Reason.CONTAINED),
]


@pytest.mark.parametrize(("who", "objects", "until", "reason"), LOCKS, ids=str)
def test_a_lock_cuts_off_whom_it_means_until_it_ends(who, objects, until, reason):
    """Teleport: locks on a user, a role and a resource, and one that has expired."""
    lock = Standing(1, StandingKind.CONTAINMENT, who, objects, until=until)
    policy = policy_of(HEAD + ALL).with_standing([(1, lock)], 1)

    decision = decide(policy, ALICE, Request(SERVER, ON_VPN), MONDAY_9)

    assert decision.reason is reason
    assert decision.valid_until == (until if reason is Reason.CONTAINED else None)


def test_a_grant_lasts_as_long_as_was_granted_and_no_rule_of_denial_yields_to_it():
    """Teleport: an access request that was approved, its end, and a role that denies."""
    grant = Standing(1, StandingKind.GRANT, ("user:alice@hangang",), (SERVER,), until=MONDAY_9 + HOUR)

    def reason(rules: str, now: float) -> Reason:
        policy = policy_of(HEAD + rules).with_standing([(1, grant)], 1)
        return decide(policy, ALICE, Request(SERVER, ON_VPN), now).reason

    nothing = permit("vpn", objects=LOGIN)
    assert reason(nothing, MONDAY_9 + HOUR - 1) is PERMITTED
    assert reason(nothing, MONDAY_9 + HOUR) is FAILED
    assert reason(forbid("no"), MONDAY_9) is FORBIDDEN


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (permit("x", who="group:hangang/ghosts"), "there is no group 'hangang/ghosts'"),
        (permit("x", who="user:ghost@hangang"), "there is no user 'ghost@hangang'"),
        (permit("x", who="organization:nowhere"), "there is no organization 'nowhere'"),
        (permit("x", who="attribute:hangang/shoe=44"), "there is no attribute 'hangang/shoe'"),
        (permit("x", who="group:hangang/Engineering"), ""),
        (permit("x", who="user:Alice@hangang"), ""),
    ],
)
def test_names_that_no_directory_has_are_told_before_the_document_is_in_force(rule, told):
    """Cedar: a policy about an entity type or attribute that the schema does not have does not validate."""
    world = World(users={"alice@hangang": ALICE}, groups={"hangang/engineering"}, organizations={"hangang"})

    found = [each.what for each in check(load(HEAD + rule), world)]

    assert found == ([told] if told else [])
