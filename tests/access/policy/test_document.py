import unicodedata
from ipaddress import ip_network

import pytest

from access.model import Bilingual, Effect, Gives, Subject, Via
from access.policy.document import PolicyErrors, World, check, load
from access.policy.kept_texts import tree_of
from access.policy.tree import MAX_BYTES
from access.policy.vocabulary import Condition, Mailed, Ports, Protocol
from access.proof.factors import Factor
from tests.access.policy.samples import MONDAY_9, OFFICE


def problems_of(text: str) -> list[str]:
    """What is wrong with a text, read as an office's is: most of it is that of the text before."""
    with pytest.raises(PolicyErrors) as caught:
        load(text, tree_of)
    return [str(problem) for problem in caught.value.problems]


def test_a_document_is_read_into_values():
    document = load(OFFICE)

    git = document.networks["git"]
    assert (git.organization, git.to, git.ports) == ("hangang", (ip_network("10.99.0.128/28"),), ())
    assert document.networks["intranet"].ports[0] == Ports(Protocol.TCP, 443, 443)
    assert document.vdi["desktops"].lease_s == 8 * 3600
    staff, _, engineers, forbid, _, printer = document.rules
    assert staff.gives == Gives("staff", 28800)
    assert staff.conditions[1] == Condition("otp_age", 43200.0)
    assert staff.reason == Bilingual("Staff work from anywhere", "Staff work from anywhere")
    assert engineers.reason == Bilingual("개발자는 코드를 다룹니다", "Engineers work on the code")
    assert engineers.conditions == (Condition("via", frozenset({Via.VPN, Via.WIRED})),)
    assert forbid.effect is Effect.DENY
    assert printer.who == ("endpoint:00:11:22:aa:bb:cc",)
    assert printer.gives.vlan == "30"
    assert document.prefer == {"vlan": ("quarantine", "guest", "staff")}


def test_a_test_in_the_document_is_read_into_values():
    document = load(
        OFFICE
        + """\
tests:
  - name: an engineer
    who: {groups: [hangang/engineering], organization: hangang}
    facts: {via: vpn, otp_age: 5m, site: none, now: "2026-11-23T09:00:00+09:00"}
    accept: [network:git]
"""
    )

    (test,) = document.tests
    assert test.subject == Subject(-1, "hangang", "(test)", frozenset({"hangang/engineering"}))
    assert (test.now, test.facts.otp_at, test.facts.via) == (MONDAY_9, MONDAY_9 - 300, Via.VPN)
    assert test.facts.site.name == "DOES_NOT_APPLY"
    assert test.facts.method.name == "UNKNOWN"


def test_the_revision_is_the_hash_of_the_text():
    assert load(OFFICE).revision == load(OFFICE).revision
    assert load(OFFICE).revision != load(OFFICE + "# a remark\n").revision


