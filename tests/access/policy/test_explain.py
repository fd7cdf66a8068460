from dataclasses import replace
from math import nan
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from access.model import Absent, Facts, Method, Reason, Request, Subject, Via
from access.policy.advice import NearestPermit
from access.policy.compiled import Policy, compile
from access.policy.conditions import CONDITIONS
from access.policy.decide import decide
from access.policy.document import load
from access.policy.explain import Explanation, explain
from access.policy.kept_texts import policy_of
from access.policy.remedies import COSTS, REMEDIES, Remedy, RemedyKind
from access.policy.standing import EVERYTHING, Standing, StandingKind
from access.policy.telling import render, render_remedy
from access.policy.words import CALLED, DOORS
from tests.access.policy.generated import case
from tests.access.policy.samples import HOUR, MINJUN, MONDAY_9, OFFICE, ON_VPN, office, person

SEOUL = ZoneInfo("Asia/Seoul")
SETTINGS = "; for Wi-Fi and wire it is chosen in the network settings of the device."
OLD_CODE = replace(ON_VPN, otp_at=MONDAY_9 - 13 * HOUR)
CONSENT = "  - {id: in, permit: [network:wiki], who: [group:hangang/engineering]}\n"
OTHERS = "  - {id: others, permit: [login:wired], who: [user:lee@hangang], when: {method: mab}}\n"
SITES = (
    "  - {id: seoul, permit: [network:payroll], who: [organization:hangang],"
    " when: {site: seoul, method: pap, nas_group: core}}\n"
)


def why(
    object: str,
    facts: Facts = ON_VPN,
    subject: Subject = MINJUN,
    now: float = MONDAY_9,
    policy: Policy | None = None,
) -> Explanation:
    return explain(policy or office(), subject, Request(object, facts), now)


def remedies(explanation: Explanation) -> list[str]:
    return [render_remedy(remedy, "en", SEOUL) for remedy in explanation.remedies]


def test_every_condition_has_a_remedy_and_a_name_and_every_door_a_name():
    assert set(REMEDIES) == set(CONDITIONS)
    assert set(CALLED) >= {*CONDITIONS, "nas_organization", "now"}
    assert set(DOORS) == set(Via)
    assert set(COSTS) == set(RemedyKind)


@pytest.mark.parametrize(
    ("explanation", "expected"),
    [
        (why("login:vpn"), []),
        (why("login:vpn", OLD_CODE), ["Enter a new code from the authenticator app."]),
        (why("login:vpn", now=MONDAY_9 - 2 * HOUR), ["Wait until 2026-11-23 08:00 KST."]),
        (
            why("login:vpn", replace(ON_VPN, otp_at=Absent.UNKNOWN), now=MONDAY_9 + 11 * HOUR),
            ["Wait until 2026-11-24 08:00 KST.", "Enter a new code from the authenticator app."],
        ),
        (why("network:git", Facts(via=Via.WIRELESS)), ["Connect by VPN or wire."]),
        (why("network:git", Facts()), ["Connect by VPN or wire."]),
        (
            why("network:git", subject=person()),
            ["Ask an administrator for membership of the group hangang/engineering."],
        ),
        (
            why("network:git", Facts(via=Via.WIRELESS), subject=person()),
            [
                "Ask an administrator for membership of the group hangang/engineering.",
                "Connect by VPN or wire.",
            ],
        ),
        (
            why("network:payroll"),
            ["No rule permits it to anybody yet. Ask an administrator for network:payroll."],
        ),
        (
            why("network:git", subject=person("hangang/contractors")),
            ["If the rule no-contractors-git should not stop you, ask an administrator."],
        ),
        (
            why("login:wired"),
            ["No rule permits it to anybody yet. Ask an administrator for login:wired."],
        ),
        (
            why("login:wired", policy=office(OTHERS)),
            [
                "Ask an administrator to let the rule others apply to you.",
                f"Log in with the method MAC address (MAB){SETTINGS}",
            ],
        ),
        (
            why("network:wiki"),
            [
                "The organization seorak has to permit it, too: ask an administrator there.",
                "No rule permits it to anybody yet. Ask an administrator for network:wiki.",
            ],
        ),
        (
            why("network:wiki", policy=office(CONSENT)),
            ["No rule permits it to anybody yet. Ask an administrator for network:wiki."],
        ),
        (
            why("network:payroll", policy=office(SITES)),
            [
                "What could not be found out: group of the NAS. Tell the helpdesk.",
                "What could not be found out: site. Tell the helpdesk.",
            ],
        ),
        (
            why(
                "network:payroll",
                Facts(method=Method.MAB, site="busan", nas_group="edge"),
                policy=office(SITES),
            ),
            [
                f"Log in with the method password (PAP){SETTINGS}",
                "Connect through a device of the group core.",
                "Connect at the site seoul.",
            ],
        ),
    ],
)
def test_a_refusal_comes_with_what_would_help(explanation: Explanation, expected: list[str]):
    assert remedies(explanation) == expected


