"""What people meet at nine in the morning: the API and the console say the same, in both languages."""

import html

import pytest

from access.rights.containment import By, Order, Target, Whom, contain
from tests.access.console.test_api_codes import key_of
from tests.access.console.test_api_explain import EXPLAINS, HOST, URL

POLICY = """\
version: 1
networks:
  office: {organization: hangang, to: [10.99.0.0/25]}
  lab: {organization: hangang, to: [10.97.0.0/25]}
  ledger: {organization: hangang, to: [10.96.0.0/25], requestable: {owners: [boss@hangang], longest: 4h}}
hours:
  business:
    days: [mon, tue, wed, thu, fri]
    from: "08:00"
    to: "20:00"
    zone: Asia/Seoul
    except: [korean-holidays]
zones:
  business: {title: {ko: 업무망, en: Business}, holds: [network:office]}
  development: {title: {ko: 개발망, en: Development}, holds: [network:lab]}
rules:
  - {id: wifi, permit: [login:wireless], who: [organization:hangang], when: {ssid: office}}
  - {id: wire, permit: [login:wired], who: [organization:hangang], when: {site: seoul}}
  - {id: vpn, permit: [login:vpn], who: [organization:hangang], when: {otp_age: 12h, hours: business}}
  - {id: office, permit: [network:office], who: [group:hangang/vpn-users]}
  - {id: lab, permit: [network:lab], who: [group:hangang/lab]}
  - {id: audit, permit: [network:ledger], who: [group:hangang/engineering], owner: boss@hangang,
     valid_to: "2027-01-10T00:00:00+09:00"}
"""
FRESH = ({"code_age_s": 0}, "&code=fresh")
# What is asked of the API and of the page, and what has to be said in Korean and in English.
SITUATIONS = {
    "the wrong Wi-Fi": (
        {"via": "wireless", "ssid": "guests"},
        "via=wireless&ssid=guests",
        ("규칙 wifi: Wi-Fi 이름(ssid) 조건 office, 현재 guests", "→ 다음 Wi-Fi에 연결해 주세요: office."),
        ("Rule wifi wants Wi-Fi (ssid) office, saw guests", "→ Join the Wi-Fi office."),
    ),
    "no code": (
        {"via": "vpn"},
        "via=vpn",
        (
            "규칙 vpn: 인증 번호 경과 시간(otp_age) 조건 12시간 미만, 현재 인증 번호를 입력하지 않음",
            "→ 인증 앱에 보이는 새 인증 번호를 입력해 주세요.",
        ),
        (
            "Rule vpn wants age of the code (otp_age) < 12h, saw no code",
            "→ Enter a new code from the authenticator app.",
        ),
    ),
    "a right that has ended": (
        {"via": "vpn", "object": "network:ledger"},
        "via=vpn&object=network:ledger",
        (
            "규칙 audit: 2027-01-10 00:00 KST에 끝남",
            "→ 포털의 임시 권한 메뉴에서 신청해 주세요. 결정하는 사람과 최대 시간: boss@hangang, 4시간.",
            "→ 또는: 다음 규칙의 기간이 끝났습니다. 연장해 달라고 관리자에게 요청해 주세요:"
            " audit (boss@hangang).",
        ),
        (
            "Rule audit ended on 2027-01-10 00:00 KST",
            "→ Ask for temporary access in the portal, of boss@hangang, 4h at most.",
            "→ Or: The rule audit (boss@hangang) has ended: ask an administrator to prolong it.",
        ),
    ),
    "outside hours": (
        {"via": "vpn", "at": "2027-01-18T23:30:00+09:00", **FRESH[0]},
        f"via=vpn&at=2027-01-18T23:30:00{FRESH[1]}",
        ("→ 2027-01-19 08:00 KST까지 기다려 주세요.", "2027-01-19 08:00 KST에 다시 판단합니다"),
        ("→ Wait until 2027-01-19 08:00 KST.", "Decided again at 2027-01-19 08:00 KST"),
    ),
    "a holiday": (
        {"via": "vpn", "at": "2027-03-01T10:00:00+09:00", **FRESH[0]},
        f"via=vpn&at=2027-03-01T10:00:00{FRESH[1]}",
        (
            "규칙 vpn: 시간대(hours) 조건 business (월 화 수 목 금 08:00-20:00 Asia/Seoul"
            " 제외: korean-holidays), 현재 2027-03-01 10:00 (월 공휴일)",
            "→ 2027-03-02 08:00 KST까지 기다려 주세요.",
        ),
        (
            "Rule vpn wants hours business (mon tue wed thu fri 08:00-20:00 Asia/Seoul"
            " except korean-holidays), saw 2027-03-01 10:00 (mon holiday)",
            "→ Wait until 2027-03-02 08:00 KST.",
        ),
    ),
    "contained": (
        {"via": "vpn", **FRESH[0]},
        f"via=vpn{FRESH[1]}",
        (
            "거부: login:vpn (보안 조치로 접속이 차단되었습니다)",
            "→ 다음 담당자에게 연락해 주세요: Security, 2200.",
        ),
        ("Denied: login:vpn (Contained: cut off for security)", "→ Call Security, 2200."),
    ),
    "two zones": (
        {"via": "vpn", "object": "network:office", **FRESH[0]},
        f"via=vpn&object=network:office{FRESH[1]}",
        (
            "망 구역 업무망(business): 규칙 office",
            "망 구역 개발망(development): 규칙 lab",
            "→ 서로 다른 망 구역의 권한이 겹칩니다. 하나를 빼거나 예외로 정해 달라고"
            " 관리자에게 요청해 주세요: office (business), lab (development).",
        ),
        (
            "Zone Business (business) by rule office",
            "Zone Development (development) by rule lab",
            "→ Rules lead into two zones at once: ask an administrator to take one away, or to make an"
            " exception: office (business), lab (development).",
        ),
    ),
    "a guest of another company": (
        {"via": "wireless", "ssid": "office", "nas_organization": "namsan"},
        "via=wireless&ssid=office&nas=namsan",
        ("규칙 wifi: 허용", "→ 다음 회사의 허용도 필요합니다. 그 회사의 관리자에게 요청해 주세요: namsan."),
        (
            "Rule wifi permits",
            "→ The organization namsan has to permit it, too: ask an administrator there.",
        ),
    ),
    "a fact nobody knows": (
        {"via": "wired"},
        "via=wired",
        (
            "거부: login:wired (확인에 필요한 정보가 없습니다)",
            "→ 접속 정보 중 다음 항목을 확인할 수 없었습니다. 헬프데스크에 알려 주세요: 장소.",
        ),
        (
            "Denied: login:wired (Something needed to decide is not known)",
            "→ What could not be found out: site. Tell the helpdesk.",
        ),
    ),
}