ONE_MISTAKE = [
    ("  intranet: {", "  git: {", "line 4: 'git' stands on line 3 already"),
    ("10.99.0.0/25", "10.99.0.1/25", "line 3: '10.99.0.1/25' is not a network; did you mean 10.99.0.0/25?"),
    ("10.99.0.0/25", "ten", "line 3: 'ten' is not a network; write it as"),
    ("tcp/80", "tcp/80000", "line 3: 'tcp/80000' is not a port"),
    ("[10.99.0.0/25]", "[]", "line 3: the list is empty"),
    ("[10.99.0.0/25]", "{a: b}", "line 3: a list belongs here, not a table"),
    ("[10.99.0.0/25]", "[[10.99.0.0/25]]", "line 3: one value belongs here"),
    ("tcp/80, ", "tcp/443, ", "line 3: 'tcp/443' stands here twice"),
    (
        "10.98.0.0/24",
        "10.99.0.0/24",
        "line 6: wiki of seorak shares addresses with intranet of hangang (line 3)",
    ),
    (
        "10.98.0.0/24",
        "10.99.0.202/32",
        "line 8: vdi desktops of hangang shares addresses with wiki of seorak",
    ),
    ("organization: seorak, ", "", "line 6: network wiki lacks 'organization'"),
    ("port: tcp/3389", "port: tcp", "line 8: a pool has one port"),
    ("lease: 8h", "lease: 8 hours", "line 8: '8 hours' is not a duration; write a number and s, m, h or d"),
    ("lease: 8h", "lease: 367d", "line 8: 367d is not between 1s and 366d"),
    ("lease: 8h", "lease: 0h", "line 8: 0h is not between 1s and 366d"),
    ("d2: 10.99.0.202", "d2: 10.99.0.201", "line 8: desktop d2 has the address of desktops/d1"),
    ("d2: 10.99.0.202", "d2: 10.99.0", "line 8: '10.99.0' is not an address"),
    ("[mon, tue", "[monday, tue", "line 10: 'monday' is not a day; use mon, tue"),
    ('"20:00"', '"24:01"', "line 10: '24:01' is not a time of day"),
    ('"20:00"', '"08:00"', "line 10: hours business begin and end at the same time"),
    ('"20:00"', '"00:00"', "line 10: hours business cannot begin at 24:00 or end at 00:00"),
    ("Asia/Seoul", "Asia/Pyeongchang", "line 10: 'Asia/Pyeongchang' is not a time zone"),
    ("Asia/Seoul", "../etc/passwd", "line 10: '../etc/passwd' is not a time zone"),
    ("Asia/Seoul", "Asia", "line 10: 'Asia' is not a time zone"),
    ("otp_age: 12h", "otp_age: soon", "line 15: 'soon' is not a duration"),
    ("otp_age: 12h", "otp_ages: 12h", "line 15: when has no key 'otp_ages'; did you mean otp_age?"),
    ("hours: business}", "hours: busines}", "line 15: there are no hours 'busines'; did you mean business?"),
    ("vlan: staff", "vlan: 4095", "line 16: '4095' is not a VLAN"),
    ("id: everyone-intranet", "id: staff-vpn", "line 18: rule 'staff-vpn' stands on line 12 already"),
    ("    permit: [network:intranet]\n", "", "line 18: the rule neither permits nor forbids"),
    ("    who: [organization:hangang]\n", "", "line 18: a rule lacks 'who'"),
    (
        "permit: [network:intranet]",
        "permit: [network:intranets]",
        "line 19: there is no object 'network:intranets'; did you mean network:intranet?",
    ),
    ("permit: [network:intranet]", "permits: [network:git]", "line 19: a rule has no key 'permits'"),
    ("organization:hangang]", "everyone]", "line 20: 'everyone' names nobody; use group:ORG/NAME"),
    ("organization:hangang]", "group:hangang]", "line 20: 'hangang' is not a group; write it as ORG/NAME"),
    ("organization:hangang]", "endpoint:00-11]", "line 20: '00-11' is not a MAC address"),
    ("when: {via: [vpn, wired]}", "when: {via: [vpn, wifi]}", "line 24: 'wifi' is not known here; use vpn"),
    ("when: {via: [vpn, wired]}", "gives: {vlan: staff}", "line 24: only a permit of logins gives something"),
    ("en: Engineers", "fr: Engineers", "line 25: the text has no key 'fr'"),
    ("en: Engineers", "fr: Engineers", "line 25: the text lacks 'en'"),
    ("forbid: [network:git]", "forbid: []", "line 27: the list is empty"),
    (
        "    forbid: [n",
        "    permit: [network:git]\n    forbid: [n",
        "line 26: the rule both permits and forbids",
    ),
    (
        "    reason: Contractors work in their own repository\n",
        "",
        "line 26: forbid 'no-contractors-git' has no reason",
    ),
    ("reason: Contractors", "when: {otp_age: 1h}\n    reason: Contractors", "line 29: a forbid with otp_age"),
    ("when: {method: mab}", "valid_from: 2026-01-01", "line 36: '2026-01-01' is not a time with its offset"),
    (
        "when: {method: mab}",
        "valid_from: 2026-01-02T00:00:00Z\n    valid_to: 2026-01-01T00:00:00Z",
        "line 37: valid_to is not after valid_from",
    ),
    ("when: {method: mab}", "when:", "line 36: 'when' has no value"),
    (
        "reason: Contractors",
        "organization: seorak\n    reason: Contractors",
        "line 26: rule 'no-contractors-git' speaks for seorak, but neither network:git nor group:hangang",
    ),
    ("prefer: {vlan: [", "prefer: {vlans: [", "line 38: prefer has no key 'vlans'; did you mean vlan?"),
    ("version: 1", "version: 2", "line 1: this version of the format is not known; write `version: 1`"),
    ("version: 1\n", "", "line 1: the document lacks 'version'"),
    ("vdi:", "vdis:", "line 7: the document has no key 'vdis'; did you mean vdi?"),
    ("rules:\n", "rules: !!python/object:os.system\n", "line 11: a tag (!) is not allowed"),
    ("organization: seorak", "organization: &x seorak", "line 6: the anchor 'x' is not allowed"),
    ("organization: seorak", "organization: *x", "line 6: the alias 'x' is not allowed"),
    ("prefer:", "---\nprefer:", "line 38: a second document begins here"),
    ("prefer:", "\tprefer:", "line 38: this is not YAML"),
    ("prefer: {vlan: [", "prefer: {[a]: [", "line 38: a key must be a word"),
    ("  wiki: {", "  wi ki: {", "line 6: 'wi ki' is not a name"),
    ("10.99.0.0/25", '"::ffff:10.99.0.0/121"', "line 3: no packet has an address in '::ffff:10.99.0.0/121'"),
    ("10.99.0.0/25", '"fe80::1%eth0/128"', "line 3: no packet has an address in 'fe80::1%eth0/128'"),
    ("d2: 10.99.0.202", 'd2: "::ffff:10.99.0.202"', "line 8: no packet has the address '::ffff:10.99.0.202'"),
    ("[vpn, wired]", "[VPN, wired]", "line 24: 'VPN' is not known here; did you mean vpn?"),
    (
        "method: mab",
        "method: peap",
        "line 36: 'peap' is not known here; did you mean peap-mschapv2 or peap-gtc or peap-eap-tls?",
    ),
    (
        "prefer:",
        "<<<<<<< HEAD\nprefer:\n=======\nprefers:\n>>>>>>> other\n",
        "line 38: a merge has left both sides here; keep one",
    ),
    (
        "reason: Contractors",
        'reason: "Contractors',
        "line 29: this is not YAML: found unexpected end of",
    ),
    (
        "prefer:",
        "\tprefer:",
        "line 38: this is not YAML: found character '\\t' that cannot start any token; indent",
    ),
    (
        "reason: Contractors",
        "reason: No: contractors",
        "line 29: this is not YAML: mapping values are not allowed",
    ),
    (
        "who: [organization:hangang]",
        "who: @all",
        "line 20: this is not YAML: found character '@' that cannot",
    ),
    (
        "    who: [organization:hangang]",
        "   who: [organization:hangang]",
        "line 20: this is not YAML: expected <block",
    ),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), ONE_MISTAKE)