def test_following_the_remedies_leads_to_a_permit():
    refused = why("login:vpn", replace(ON_VPN, otp_at=0.0), now=MONDAY_9 - 2 * HOUR)
    assert [remedy.kind for remedy in refused.remedies] == [RemedyKind.WAIT_UNTIL, RemedyKind.ENTER_CODE]

    then = refused.remedies[0].at

    assert then is not None
    assert decide(office(), MINJUN, Request("login:vpn", replace(ON_VPN, otp_at=then)), then).permitted


def test_the_nearest_permit_is_the_one_that_lacks_least():
    policy = office(
        "  - {id: far, permit: [network:git], who: [group:hangang/engineering],"
        " when: {via: wireless, site: busan}}\n"
    )

    assert why("network:git", Facts(via=Via.PORTAL), policy=policy).nearest == (
        NearestPermit("engineers", True, ("via",)),
    )


def test_of_two_permits_equally_near_the_one_about_the_person_is_named():
    policy = office("  - {id: a-first, permit: [network:git], who: [group:hangang/other]}\n")

    assert why("network:git", Facts(via=Via.PORTAL), policy=policy).nearest == (
        NearestPermit("engineers", True, ("via",)),
    )


def way(name: str, when: str, object: str = "network:payroll") -> str:
    return f"  - {{id: {name}, permit: ['{object}'], who: [organization:hangang], {when}}}\n"


@pytest.mark.parametrize(
    ("dear", "cheap", "expected"),
    [
        ("when: {site: busan}", "when: {otp_age: 1h}", "Enter a new code from the authenticator app."),
        ("when: {country: JP}", "when: {via: wired, otp_age: 1h}", "Connect by wire."),
        ("valid_to: 2026-01-01T00:00:00Z", "when: {site: busan, via: wired}", "Connect at the site busan."),
        ("when: {hours: business}", "when: {via: wired}", "Connect by wire."),
        ("when: {nas_group: lab}", "when: {hours: business}", "Wait until 2026-11-23 08:00 KST."),
    ],
)
def test_of_two_ways_the_one_that_costs_somebody_less_is_told(dear: str, cheap: str, expected: str):
    facts = replace(OLD_CODE, site="seoul", country="KR", nas_group="edge")
    early = MONDAY_9 - HOUR - (1200 if "nas_group" in dear else 3 * HOUR)

    told = why("network:payroll", facts, now=early, policy=office(way("a", dear) + way("b", cheap)))

    assert [permit.rule for permit in told.nearest] == ["b"]
    assert expected in remedies(told)


def test_nobody_is_sent_to_the_rule_of_a_printer():
    printer = '  - {id: mab, permit: [network:payroll], who: ["endpoint:00-00-5e-00-53-99"]}\n'
    visitors = "  - {id: visitors, permit: [network:payroll], who: [realm:partner]}\n"

    assert remedies(why("network:payroll", policy=office(printer))) == remedies(why("network:payroll"))
    assert why("network:payroll", policy=office(printer + visitors)).nearest == ()


