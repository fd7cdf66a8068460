"""For every kind of mistake a document that makes it, and edits that cannot be done."""

from collections.abc import Callable, Mapping

from access.model import Subject
from access.policy import editing
from access.policy.part_text import put_back, read_part
from access.policy.parts import Place
from access.policy.tree import MAX_BYTES, MAX_DEPTH
from access.policy.vocabulary import World
from access.words.document_mistakes import RuleMistake, SectionMistake
from access.words.phrase import Kind
from access.words.text_mistakes import EditMistake, TextMistake
from access.words.value_mistakes import ValueMistake
from access.words.world_mistakes import Failure, WorldMistake

HEAD = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.1.0.0/24]}
  git: {organization: hangang, to: [10.2.0.0/24]}
vdi:
  desks: {organization: hangang, port: tcp/3389, desktops: {d1: 10.3.0.1}}
"""
WORLD = World(
    users={
        f"{name}@hangang": Subject(number, "hangang", name, frozenset({"hangang/staff"}))
        for number, name in enumerate(("ahn", "bae", "cho", "kim"), 1)
    },
    groups=frozenset({"hangang/staff"}),
    organizations=frozenset({"hangang", "namsan"}),
)
WHEN = '{user: kim@hangang}, facts: {now: "2026-11-23T09:00:00+09:00"}'


def section(text: str) -> str:
    return HEAD + text + "\n"


def rule(more: str = "", permit: str = "permit: [login:vpn], ", who: str = "[organization:hangang]") -> str:
    return section(f"rules:\n  - {{id: one, {permit}who: {who}{more}}}")


def rules(*each: str) -> str:
    return section("rules:\n" + "\n".join(f"  - {{{one}}}" for one in each))


def network(rest: str) -> str:
    return HEAD.replace("[10.1.0.0/24]}", rest + "}")


def hours(days: str = "[mon]", begin: str = "08:00", end: str = "20:00", zone: str = "UTC") -> str:
    return section(f'hours:\n  day: {{days: {days}, from: "{begin}", to: "{end}", zone: {zone}}}')


def promise(rest: str, more: str = "") -> str:
    return section(f"{more}tests:\n  - {{name: a promise, who: {WHEN}, {rest}}}")


def pool(desktops: str = "{d1: 10.3.0.1}", rest: str = "") -> str:
    return HEAD.replace("desktops: {d1: 10.3.0.1}", f"desktops: {desktops}{rest}")


STAFF_VPN = "id: one, permit: [login:vpn], who: [group:hangang/staff]"
ZONES = (
    "zones:\n  work: {holds: [network:intranet], vlans: [10]}\n  dev: {holds: [network:git], vlans: [20]}\n"
)
CROSSING = ', crosses: [dev], owner: Kim, reason: r, valid_to: "2027-01-01T00:00:00Z"'

VALUES: Mapping[ValueMistake, str] = {
    ValueMistake.NOT_A_NAME: section('holidays:\n  "a b": {days: [2026-12-24], zone: UTC}'),
    ValueMistake.NOT_A_PLACE: rule(', when: {site: " seoul"}'),
    ValueMistake.NOT_A_SENTENCE: rule(', owner: " "'),
    ValueMistake.CONTROL_CHARACTER: rule(', owner: "a\\u0007b"'),
    ValueMistake.NOT_A_DURATION: rule(", when: {otp_age: soon}"),
    ValueMistake.NO_SUCH_DURATION: rule(", when: {otp_age: 400d}"),
    ValueMistake.NOT_A_COUNT: rule(", gives: {sessions: many}"),
    ValueMistake.NOT_A_BANDWIDTH: rule(", gives: {bandwidth: {up: fast}}"),
    ValueMistake.NOT_A_DOMAIN: rule(', gives: {dns_suffixes: ["a_b"]}'),
    ValueMistake.NOT_A_TIME_OF_DAY: hours(begin="25:00"),
    ValueMistake.NOT_A_DAY: hours(days="[today]"),
    ValueMistake.NOT_A_TIME_ZONE: hours(zone="Seoul"),
    ValueMistake.NOT_A_MOMENT: rule(", valid_to: tomorrow"),
    ValueMistake.NOT_A_CALENDAR_DAY: rule(", owner: Kim, review: 2026-13-01"),
    ValueMistake.NOT_A_COUNTRY: rule(", when: {country: Korea}"),
    ValueMistake.NOT_A_NETWORK: network("[10.1.0.1/24, office]"),
    ValueMistake.UNSEEN_NETWORK: network('["::ffff:10.1.0.0/120"]'),
    ValueMistake.NOT_AN_ADDRESS: pool("{d1: here}"),
    ValueMistake.UNSEEN_ADDRESS: pool('{d1: "::ffff:10.3.0.1"}'),
    ValueMistake.NOT_A_PORT: network("[10.1.0.0/24], ports: [http]"),
    ValueMistake.NAMES_NOBODY: rule(who="[staff]"),
    ValueMistake.NOT_A_GROUP: rule(who="[group:staff]"),
    ValueMistake.NOT_AN_ATTRIBUTE: rule(who='["attribute:department=it"]'),
    ValueMistake.NOT_AN_ATTRIBUTE_NAME: rule(who='["attribute:hangang/1=it"]'),
    ValueMistake.NOT_AN_ATTRIBUTE_VALUE: rule(who='["attribute:hangang/department="]'),
    ValueMistake.NOT_A_USER: rule(who="[user:kim]"),
    ValueMistake.NOT_A_MAC_ADDRESS: rule(who="[endpoint:laptop]"),
    ValueMistake.NOT_A_VLAN: rule(", gives: {vlan: 5000}"),
    ValueMistake.NOT_A_VLAN_NUMBER: section("vlans:\n  seoul: {staff: ten}"),
    ValueMistake.NOT_AN_SSID: rule(f", when: {{ssid: {'x' * 33}}}"),
    ValueMistake.NOT_KNOWN_HERE: rule(", when: {via: [wire, vpm]}"),
    ValueMistake.NOTHING_TO_ASK: network(
        "[10.1.0.0/24], requestable: {owners: [kim@hangang], needs: [mood]}"
    ),
    ValueMistake.NO_OBJECT: rule(permit="permit: [network:intra], "),
    ValueMistake.NO_HOURS: rule(", when: {hours: night}"),
    ValueMistake.NO_HOLIDAYS: rule(", when: {holiday: [ours]}"),
}
TEXTS: Mapping[TextMistake, str] = {
    TextMistake.TOO_LARGE: "version: 1\n#" + "x" * MAX_BYTES,
    TextMistake.BOTH_SIDES: "<<<<<<< ours\nversion: 1\n=======\nversion: 2\n>>>>>>> theirs\n",
    TextMistake.NOT_YAML: "version: 1\nnetworks:\n  a: {to: [1\n\n\n",
    TextMistake.NOT_YAML_TEXT: "version: 1\n# \x00\n",
    TextMistake.SECOND_DOCUMENT: "version: 1\n---\nversion: 1\n",
    TextMistake.ANCHOR: "version: &one 1\n",
    TextMistake.ALIAS: "version: &one 1\nprefer: {vlan: [*one]}\n",
    TextMistake.TAG: "version: !number 1\n",
    TextMistake.TOO_DEEP: f"version: {'[' * MAX_DEPTH}{']' * MAX_DEPTH}\n",
    TextMistake.KEY_IS_NO_WORD: "version: 1\n? [networks]\n: none\n",
    TextMistake.NO_SECTIONS: "- version\n",
    TextMistake.UNKNOWN_VERSION: "version: 2\n",
    TextMistake.NOT_ONE_VALUE: rule(", owner: [Kim]"),
    TextMistake.NOT_A_LIST: network("{first: 10.1.0.0/24}"),
    TextMistake.EMPTY_LIST: network("[]"),
    TextMistake.WORD_TWICE: network("[10.1.0.0/24, 10.1.0.0/24]"),
    TextMistake.NO_SUCH_KEY: rule(", wen: {via: vpn}, qqqq: 1"),
    TextMistake.LACKS_KEY: section("rules:\n  - {permit: [login:vpn], who: [organization:hangang]}"),
    TextMistake.NOT_A_TABLE: section("hours: [day]"),
    TextMistake.NOT_A_LIST_OF_ENTRIES: section("rules: {one: two}"),
    TextMistake.KEY_TWICE: section("version: 1"),
    TextMistake.NO_VALUE: section("rules:"),
}
SECTIONS: Mapping[SectionMistake, str] = {
    SectionMistake.MANY_PORTS: HEAD.replace("tcp/3389", "tcp/3389-3399"),
    SectionMistake.HOLIDAYS_KNOWN: section("holidays:\n  korean-holidays: {days: [2026-12-24], zone: UTC}"),
    SectionMistake.HOURS_OF_NO_TIME: hours(begin="08:00", end="08:00"),
    SectionMistake.HOURS_TURNED: hours(begin="24:00", end="08:00"),
    SectionMistake.SHARED_ADDRESSES: HEAD.replace("10.2.0.0/24", "10.1.0.0/25").replace(
        "git: {organization: hangang", "git: {organization: namsan"
    ),
    SectionMistake.DESKTOP_TWICE: pool("{d1: 10.3.0.1, d2: 10.3.0.1}"),
    SectionMistake.NO_NUMBER_FOR_VLAN: rule(", gives: {vlan: staff}\n", permit="permit: [login:wired], ")
    + "vlans:\n  seoul: {guest: 30}\n",
    SectionMistake.NOBODY_DECIDES: network("[10.1.0.0/24], requestable: {longest: 4h}"),
    SectionMistake.ZONE_OF_NOTHING: section("zones:\n  work: {title: Work}"),
    SectionMistake.NO_ZONE: section(ZONES) + f"rules:\n  - {{{STAFF_VPN}{CROSSING.replace('dev', 'lab')}}}\n",
    SectionMistake.IN_TWO_ZONES: section(
        "zones:\n  work: {holds: [network:intranet], vlans: [10]}\n  dev: {holds: [login:wired], vlans: [10]}"
    ),
    SectionMistake.SHARED_BY_ZONES: HEAD.replace("10.2.0.0/24", "10.1.0.0/25") + ZONES,
    SectionMistake.GROUP_TWICE: section(
        "groups:\n  All: {organization: hangang, any: [group:hangang/staff]}\n"
        "  all: {organization: hangang, any: [group:hangang/staff]}"
    ),
    SectionMistake.COMPUTED_OF_NOTHING: section("groups:\n  all: {organization: hangang}"),
    SectionMistake.NOT_COMPUTABLE: section("groups:\n  all: {organization: hangang, any: [realm:uni]}"),
    SectionMistake.OF_ANOTHER_COMPANY: section(
        "groups:\n  all: {organization: hangang, any: [group:namsan/staff]}"
    ),
    SectionMistake.CIRCLE: section(
        "groups:\n  a: {organization: hangang, any: [group:hangang/b]}\n"
        "  b: {organization: hangang, any: [group:hangang/a]}"
    ),
    SectionMistake.NESTED_TOO_DEEP: section(
        "groups:\n"
        + "\n".join(
            f"  g{n}: {{organization: hangang, any: [group:hangang/{f'g{n + 1}' if n < 40 else 'staff'}]}}"
            for n in range(41)
        )
    ),
    SectionMistake.OPEN_TOO_LONG: section(
        "openings:\n  hq: {organization: hangang, site: seoul, permit: [login:wired], longest: 8h}"
    ),
    SectionMistake.CANNOT_OPEN: section(
        "openings:\n  hq: {organization: hangang, site: seoul, permit: [login:portal]}"
    ),
    SectionMistake.CANNOT_LET_IN: section(
        "openings:\n  hq: {organization: hangang, site: hq, permit: [login:wired], who: [group:namsan/a]}"
    ),
    SectionMistake.TEST_TWICE: promise("accept: [login:vpn]")
    + f"  - {{name: a promise, who: {WHEN}, deny: [login:vpn]}}\n",
    SectionMistake.TEST_OF_NOTHING: promise("gives: {vlan: 10}"),
    SectionMistake.NOTHING_TO_GIVE: promise("accept: [network:git], gives: {vlan: 10}"),
    SectionMistake.NOT_ONE_SUBJECT: promise("deny: [login:vpn]").replace(
        "{user: kim@hangang}", "{groups: [hangang/a]}"
    ),
    SectionMistake.GROUP_IS_COMPUTED: promise(
        "deny: [login:vpn]", "groups:\n  all: {organization: hangang, any: [group:hangang/staff]}\n"
    ).replace("{user: kim@hangang}", "{groups: [hangang/all], organization: hangang}"),
    SectionMistake.UNREGISTERED_AND_MORE: promise("deny: [login:vpn]").replace(
        '+09:00"}', '+09:00", endpoint: [known, unregistered]}'
    ),
}
RULES: Mapping[RuleMistake, str] = {
    RuleMistake.RULE_TWICE: rules(STAFF_VPN, STAFF_VPN),
    RuleMistake.TWO_EFFECTS: rule(", forbid: [login:wired], reason: r"),
    RuleMistake.NO_EFFECT: rule(permit=""),
    RuleMistake.FORBIDS_WITHOUT_REASON: rule(permit="forbid: [login:vpn], "),
    RuleMistake.NOTHING_TO_REVIEW: rule(
        ", reason: r, owner: Kim, review: 2027-01-01", permit="forbid: [login:vpn], "
    ),
    RuleMistake.NOBODY_TO_REVIEW: rule(", review: 2027-01-01"),
    RuleMistake.SPEAKS_FOR_STRANGERS: rule(
        ", organization: seorak", permit="permit: [network:git], ", who="[group:namsan/staff]"
    ),
    RuleMistake.FORBIDS_FRESH_CODES: rule(", reason: r, when: {otp_age: 1h}", permit="forbid: [login:vpn], "),
    RuleMistake.FORBIDS_FEW_SESSIONS: rule(
        ", reason: r, when: {sessions: 2}", permit="forbid: [login:vpn], "
    ),
    RuleMistake.ENDS_BEFORE_IT_BEGINS: rule(
        ', valid_from: "2027-01-02T00:00:00Z", valid_to: "2027-01-01T00:00:00Z"'
    ),
    RuleMistake.CROSSES_AND_PERMITS_NOTHING: section(ZONES)
    + f"rules:\n  - {{id: one, forbid: [network:git], who: [organization:hangang]{CROSSING}}}\n",
    RuleMistake.CROSSES_WITHOUT: section(ZONES) + f"rules:\n  - {{{STAFF_VPN}, crosses: [dev]}}\n",
    RuleMistake.VLAN_OF_ANOTHER_ZONE: section(ZONES.replace("network:git", "login:wired"))
    + "rules:\n  - {id: one, permit: [login:wired], who: [organization:hangang], gives: {vlan: 10}}\n",
    RuleMistake.TIER_LACKS: rule(", tier: guardrail, reason: r"),
    RuleMistake.TEMPORARY_WITHOUT_END: rule(", tier: temporary, owner: Kim, reason: r"),
    RuleMistake.REQUIRES_BELOW_GUARDRAIL: rule(", when: {otp_age: 1h}", permit="require: [login:vpn], "),
    RuleMistake.REQUIRES_NOTHING: rule(
        ", tier: guardrail, owner: Kim, reason: r", permit="require: [login:vpn], "
    ),
    RuleMistake.REQUIRES_FOR_A_TIME: rule(
        ', tier: guardrail, owner: Kim, reason: r, when: {otp_age: 1h}, valid_to: "2027-01-01T00:00:00Z"',
        permit="require: [login:vpn], ",
    ),
    RuleMistake.DESKTOP_OF_NO_POOL: rule(", gives: {desktop: [recorded]}"),
    RuleMistake.GIVES_WITHOUT_LOGIN: rule(", gives: {vlan: 10}", permit="permit: [network:git], "),
    RuleMistake.NOT_FOR_DEVICES: rule(", gives: {vlan: 10}", permit="permit: [login:device], "),
    RuleMistake.PRIVILEGE_IS_FOR_DEVICES: rule(", gives: {privilege: admin}"),
    RuleMistake.NOT_FOR_LOGINS: rule(", gives: {vlan: 10, desktop: [recorded]}"),
    RuleMistake.FOR_ONE_LOGIN: rule(", gives: {dns: [10.1.0.5]}", permit="permit: [login:wired], "),
    RuleMistake.ADDRESS_FOR_MANY: rule(", gives: {address: 10.8.0.17}"),
    RuleMistake.ADDRESS_TWICE: rules(
        "id: one, permit: [login:vpn], who: [user:kim@hangang], gives: {address: 10.8.0.17}",
        "id: two, permit: [login:vpn], who: [user:ahn@hangang], gives: {address: 10.8.0.17}",
    ),
}
TWO_VLANS = (
    f"{STAFF_VPN}, gives: {{vlan: 10}}",
    "id: two, permit: [login:vpn], who: [organization:hangang], gives: {vlan: 20}",
)
WORLDLY: Mapping[WorldMistake, str] = {
    WorldMistake.GROUP_TAKEN: section("groups:\n  staff: {organization: hangang, any: [user:kim@hangang]}"),
    WorldMistake.NO_GROUP: rule(who="[group:hangang/stuff]"),
    WorldMistake.NO_ATTRIBUTE: rule(who='["attribute:hangang/department=it"]'),
    WorldMistake.NO_USER: rule(who="[user:lee@hangang]"),
    WorldMistake.NO_ORGANIZATION: rule(who="[organization:seorak]"),
    WorldMistake.TWO_GIFTS: rules(*TWO_VLANS),
    WorldMistake.BEYOND_GUARDRAIL: rules(
        "id: one, require: [login:vpn], who: [organization:hangang], when: {otp_age: 1h}, tier: guardrail, "
        "owner: Kim, reason: r",
        "id: two, permit: [login:vpn], who: [group:hangang/staff]",
    ),
    WorldMistake.TWO_ZONES: section(ZONES)
    + "rules:\n  - {id: one, permit: [network:intranet], who: [group:hangang/staff]}\n"
    "  - {id: two, permit: [network:git, network:intranet], who: [organization:hangang]}\n",
    WorldMistake.TWO_ZONES_OPENED: section(ZONES) + "openings:\n"
    "  one: {organization: hangang, site: seoul, permit: [network:git, network:intranet]}\n"
    "  two: {organization: hangang, site: seoul, permit: [login:vpn, network:git]}\n",
    WorldMistake.MORE_PAIRS: rules(
        *(
            f"id: r{n}, permit: [login:vpn], who: [group:hangang/staff], gives: {{vlan: {n}}}"
            for n in range(1, 13)
        )
    ),
}
OPEN = f"rules:\n  - {{{STAFF_VPN}, when: {{otp_age: 1h}}}}\n"
BROKEN: Mapping[Failure, str] = {
    # That a user is there is looked at before; only whoever runs the tests alone comes here.
    Failure.NO_USER: promise("deny: [login:vpn]").replace("kim@hangang", "lee@hangang"),
    Failure.DENIED: promise("accept: [login:vpn]", OPEN),
    Failure.PERMITTED: promise("deny: [login:vpn]", OPEN.replace(", when: {otp_age: 1h}", "")),
    Failure.GIVES_OTHERWISE: promise(
        "accept: [login:vpn], gives: {vlan: 10, session_timeout: 1h}",
        OPEN.replace("when: {otp_age: 1h}", "gives: {vlan: 20}"),
    ),
}
TWO_ADDRESSES = rules(
    "id: one, permit: [login:vpn], who: [user:kim@hangang], gives: {address: 10.8.0.17}",
    "id: two, permit: [login:vpn], who: [user:kim@hangang], gives: {address: 10.8.0.18}",
)
DOCUMENTS: Mapping[Kind, str] = {**VALUES, **TEXTS, **SECTIONS, **RULES, **WORLDLY, **BROKEN}

_RULE = {"id": "two", "permit": ["login:vpn"], "who": ["organization:hangang"]}
_FLOW = 'version: 1\nrules: [{id: "one", permit: [login:vpn], who: [organization:hangang]}]\n'
EDITS: Mapping[EditMistake, Callable[[], object]] = {
    EditMistake.NO_NEW_ID: lambda: editing.add_rule(rule(), {**_RULE, "id": "one"}),
    EditMistake.RULES_ARE_NO_LIST: lambda: editing.add_rule("version: 1\nrules: {}\n", _RULE),
    EditMistake.RULES_OF_ONE_NAME: lambda: editing.remove_rule(rules(STAFF_VPN, STAFF_VPN), "one"),
    EditMistake.NAME_BOTH: lambda: editing.set_value(rule(), ("version",), "2"),
    EditMistake.PATH_IS_NO_TABLE: lambda: editing.set_value(rule(), ("rules", "one", "who", "x"), "y"),
    EditMistake.CANNOT_BE_CHANGED: lambda: editing.set_value(
        "version: 1\nprefer: {vlan: [a]}\nprefer: {vlan: [b]}\n", ("prefer", "vlan"), "c"
    ),
    EditMistake.NOT_THERE: lambda: editing.change_rule(rule(), "lost", "who", "x"),
    EditMistake.NO_RULES: lambda: editing.remove_rule(HEAD, "one"),
    EditMistake.NOTHING_TO_TAKE_AWAY: lambda: editing.change_rule(rule(), "one", "when", None),
    EditMistake.BEGINS_ITS_ENTRY: lambda: editing.change_rule(
        section("rules:\n  - id: one\n    permit: [login:vpn]"), "one", "id", None
    ),
    EditMistake.HEAD_OFFICES_SECTION: lambda: read_part("version: 1\nprefer: {vlan: [a]}\n"),
    EditMistake.TWO_OF_ONE_NAME: lambda: read_part(rules(STAFF_VPN, STAFF_VPN)),
    EditMistake.SECTION_IS_A_LIST: lambda: read_part("version: 1\nrules: {one: two}\n"),
    EditMistake.SECTION_IS_A_TABLE: lambda: read_part("version: 1\nnetworks: [one]\n"),
    EditMistake.ENTRY_WITHOUT_NAME: lambda: read_part("version: 1\nrules: [{permit: [login:vpn]}]\n"),
    EditMistake.WRITTEN_IN_ONE_LINE: lambda: put_back(_FLOW, {Place("rules", "one"): "x"}, {}),
}