@pytest.fixture
def morning(town):
    """Everything of it, but for what comes about by itself: a containment, and groups of two zones."""
    town.put_into("watcher", "lab")
    town.publish(POLICY)
    return town


@pytest.mark.parametrize(("language", "said"), [("ko", 2), ("en", 3)])
@pytest.mark.parametrize("name", SITUATIONS)
def test_the_api_and_the_console_say_what_is_the_matter_and_what_helps(
    morning, pages, visit, name, language, said
):
    if name == "contained":
        order = Order("Phishing", call="Security, 2200")
        target = Target(Whom.USER, "minjun.kim@hangang", "hangang", morning.ids["minjun.kim"])
        contain(morning.standing, By("root"), target, order, morning.now)
    if name == "two zones":
        morning.put_into("newcomer", "vpn-users")
        morning.put_into("newcomer", "lab")
    who = "minjun.kim" if name in ("contained", "a right that has ended") else "newcomer"
    asked, query = SITUATIONS[name][:2]
    headers = {
        "Authorization": f"Bearer {key_of(morning, scopes=EXPLAINS, name='watch')}",
        "Accept-Language": language,
    }
    boss = visit("boss@hangang", language=language)

    answer = pages.test_client().post(URL, json={"user": who, **asked}, headers=headers, base_url=HOST)
    boss.get(f"/console/users/{morning.ids[who]}/explain?{query}")

    (decision,) = answer.json["decisions"]
    assert [line for line in SITUATIONS[name][said] if line not in decision["lines"]] == []
    shown = html.unescape(boss.page)
    assert [line for line in decision["lines"] if line not in shown] == []
    assert f"→ {decision['cheapest'][0]['text']}" in decision["lines"]