@pytest.mark.parametrize("who", ["group:hangang/vpn-users", "user:lee@hangang", "organization:hangang"])
def test_nobody_is_told_of_another_companys_rule_about_a_login(who: str):
    policy = office(f"  - {{id: theirs, permit: [login:wired], who: ['{who}']}}\n")

    told = why("login:wired", subject=person(organization="namsan"), policy=policy)

    assert remedies(told) == ["No rule permits it to anybody yet. Ask an administrator for login:wired."]
    assert told.nearest == ()


def test_of_the_groups_of_two_companies_ones_own_is_named():
    rule = "  - {id: both, permit: [login:wired], who: [group:hangang/engineering, group:namsan/staff]}\n"

    told = why("login:wired", subject=person(organization="namsan"), policy=office(rule))

    assert remedies(told) == ["Ask an administrator for membership of the group namsan/staff."]


def test_the_side_that_consents_is_not_asked_again():
    assert why("network:wiki", policy=office(CONSENT)).nearest == ()


def test_a_remedy_that_both_organizations_call_for_is_told_once():
    fresh = (
        "  - {id: in, permit: [network:wiki], who: [organization:hangang], when: {otp_age: 1h}}\n"
        "  - {id: out, permit: [network:wiki], who: [organization:hangang],"
        " organization: hangang, when: {otp_age: 1h}}\n"
    )

    found = why("network:wiki", OLD_CODE, policy=office(fresh))

    assert [permit.rule for permit in found.nearest] == ["in", "out"]
    assert [remedy.kind for remedy in found.remedies] == [RemedyKind.ENTER_CODE]


def test_a_permit_that_has_ended_cannot_be_waited_for():
    ended = (
        "  - {id: trial, permit: [network:payroll], who: [organization:hangang],"
        " valid_to: 2026-01-01T00:00:00Z}\n"
    )

    assert remedies(why("network:payroll", policy=office(ended))) == [
        "The rule trial has ended: ask an administrator to prolong it."
    ]


def test_a_forbid_that_ends_can_be_waited_for():
    night = (
        "  - {id: night, forbid: [network:intranet], who: [organization:hangang],"
        " when: {hours: business}, reason: Quiet}\n"
    )

    assert remedies(why("network:intranet", policy=office(night))) == ["Wait until 2026-11-23 20:00 KST."]


def test_a_forbid_over_an_unknown_fact_names_the_fact():
    busan = (
        "  - {id: b, forbid: [network:intranet], who: [organization:hangang],"
        " when: {site: busan}, reason: B}\n"
    )

    assert remedies(why("network:intranet", policy=office(busan))) == [
        "What could not be found out: site. Tell the helpdesk."
    ]


def test_an_explanation_is_told_in_english():
    assert render(why("login:vpn", OLD_CODE), "en", SEOUL) == [
        "Denied: login:vpn (A condition is not met now)",
        "Rule staff-vpn wants age of the code (otp_age) < 12h, saw 13h",
        "Nearest permit: staff-vpn (lacks age of the code (otp_age))",
        "→ Enter a new code from the authenticator app.",
    ]
    assert render(why("login:vpn"), "en", SEOUL) == [
        "Permitted: login:vpn (Permitted)",
        "Rule staff-vpn permits: Staff work from anywhere",
        "VLAN: staff",
        "Session: at most 8h",
        "Decided again at 2026-11-23 20:00 KST",
    ]


def test_a_moment_is_told_by_the_clock_of_whoever_reads():
    ended = way("trial", "valid_to: 2026-01-01T00:00:00Z")

    assert render(why("network:payroll", policy=office(ended)), "en", SEOUL)[1] == (
        "Rule trial ended on 2026-01-01 09:00 KST"
    )


def test_a_conflict_says_what_each_rule_gives_and_that_nothing_chooses():
    lab = (
        "  - {id: lab, permit: [login:vpn], who: [group:hangang/engineering], gives: {vlan: lab, role: x}}\n"
        "  - {id: other, permit: [login:vpn], who: [group:hangang/engineering], gives: {role: y, acl: z}}\n"
    )

    refused = why("login:vpn", policy=office(lab))

    assert refused.decision.reason is Reason.POLICY_CONFLICT
    assert render(refused, "en", SEOUL)[-4:-2] == [
        "VLAN: lab (lab), staff (staff-vpn): nothing chooses between them",
        "Role: x (lab), y (other): nothing chooses between them",
    ]
    assert "VLAN: lab (lab), staff (staff-vpn) 가운데 어느 것도 앞서지 않습니다" in render(
        refused, "ko", SEOUL
    )
    assert why("login:vpn").differing == ()