def test_a_mistake_is_reported_with_its_line(right: str, wrong: str, expected: str):
    assert right in OFFICE

    found = problems_of(OFFICE.replace(right, wrong, 1))

    assert any(problem.startswith(expected) for problem in found), found


def test_what_the_yaml_parser_says_comes_with_where_it_begins_and_what_helps():
    unclosed = OFFICE.replace("    who: [organization:hangang]", "    who: [organization:hangang", 1)

    assert problems_of(unclosed) == [
        "line 21: this is not YAML: expected ',' or ']', but got ':' (while parsing a flow sequence that "
        "begins on line 20); close the bracket"
    ]
    (tab,) = problems_of(OFFICE.replace("prefer:", "\tprefer:", 1))
    assert tab.endswith("; indent with spaces, never with tabs")


@pytest.mark.parametrize("hidden", [r"\e[2J", r"\a", r"\ud800", r"\u202e", r"\u2066", r"\N"])
def test_a_reason_has_nothing_that_steers_a_terminal_or_turns_the_writing_round(hidden: str):
    found = problems_of(
        OFFICE.replace("reason: Contractors work in", f'reason: "{hidden} in', 1).replace(
            "their own repository", 'their own"', 1
        )
    )

    assert len(found) == 1
    assert found[0].startswith("line 29: the text has the control character ")


def test_a_reason_of_several_lines_is_one_line():
    text = OFFICE.replace("reason: Contractors work", "reason: |\n      Contractors\n      work", 1)

    assert load(text).rules[3].reason == Bilingual(*["Contractors work in their own repository"] * 2)


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def test_a_name_is_the_same_however_its_letters_are_composed():
    text = OFFICE.replace("  business:", "  업무시간:").replace("hours: business", "hours: 업무시간")
    text = text.replace("  git:", "  깃:").replace("network:git", "network:깃")

    half = text.replace("network:깃", decomposed("network:깃")).replace(
        "hours: 업무시간", decomposed("hours: 업무시간")
    )
    other = text.replace("  깃:", decomposed("  깃:")).replace("  업무시간:", decomposed("  업무시간:"))

    assert load(half).rules == load(text).rules == load(other).rules


def test_two_names_that_differ_in_how_their_letters_are_composed_alone_are_one_twice():
    twice = f"  깃: {{organization: seorak, to: [10.97.0.0/24]}}\n  {decomposed('깃')}: {{"

    assert "line 5: '깃' stands on line 4 already; keep one of them" in problems_of(
        OFFICE.replace("  git: {", twice, 1)
    )


