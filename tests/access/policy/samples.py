"""A small office in two companies, used by every test of the policy."""

from access.model import Facts, Method, Subject, Via
from access.policy.compiled import Policy
from access.policy.kept_texts import policy_of
from access.proof.factors import Factor

MONDAY_9 = 1795392000.0  # 2026-11-23T09:00:00+09:00
HOUR = 3600.0

OFFICE = """\
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.0/25], ports: [tcp/443, tcp/80, icmp]}
  git: {organization: hangang, to: [10.99.0.128/28]}
  payroll: {organization: hangang, to: [10.99.0.144/28], ports: [tcp/443]}
  wiki: {organization: seorak, to: [10.98.0.0/24]}
vdi:
  desktops: {organization: hangang, port: tcp/3389, lease: 8h, desktops: {d1: 10.99.0.201, d2: 10.99.0.202}}
hours:
  business: {days: [mon, tue, wed, thu, fri], from: "08:00", to: "20:00", zone: Asia/Seoul}
rules:
  - id: staff-vpn
    permit: [login:vpn]
    who: [group:hangang/vpn-users]
    when: {otp_age: 12h, hours: business}
    gives: {vlan: staff, session_timeout: 8h}
    reason: Staff work from anywhere
  - id: everyone-intranet
    permit: [network:intranet]
    who: [organization:hangang]
  - id: engineers
    permit: [network:git, vdi:desktops]
    who: [group:hangang/engineering]
    when: {via: [vpn, wired]}
    reason: {ko: 개발자는 코드를 다룹니다, en: Engineers work on the code}
  - id: no-contractors-git
    forbid: [network:git]
    who: [group:hangang/contractors]
    reason: Contractors work in their own repository
  - id: institute
    permit: [login:portal]
    who: [group:hangang/연구소]
  - id: printer
    permit: [login:wired]
    who: [endpoint:00-11-22-AA-BB-CC]
    when: {method: mab}
    gives: {vlan: 30}
prefer: {vlan: [quarantine, guest, staff]}
"""


def office(extra: str = "") -> Policy:
    """The office, with more rules appended to its last section but one."""
    return policy_of(OFFICE.replace("prefer:", extra + "prefer:"))


def person(*groups: str, organization: str = "hangang", name: str = "minjun.kim") -> Subject:
    return Subject(7, organization, name, frozenset(groups))


MINJUN = person("hangang/vpn-users", "hangang/engineering")
ON_VPN = Facts(via=Via.VPN, method=Method.PAP, factor=Factor.TOTP, otp_at=MONDAY_9 - 60)