def test_an_explanation_is_told_in_korean():
    assert render(why("network:git", Facts()), "ko", SEOUL) == [
        "거부: network:git (확인에 필요한 정보가 없습니다)",
        "규칙 engineers: 접속 방법(via) 조건 VPN 또는 유선, 현재 알 수 없음",
        "가장 가까운 허용 규칙: engineers (부족한 조건 접속 방법(via))",
        "→ 다음 방법으로 접속해 주세요: VPN 또는 유선.",
    ]
    assert render(why("network:git"), "ko", SEOUL)[1] == "규칙 engineers: 허용: 개발자는 코드를 다룹니다"


def test_without_a_policy_or_a_clock_there_is_an_explanation():
    assert explain(None, MINJUN, Request("login:vpn", ON_VPN), MONDAY_9).decision.reason is Reason.NO_POLICY
    assert why("login:vpn", now=nan).decision.reason is Reason.FACT_UNKNOWN
    assert len(render(why("login:vpn", now=nan), "en")) == 2


@pytest.mark.parametrize("kind", RemedyKind)
def test_a_remedy_is_said_in_both_languages_without_tokens(kind: RemedyKind):
    names = {
        RemedyKind.USE_FACTOR: "passkey",
        RemedyKind.REGISTER_ANEW: "vouched",
        RemedyKind.LOWER_RISK: "low",
        RemedyKind.USE_MEDIUM: "wired",
        RemedyKind.USE_CERTIFICATE: "managed",
        RemedyKind.REPORT_FACT: "site",
        RemedyKind.LOG_IN_WITH: "pap",
    }
    remedy = Remedy(kind, (names.get(kind, "vpn"),), at=MONDAY_9)

    korean, english = render_remedy(remedy, "ko"), render_remedy(remedy, "en")

    assert korean != english
    assert "{" not in korean + english
    assert "토큰" not in korean


@given(st.integers(0, 2**32))
def test_every_decision_can_be_explained(seed: int):
    drawn = case(seed)
    request = Request(drawn.object, drawn.facts)
    decision = decide(drawn.policy, drawn.subject, request, drawn.now)

    explanation = explain(drawn.policy, drawn.subject, request, drawn.now)

    assert explanation.decision == decision
    assert bool(explanation.remedies) != decision.permitted
    assert all(way for need in explanation.needs for way in need) and all(explanation.needs)
    assert render(explanation, "ko") and render(explanation, "en")


def test_whoever_is_contained_is_told_whom_to_call_and_nothing_else():
    contained = Standing(
        3, StandingKind.CONTAINMENT, ("user:minjun.kim@hangang",), (EVERYTHING,), owner="sec@hangang"
    )
    policy = office().with_standing([(3, contained)], 1)

    explanation = why("network:git", policy=policy)

    assert explanation.decision.reason is Reason.CONTAINED
    assert explanation.remedies == (Remedy(RemedyKind.CALL, ("sec@hangang",)),)


def test_a_grant_that_has_ended_is_no_permit_that_lacks_anything():
    grant = Standing(
        4, StandingKind.GRANT, ("user:minjun.kim@hangang",), ("network:payroll",), until=MONDAY_9
    )
    policy = office().with_standing([(4, grant)], 1)

    explanation = why("network:payroll", policy=policy)

    assert explanation.nearest == ()
    assert [each.kind for each in explanation.remedies] == [RemedyKind.ASK_FOR_ACCESS]