def test_a_site_and_a_group_of_nas_may_have_spaces_as_on_the_nas():
    text = OFFICE.replace("when: {method: mab}", "when: {site: 서울 본사, nas_group: 2nd floor, method: mab}")
    text += "vlans:\n  서울 본사: {staff: 20, lab: 30}\n"

    document = load(text)

    assert document.vlans == {"서울 본사": {"staff": 20, "lab": 30}}
    wanted = {each.name: each.argument for each in document.rules[5].conditions}
    assert (wanted["site"], wanted["nas_group"]) == ({"서울 본사"}, {"2nd floor"})
    assert problems_of(text.replace("2nd floor", '" 2nd"'))[0].startswith(
        "line 36: ' 2nd' is not the name of a place"
    )


TESTS = """\
tests:
  - name: an engineer
    who: {user: minjun.kim@hangang}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    accept: [network:git]
"""
ONE_MISTAKEN_TEST = [
    ("    accept: [network:git]\n", "", "line 40: the test neither accepts nor denies anything"),
    ("[network:git]", "[]", "line 43: the list is empty"),
    ("[network:git]", "[network:nowhere]", "line 43: there is no object 'network:nowhere'"),
    (', now: "2026-11-23T09:00:00+09:00"', "", "line 42: facts lacks 'now'"),
    ("+09:00", "", "line 42: '2026-11-23T09:00:00' is not a time with its offset"),
    (
        "[network:git]",
        "[network:git]\n    gives: {vlan: 1}",
        "line 44: the test accepts no login or desktop that could",
    ),
    ("user: minjun.kim@hangang", "groups: [a/b]", "line 41: who is either a user or somebody of an"),
    ("user: minjun.kim@hangang", "user: a@b, groups: [a/b]", "line 41: who is either a user or somebody"),
    ("user: minjun.kim@hangang", "user: minjun", "line 41: 'minjun' is not a user"),
    ("user: minjun.kim@hangang", "endpoint: zz, organization: a", "line 41: 'zz' is not a MAC address"),
    ("  - name", "  - name: an engineer\n  - name", "line 40: a test lacks 'who'"),
]


@pytest.mark.parametrize(("right", "wrong", "expected"), ONE_MISTAKEN_TEST)
def test_a_mistake_in_a_test_is_reported_with_its_line(right: str, wrong: str, expected: str):
    assert right in TESTS

    found = problems_of(OFFICE + TESTS.replace(right, wrong, 1))

    assert any(problem.startswith(expected) for problem in found), found


def test_every_mistake_is_reported_at_once():
    wrong = OFFICE.replace("10.99.0.0/25", "x").replace("08:00", "8").replace("id: printer", "ids: printer")

    assert [problem.split(":")[0] for problem in problems_of(wrong)] == [
        "line 3",
        "line 10",
        "line 33",
        "line 33",
    ]


def test_a_wide_network_is_compared_with_every_network_inside_it():
    wide = OFFICE.replace("10.99.0.0/25", "10.96.0.0/13").replace("10.98.0.0/24", "10.100.0.0/24")

    (found,) = problems_of(wide)

    assert found.startswith("line 6: wiki of seorak shares addresses with intranet of hangang (line 3)")


def test_networks_of_two_ip_versions_share_no_address():
    load(OFFICE.replace("10.98.0.0/24", '"::a63:0/112"'))


def test_a_network_with_a_mistake_does_not_make_its_rules_mistaken():
    assert len(problems_of(OFFICE.replace("10.99.0.128/28", "x"))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "the document is not a table"),
        ("- a", "the document is not a table"),
        ("a: [" * 9, "nested deeper than 8 levels"),
        ("\x00", "this is not YAML text"),
        ("a: \ud800", "this is not YAML text"),
        ("a: [1", "this is not YAML"),
        ("#" * (MAX_BYTES + 1), "larger than"),
        ("a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]", "the anchor 'a' is not allowed"),
    ],
)
def test_a_text_that_is_no_document_is_refused(text: str, expected: str):
    assert any(expected in problem for problem in problems_of(text))


def test_a_word_that_yaml_would_change_stays_as_written():
    document = load(OFFICE.replace("git:", "no:").replace("network:git", "network:no").replace('"', ""))

    assert "no" in document.networks
    assert document.hours["business"].start == 480


WORLD = World(
    groups=frozenset({"hangang/vpn-users", "hangang/Engineering", "hangang/contractors", "hangang/연구소"}),
    users={"minjun.kim@hangang": Subject(7, "hangang", "minjun.kim", frozenset({"hangang/vpn-users"}))},
    organizations=frozenset({"hangang", "seorak"}),
)