def test_the_owners_of_what_may_be_asked_for_are_named_where_their_word_is_missing_and_nowhere_else():
    lent = "requestable: {owners: [%s], longest: 4h, who: [organization:hangang]}, to: [10.9%s]}"
    policy = compile(
        load(
            OFFICE.replace("to: [10.99.0.144/28], ports: [tcp/443]}", lent % ("cho@hangang", "9.0.144/28"))
            .replace("to: [10.98.0.0/24]}", lent % ("han@seorak", "8.0.0/24"))
            .replace("prefer:", f"{CONSENT}prefer:")
        )
    )

    ours, theirs = why("network:payroll", policy=policy), why("network:wiki", policy=policy)

    # What costs least comes first.
    assert ours.remedies[0] == Remedy(RemedyKind.ASK_OWNER, ("cho@hangang, 4h",))
    assert [each.kind for each in ours.remedies[1:]] == [RemedyKind.ASK_FOR_ACCESS]
    # The owner permits it already; it is our own company that has not.
    assert RemedyKind.ASK_OWNER not in {each.kind for each in theirs.remedies}


def test_whom_an_opened_office_let_in_is_told_to_prove_who_they_are():
    explanation = why("login:vpn", replace(ON_VPN, method=Method.OFFICE_OPEN))

    assert explanation.decision.reason is Reason.CONDITION_FAILED
    assert explanation.nearest == (NearestPermit("staff-vpn", True, ("method",)),)
    assert explanation.needs == (((Remedy(RemedyKind.PROVE_WHO),),),)
    assert render(explanation, "ko", SEOUL)[1:] == [
        "가장 가까운 허용 규칙: staff-vpn (부족한 조건 인증 방식(method))",
        "→ 긴급 개방으로 본인 확인 없이 접속했습니다. 비밀번호와 인증 번호로 다시 로그인해 주세요.",
    ]


def test_instead_of_a_weak_method_nobody_is_sent_to_one_that_nobody_can_choose():
    explanation = why("login:vpn", replace(ON_VPN, method=Method.EAP_MD5))

    (remedy,) = explanation.remedies
    assert remedy.kind is RemedyKind.LOG_IN_WITH
    assert {"eap-tls", "eap-ttls-pap", "peap-mschapv2"} <= set(remedy.arguments)
    assert not {"eap-md5", "office-open", "home-server", "mab", "web"} & set(remedy.arguments)


@pytest.mark.parametrize(
    ("language", "told"), [("ko", "cho-2d@hangang, 4시간"), ("en", "cho-2d@hangang, 4h")]
)
def test_an_owner_whose_name_looks_like_a_duration_keeps_it(language: str, told: str):
    assert told in render_remedy(Remedy(RemedyKind.ASK_OWNER, ("cho-2d@hangang, 4h",)), language)


def wants(condition: str, facts: Facts = ON_VPN, now: float = MONDAY_9) -> tuple[str, str]:
    """The line of one failing condition, in Korean and in English."""
    told = why("network:payroll", facts, now=now, policy=office(way("one", condition)))
    return render(told, "ko", SEOUL)[1], render(told, "en", SEOUL)[1]


def test_values_of_conditions_are_in_words_and_a_choice_is_one():
    assert wants("when: {method: [pap, chap]}", replace(ON_VPN, method=Method.MAB)) == (
        "규칙 one: 인증 방식(method) 조건 CHAP 또는 비밀번호(PAP), 현재 MAC 주소(MAB)",
        "Rule one wants method CHAP or password (PAP), saw MAC address (MAB)",
    )
    assert wants("when: {certificate: managed}", replace(ON_VPN, certificate=Absent.DOES_NOT_APPLY)) == (
        "규칙 one: 인증서(certificate) 조건 등록된 기기의 인증서, 현재 인증서 없음",
        "Rule one wants certificate of a registered endpoint, saw no certificate",
    )
    assert wants("when: {otp_age: 90m}", replace(ON_VPN, otp_at=MONDAY_9 - 5400)) == (
        "규칙 one: 인증 번호 경과 시간(otp_age) 조건 1시간 30분 미만, 현재 1시간 30분",
        "Rule one wants age of the code (otp_age) < 1h 30m, saw 1h 30m",
    )
    assert wants("when: {ssid: ['a, b']}", replace(ON_VPN, ssid="c"))[1] == (
        "Rule one wants Wi-Fi (ssid) a, b, saw c"
    )