def test_a_document_about_known_people_has_no_problem():
    assert check(load(OFFICE + TESTS), WORLD) == []


def test_names_that_no_directory_has_are_named_with_their_line():
    text = (OFFICE + TESTS).replace("hangang/contractors", "hangang/contractor")
    text = text.replace("organization: seorak", "organization: sorak").replace(
        "user: minjun", "user: minjoon"
    )

    assert [str(problem) for problem in check(load(text), WORLD)] == [
        "line 6: there is no organization 'sorak'; did you mean seorak?",
        "line 26: there is no group 'hangang/contractor'; did you mean hangang/contractors?",
        "line 40: there is no user 'minjoon.kim@hangang'; did you mean minjun.kim@hangang?",
    ]


def test_a_test_about_somebody_of_another_realm_names_no_organization():
    text = (
        OFFICE
        + TESTS
        + """\
  - name: somebody of another realm
    who: {realm: university}
    facts: {via: vpn, now: "2026-11-23T09:00:00+09:00"}
    deny: [login:vpn]
"""
    )

    assert check(load(text), WORLD) == []


SECOND_VLAN = """\
  - id: lab
    permit: [login:vpn]
    who: [user:minjun.kim@hangang]
    gives: {vlan: lab}
"""


def test_rules_that_give_one_person_two_vlans_without_a_preference_are_named_with_the_person():
    text = OFFICE.replace("prefer:", SECOND_VLAN + "prefer:")

    (problem,) = check(load(text), WORLD)

    assert str(problem).startswith(
        "line 38: rules 'staff-vpn' and 'lab' give minjun.kim@hangang the VLANs staff and lab"
    )


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("[quarantine, guest, staff]", "[lab, staff]"),
        ("[login:vpn]\n    who: [user", "[login:wired]\n    who: [user"),
        ("user:minjun.kim@", "user:other@"),
        ("gives: {vlan: lab}", "gives: {vlan: staff}"),
    ],
)
def test_rules_that_cannot_give_one_person_two_vlans_are_no_conflict(right: str, wrong: str):
    text = OFFICE.replace("prefer:", SECOND_VLAN + "prefer:")
    assert right in text

    found = check(load(text.replace(right, wrong, 1)), WORLD)

    assert not [problem for problem in found if "VLANs" in problem.what]


def test_rules_whose_conditions_exclude_each_other_are_no_conflict():
    wired, wireless = "permit: [login:vpn]\n    when: {via: wired}", "when: {via: [wireless, portal], otp_age"
    text = OFFICE.replace("prefer:", SECOND_VLAN.replace("permit: [login:vpn]", wired) + "prefer:")

    assert check(load(text.replace("when: {otp_age", wireless)), WORLD) == []
    assert check(load(text.replace("when: {otp_age", wireless.replace("portal", "wired"))), WORLD) != []


def test_otp_age_lets_codes_by_e_mail_count_only_beside_a_factor_that_names_them():
    def wanted(when: str) -> dict[str, object]:
        (rule,) = [
            each
            for each in load(OFFICE.replace("when: {otp_age: 12h, hours: business}", when)).rules
            if each.id == "staff-vpn"
        ]
        return {each.name: each.argument for each in rule.conditions}

    assert wanted("when: {otp_age: 12h, factor: [totp, e-mail]}")["otp_age"] == Mailed(43200.0)
    assert wanted("when: {otp_age: 12h, factor: totp}")["otp_age"] == 43200.0
    assert wanted("when: {factor: e-mail}") == {"factor": frozenset({Factor.E_MAIL})}


@pytest.mark.parametrize("written", ["factor: sms", "assurance: guessed", 'assurance: ""'])
def test_a_factor_or_an_assurance_nobody_has_is_a_mistake(written: str):
    with pytest.raises(PolicyErrors, match="line 15"):
        load(OFFICE.replace("hours: business", written))


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("permit: [login:vpn], review: 2027-03-31", "'r' has a review and no owner"),
        ("forbid: [login:vpn], reason: No, owner: Lee, review: 2027-03-31", "'r' permits nothing"),
        ("permit: [login:vpn], owner: Lee, review: soon", "'soon' is not a day of the calendar"),
    ],
)
def test_a_review_is_a_day_of_a_permit_with_an_owner(keys, told):
    text = f"version: 1\nrules:\n  - {{id: r, who: [organization:hangang], {keys}}}\n"

    assert any(told in each for each in problems_of(text))