def test_closed_hours_say_which_day_it_is_and_that_it_is_a_holiday():
    hours = (
        "hours:\n  open: {days: [mon, fri], from: '08:00', to: '20:00', zone: Asia/Seoul,"
        " except: [korean-holidays]}\n"
    )
    rule = "  - {id: one, permit: [network:payroll], who: [organization:hangang], when: {hours: open}}\n"
    text = OFFICE.replace("prefer:", f"{rule}prefer:").replace("hours:\n", hours, 1)
    christmas = 1798160400.0  # 2026-12-25T10:00:00+09:00

    policy = policy_of(text)
    told = [
        render(why("network:payroll", now=christmas + day * 86400, policy=policy), language, SEOUL)[1]
        for day, language in ((0, "ko"), (0, "en"), (1, "ko"))
    ]

    assert told == [
        "규칙 one: 시간대(hours) 조건 open (월 금 08:00-20:00 Asia/Seoul 제외: korean-holidays),"
        " 현재 2026-12-25 10:00 (금 공휴일)",
        "Rule one wants hours open (mon fri 08:00-20:00 Asia/Seoul except korean-holidays),"
        " saw 2026-12-25 10:00 (fri holiday)",
        "규칙 one: 시간대(hours) 조건 open (월 금 08:00-20:00 Asia/Seoul 제외: korean-holidays),"
        " 현재 2026-12-26 10:00 (토)",
    ]


def test_a_rule_that_has_not_begun_says_when_it_does():
    coming = wants("valid_from: 2026-12-01T00:00:00+09:00, valid_to: 2026-12-05T00:00:00+09:00")

    assert coming == ("규칙 one: 2026-12-01 00:00 KST에 시작", "Rule one begins on 2026-12-01 00:00 KST")
    assert wants("valid_from: 2026-11-01T00:00:00+09:00, valid_to: 2026-11-05T00:00:00+09:00")[1] == (
        "Rule one ended on 2026-11-05 00:00 KST"
    )


def test_what_has_ended_is_prolonged_by_whoever_answers_for_it():
    ended = why("network:payroll", policy=office(way("trial", "owner: kim, valid_to: 2026-01-01T00:00:00Z")))

    assert remedies(ended) == ["The rule trial (kim) has ended: ask an administrator to prolong it."]


def test_what_has_to_be_done_together_and_what_is_one_of_two_ways_is_told_apart():
    lent = "requestable: {owners: [cho@hangang], longest: 4h}, to: [10.99.0.144/28]}"
    steps = "when: {method: pap, nas_group: core}"
    text = OFFICE.replace("to: [10.99.0.144/28], ports: [tcp/443]}", lent)
    text = text.replace("prefer:", f"{way('one', steps)}prefer:")
    at_the_edge = Facts(method=Method.MAB, nas_group="edge")

    told = why("network:payroll", at_the_edge, policy=policy_of(text))

    assert render(told, "en", SEOUL)[-3:] == [
        "→ Ask for temporary access in the portal, of cho@hangang, 4h at most.",
        f"→ Or: Log in with the method password (PAP){SETTINGS}",
        "→ Also: Connect through a device of the group core.",
    ]
    assert render(told, "ko", SEOUL)[-2:] == [
        "→ 또는: 다음 인증 방식으로 로그인해 주세요. Wi-Fi와 유선에서는 기기의 네트워크 설정에서 고릅니다: "
        "비밀번호(PAP).",
        "→ 그리고: 다음 장비 그룹을 통해 접속해 주세요: core.",
    ]


def test_a_conflict_says_what_an_administrator_has_to_mend():
    other = "  - {id: lab, permit: [login:vpn], who: [group:hangang/engineering], gives: {vlan: lab}}\n"

    told = why("login:vpn", policy=office(other))

    assert remedies(told) == [
        "Rules give different values: ask an administrator to have them agree, or to say under `prefer` "
        "which comes first: vlan."
    ]
