import re
from dataclasses import replace

import pytest

from access.countries import parse
from access.logins.authorized_anew import KnownSession
from access.logins.login_ports import UnknownNas
from access.logins.login_record import UNCLASSED
from access.logins.login_words import DISTURBED_S
from access.model import Reason
from access.policy.kept_texts import policy_of
from access.proof.password_memory import PasswordMemory
from access.records.alarms import ALARMS
from access.words import casecode
from radius.attributes import Attribute, AttributeType, integer
from radius.facts import Facts
from radius.questions import (
    AccountKind,
    CheckPassword,
    CheckSession,
    CodeRight,
    Failure,
    Granted,
    Method,
    PasswordRight,
    Refused,
    SpendCode,
    Step,
)
from radius.vendor.generic import vlan
from tests.access.doors import AFFILIATE, KIM, MAC, NOW, POLICY, PRINTER, SWITCH, VPN, Doors
from tests.access.residents import wrong

SHOWN_CASE = re.compile(r"\(case ([0-9A-Z]{4}-[0-9A-Z]{4})\)$")


def reason_of(refused):
    assert isinstance(refused, Refused), refused
    return refused.record["entry"]["reason"]


def uniform(refused):
    """What an outsider sees, without the case code."""
    assert SHOWN_CASE.search(refused.message), refused.message
    return SHOWN_CASE.sub("", refused.message)


def values(granted, kind):
    return [attribute.value for attribute in granted.attributes if attribute.type == kind]


def test_a_right_password_names_the_user_and_the_prompt():
    outcome = Doors().password()

    assert (outcome.user, outcome.prompt) == ("7", "Enter the code from your authenticator app.")


@pytest.mark.parametrize("name", ["minjun.kim@hangang.example", "MINJUN.KIM@hangang", "Minjun.Kim"])
def test_a_person_may_write_the_name_as_people_do(name):
    assert isinstance(Doors().password(name=name), PasswordRight)


def test_a_name_without_a_realm_is_one_of_the_company_of_the_nas():
    doors = Doors()

    assert reason_of(doors.password(nas=AFFILIATE)) == Reason.UNKNOWN_USER
    assert isinstance(doors.password(nas=AFFILIATE, name="minjun.kim@hangang.example"), PasswordRight)


def test_a_wrong_password_and_an_unknown_name_look_alike_and_cost_the_same():
    doors = Doors()
    refusals = [doors.password("wrong"), doors.password(name="nobody"), doors.password(name="a@no.example")]

    assert len({uniform(refused) for refused in refusals}) == 1
    reasons = [Reason.WRONG_PASSWORD, Reason.UNKNOWN_USER, Reason.UNKNOWN_REALM]
    assert [reason_of(refused) for refused in refusals] == reasons
    assert len(doors.ports.asked) == 3


def test_the_record_of_a_proof_that_failed_says_where_it_was_and_what_came_before():
    doors = Doors()
    facts = Facts(calling_station=MAC, called_station=f"{MAC}:office", nas_port_id="Gi1/0/3")
    before = (Step("EAP", 0.02, "5 round trips"),)
    questions = [
        CheckPassword(str(SWITCH.id), "minjun.kim", "wrong", MAC, Method.EAP_TTLS_PAP, facts, before),
        SpendCode(str(SWITCH.id), "7", "000000", MAC, Method.EAP_TTLS_PAP, facts, before),
    ]

    for question, name in zip(questions, ("password", "code"), strict=True):
        for refused in (doors.logins.ask_world(question, NOW), doors.logins.turn_away(question, NOW)):
            detail = refused.record["entry"]["detail"]
            assert detail["port"] == "Gi1/0/3"
            assert detail["steps"][0] == {"name": "EAP", "outcome": "5 round trips", "ms": 20.0}
            assert detail["steps"][1]["name"] in (name, "waiting")


def test_whoever_logs_in_to_the_device_itself_is_told_apart_when_the_password_is_wrong_too():
    facts = Facts(calling_station=MAC, service_type=6)
    question = CheckPassword(str(SWITCH.id), "minjun.kim", "wrong", MAC, Method.PAP, facts)

    refused = Doors().logins.ask_world(question, NOW)

    assert refused.record["entry"]["detail"]["via"] == "device"


def test_a_refusal_by_the_policy_says_how_long_it_was_thought_about():
    for refused in (Doors().authorize(VPN), Doors().authorize(mac="00:00:5e:00:53:77")):
        last = refused.record["entry"]["detail"]["steps"][-1]
        assert last == {"name": "decision", "outcome": reason_of(refused), "ms": 4.0}


def test_every_refusal_has_a_case_of_its_own_that_its_record_has():
    doors = Doors()
    cases = set()
    for refused in (doors.password("wrong"), doors.password(name="nobody"), doors.authorize(VPN)):
        case = casecode.parse(SHOWN_CASE.search(refused.message)[1])
        assert refused.record["entry"]["case"] == case
        cases.add(case)

    assert len(cases) == 3


def test_the_language_is_that_of_the_nas_and_not_of_the_person():
    doors = Doors(language="ko")

    assert "사례 번호" in doors.password("wrong").message
    assert "사례 번호" in doors.password(name="nobody@namsan.example").message
    assert uniform(doors.password("wrong", name="minjun.kim@hangang", nas=AFFILIATE))


def test_guessing_is_slowed_down():
    doors = Doors()
    reasons = [reason_of(doors.password(f"wrong {number}")) for number in range(8)]

    assert Reason.PASSWORD_THROTTLED in reasons
    assert len(doors.ports.asked) < 8


def test_a_right_code_is_right_once():
    doors = Doors()

    assert doors.code() == CodeRight(NOW, "totp")
    assert reason_of(doors.code()) == Reason.CODE_REPLAYED


def test_a_wrong_code_is_refused_like_a_wrong_password():
    doors = Doors()

    refused = doors.code(wrong())
    assert reason_of(refused) == Reason.WRONG_CODE
    assert uniform(refused) == uniform(doors.password("wrong"))


def test_a_code_that_cannot_be_proved_is_refused_and_says_so():
    doors = Doors()
    doors.ports.database_up = False

    refused = doors.code()
    assert reason_of(refused) == Reason.CODE_UNPROVABLE
    assert "at the moment" in uniform(refused)


def test_a_directory_that_is_away_says_so():
    doors = Doors()
    doors.ports.directory_up = False

    refused = doors.password()
    assert reason_of(refused) == Reason.DIRECTORY_UNAVAILABLE
    assert "at the moment" in uniform(refused)


def test_while_something_is_away_every_refusal_says_the_same():
    doors = Doors()
    doors.ports.database_up = False
    unprovable = doors.code()

    assert uniform(doors.password("wrong")) == uniform(unprovable)
    assert uniform(doors.password(name="nobody")) == uniform(unprovable)
    doors.now += DISTURBED_S + 1
    assert uniform(doors.password("wrong")) != uniform(unprovable)


def test_a_home_server_that_is_away_is_told_to_its_visitors_and_to_nobody_else():
    doors = Doors()

    visitor = doors.report(Failure.HOME_UNAVAILABLE, name="jane@partner.example", method=Method.HOME_SERVER)

    assert "at the moment" in uniform(visitor)
    assert "at the moment" not in uniform(doors.password("wrong"))


def test_the_policy_decides_and_gives():
    granted = Doors().authorize()

    assert isinstance(granted, Granted)
    assert granted.user_name == "minjun.kim@hangang.example"
    assert set(vlan("staff")) <= set(granted.attributes)
    assert integer(AttributeType.SESSION_TIMEOUT, 12 * 3600) in granted.attributes


def test_on_a_wire_the_endpoint_logs_in_again_and_the_vpn_ends():
    doors = Doors()
    again = integer(AttributeType.TERMINATION_ACTION, 1)

    assert again in doors.authorize(SWITCH).attributes
    assert again not in doors.authorize(VPN, code_at=NOW).attributes


def test_a_session_lasts_no_longer_than_its_decision_holds():
    doors = Doors()
    granted = doors.authorize(VPN, code_at=NOW - 11.5 * 3600)

    assert values(granted, AttributeType.SESSION_TIMEOUT) == [(1800).to_bytes(4, "big")]
    assert granted.record["valid_until"] == NOW + 1800


def test_a_session_lasts_no_longer_than_its_account():
    doors = Doors()
    doors.memory.put_user(7, replace(KIM, expires_at=NOW + 600))
    granted = doors.authorize(VPN, code_at=NOW)

    assert values(granted, AttributeType.SESSION_TIMEOUT) == [(600).to_bytes(4, "big")]
    assert granted.record["valid_until"] == NOW + 600


def test_the_class_is_ours_at_this_nas_only():
    doors = Doors()
    granted = doors.authorize()

    assert doors.logins.classes.is_ours(str(SWITCH.id), granted.class_)
    assert not doors.logins.classes.is_ours(str(VPN.id), granted.class_)
    assert doors.authorize().class_ != granted.class_


def test_the_record_has_all_that_the_session_needs():
    record = Doors().authorize(VPN, code_at=NOW).record

    assert record["kind"] == "login"
    assert (record["user"], record["organization"], record["nas"]) == (7, 1, VPN.id)
    assert (record["via"], record["method"], record["otp_at"]) == ("vpn", "pap", NOW)
    assert (record["calling"], record["port"]) == (MAC, "Gi1/0/3")
    entry = record["entry"]
    assert (entry["reason"], entry["case"], entry["user"]) == (Reason.PERMITTED, None, 7)
    assert entry["detail"]["steps"] == [
        {"name": "password", "outcome": "", "ms": 10.0},
        {"name": "decision", "outcome": "", "ms": 4.0},
    ]
    assert entry["detail"]["permits"] == ["vpn"]


def test_the_record_carries_the_revision_of_the_policy_that_decided_it():
    doors = Doors()
    first = doors.memory.policy.revision
    admitted, refused = doors.authorize(VPN, code_at=NOW), doors.authorize(VPN)

    doors.memory.policy = policy_of(POLICY.replace("12h", "11h"))
    second = doors.memory.policy.revision
    later = doors.authorize(VPN, code_at=NOW)

    assert first != second
    assert [each.record["revision"] for each in (admitted, later)] == [first, second]
    decided = [each.record["entry"]["detail"]["policy"] for each in (admitted, refused, later)]
    assert decided == [first, first, second]


def test_the_vpn_without_a_code_is_refused_by_the_policy():
    refused = Doors().authorize(VPN)

    assert reason_of(refused) == Reason.CONDITION_FAILED
    assert any("otp_age" in failed for failed in refused.record["entry"]["detail"]["failed"])


def test_who_lost_the_group_is_refused():
    doors = Doors()
    doors.memory.put_user(7, replace(KIM, groups=frozenset()))

    assert reason_of(doors.authorize()) == Reason.NO_PERMIT


@pytest.mark.parametrize(
    ("user", "reason"),
    [
        (None, Reason.UNKNOWN_USER),
        (replace(KIM, enabled=False), Reason.USER_DISABLED),
        (replace(KIM, expires_at=NOW), Reason.USER_DISABLED),
    ],
)
def test_who_left_between_password_and_decision_is_refused(user, reason):
    doors = Doors()
    doors.memory.put_user(7, user)

    assert reason_of(doors.authorize()) == reason


def test_without_a_policy_everything_is_refused():
    doors = Doors()
    doors.memory.policy = None

    assert reason_of(doors.authorize()) == Reason.NO_POLICY


def test_a_method_that_proves_nothing_we_know_is_refused():
    assert reason_of(Doors().authorize(method=Method.NONE)) == Reason.METHOD_NOT_ALLOWED


def test_an_endpoint_logs_in_by_its_mac():
    granted = Doors().authorize(mac=MAC)

    assert isinstance(granted, Granted)
    assert (granted.record["user"], granted.record["endpoint"]) == (None, 9)
    assert granted.user_name == MAC


@pytest.mark.parametrize("mac", ["02:00:5e:00:53:99", "da:a1:19:00:53:99", "fe:00:00:00:00:01"])
def test_a_randomised_address_is_said_to_be_one(mac):
    assert reason_of(Doors().authorize(mac=mac)) == Reason.RANDOMISED_ENDPOINT


def told_alarms(outcome):
    return [(alarm["kind"], alarm["subject"]) for alarm in outcome.record.get("alarms", ())]


def test_an_endpoint_that_did_8021x_last_week_and_comes_by_its_address_today_raises_an_alarm():
    doors = Doors()
    doors.memory.put_endpoint(9, replace(PRINTER, dot1x_at=NOW - 7 * 86400, dot1x_place="switch Gi1/0/9"))

    granted = doors.authorize(mac=MAC)

    assert told_alarms(granted) == [("mab-after-8021x", PRINTER.mac)]
    (alarm,) = granted.record["alarms"]
    for named in ("switch Gi1/0/3", "switch Gi1/0/9", "2027-01-15 08:00 UTC", "2027-01-08 08:00 UTC"):
        assert named in alarm["note"]


def test_it_raises_one_too_where_the_policy_refuses_it():
    doors = Doors()
    doors.memory.put_endpoint(9, replace(PRINTER, dot1x_at=NOW - 7 * 86400))

    refused = doors.authorize(VPN, mac=MAC)

    assert reason_of(refused) == Reason.NO_PERMIT
    assert told_alarms(refused) == [("mab-after-8021x", PRINTER.mac)]


@pytest.mark.parametrize("dot1x_at", [None, NOW - 15 * 86400, NOW + 60])
def test_one_that_never_did_or_long_ago_raises_none(dot1x_at):
    doors = Doors()
    doors.memory.put_endpoint(9, replace(PRINTER, dot1x_at=dot1x_at))

    assert told_alarms(doors.authorize(mac=MAC)) == []


def test_a_worker_remembers_8021x_before_anybody_tells_it():
    doors = Doors()
    assert isinstance(doors.authorize(method=Method.EAP_TTLS_PAP), Granted)

    assert told_alarms(doors.authorize(mac=MAC)) == [("mab-after-8021x", PRINTER.mac)]


@pytest.mark.parametrize("mac", ["00:00:5e:00:53:98", "00:00:5e:00:53:99:00"])
def test_an_endpoint_nobody_registered_is_refused(mac):
    assert reason_of(Doors().authorize(mac=mac)) == Reason.UNKNOWN_ENDPOINT


def test_a_session_lasts_no_longer_than_its_endpoint_is_registered_for():
    doors = Doors()
    granted = doors.authorize(mac=MAC)

    assert values(granted, AttributeType.SESSION_TIMEOUT) == [(3600).to_bytes(4, "big")]
    assert granted.record["valid_until"] == NOW + 3600


def test_an_endpoint_whose_time_is_over_is_refused():
    doors = Doors()
    doors.now = doors.freshness.true_at = NOW + 3600

    assert reason_of(doors.authorize(mac=MAC)) == Reason.UNKNOWN_ENDPOINT


@pytest.mark.parametrize(
    ("age_s", "question", "refused"),
    [
        (60.0, {"nas": VPN, "code_at": NOW}, False),
        (61.0, {"nas": VPN, "code_at": NOW}, True),
        (61.0, {"nas": SWITCH, "code_at": NOW}, True),
        (61.0, {"nas": SWITCH}, False),
        (61.0, {"nas": SWITCH, "mac": MAC}, False),
        (3601.0, {"nas": SWITCH}, True),
        (3601.0, {"nas": SWITCH, "mac": MAC}, True),
    ],
)
def test_how_old_the_memory_may_be_depends_on_what_it_opens(age_s, question, refused):
    doors = Doors()
    doors.freshness.true_at = NOW - age_s

    outcome = doors.authorize(**question)

    assert isinstance(outcome, Refused) is refused
    if refused:
        assert reason_of(outcome) == Reason.STALE_DECISION


def test_what_the_server_refuses_itself_looks_the_same_and_is_explained():
    doors = Doors()

    refused = doors.report(Failure.PASSWORD_TOO_SHORT, "not longer than the 6 digits")

    assert uniform(refused) == uniform(doors.password("wrong"))
    assert reason_of(refused) == Reason.CODE_MISSING
    detail = refused.record["entry"]["detail"]
    assert detail["said"] == "not longer than the 6 digits"
    assert [step["name"] for step in detail["steps"]] == ["EAP", "PAP"]
    assert refused.record["entry"]["user"] == 7


def test_accounting_with_our_class_is_about_its_session():
    doors = Doors()
    granted = doors.authorize(VPN, code_at=NOW)

    record = doors.account(class_=(b"somebody else's", granted.class_))

    assert record["class"] == granted.class_.hex()
    assert (record["status"], record["at"], record["octets"]) == ("START", NOW - 2, [10, 20])
    assert "audited" not in record


@pytest.mark.parametrize(
    ("kind", "class_", "audited"),
    [
        (AccountKind.START, (), True),
        (AccountKind.INTERIM, (), False),
        (AccountKind.INTERIM, (b"x" * 32,), True),
        (AccountKind.STOP, (), False),
        (AccountKind.ON, (), False),
        (AccountKind.OFF, (b"x" * 32,), False),
    ],
)
def test_accounting_without_our_class_belongs_to_no_session(kind, class_, audited):
    record = Doors().account(kind, class_)

    assert record["class"] == ""
    assert record.get("audited", False) is audited
    if audited:
        assert record["entry"]["reason"] == Reason.SESSION_NOT_OURS


@pytest.mark.parametrize(
    ("vendor", "looked_for"), [("ocserv", True), ("openvpn", True), ("strongswan", False)]
)
def test_of_a_nas_that_keeps_no_class_the_session_is_looked_for_by_whom_it_names(vendor, looked_for):
    doors = Doors()
    doors.memory.put_clients([replace(VPN, vendor=vendor)])

    record = doors.account(AccountKind.START)

    assert (record["class"], record.get(UNCLASSED)) == ("", 7 if looked_for else None)
    assert record.get("audited", False) is not looked_for
    # What it does send, and is not ours, was made up.
    assert doors.account(class_=(b"x" * 32,))["audited"]
    assert UNCLASSED not in doors.account(class_=(b"x" * 32,))
    assert UNCLASSED not in doors.account(AccountKind.ON)


def test_a_class_heard_at_another_nas_gains_nothing():
    doors = Doors()
    granted = doors.authorize(SWITCH)

    assert doors.account(class_=(granted.class_,), nas=VPN)["class"] == ""


def test_a_nas_that_was_removed_gets_no_answer():
    doors = Doors()
    doors.memory.put_clients([])

    with pytest.raises(UnknownNas):
        doors.authorize()


def test_no_record_holds_a_password_or_a_code():
    doors = Doors()
    records = [doors.password("correct-horse-battery").record, doors.code("314159").record]

    assert "correct-horse-battery" not in repr(records)
    assert "314159" not in repr(records)


def test_a_vlan_that_the_nas_cannot_give_is_never_left_out():
    granted = Doors().authorize()

    assert Attribute(AttributeType.TUNNEL_PRIVATE_GROUP_ID, b"staff") in granted.attributes


def known_session(**more):
    kept = KnownSession(b"c" * 32, 7, None, None, "minjun.kim@hangang.example", "pap", None, "")
    return replace(kept, **more)


def ask_about(doors, state=b"s" * 32, source="192.0.2.1"):
    question = CheckSession(str(SWITCH.id), source, "minjun.kim", state, MAC)
    return doors.logins.ask_world(question, doors.now)


def test_a_session_is_decided_about_anew_and_keeps_its_class():
    doors = Doors()
    doors.ports.states[SWITCH.id, "192.0.2.1", b"s" * 32] = known_session()

    right = ask_about(doors)

    assert (right.user, right.method, right.session) == ("7", Method.PAP, b"c" * 32)
    granted = doors.authorize(session=right.session, user_name=right.user_name)
    assert granted.class_ == b"c" * 32
    assert granted.record["class"] == (b"c" * 32).hex()


def test_a_printer_s_session_is_decided_about_by_its_address():
    doors = Doors()
    printer = known_session(user_id=None, endpoint_id=PRINTER.id, method="mab")
    doors.ports.states[SWITCH.id, "192.0.2.1", b"s" * 32] = printer

    right = ask_about(doors)

    assert (right.user, right.mac, right.method) == (None, PRINTER.mac, Method.MAB)


@pytest.mark.parametrize("up", [True, False])
def test_a_state_that_cannot_be_proved_is_refused(up):
    doors = Doors()
    doors.ports.database_up = up

    reason = Reason.CONVERSATION_EXPIRED if up else Reason.STALE_DECISION
    assert reason_of(ask_about(doors)) == reason


def test_a_session_whose_method_nobody_knows_is_refused():
    doors = Doors()
    doors.ports.states[SWITCH.id, "192.0.2.1", b"s" * 32] = known_session(method="")

    assert reason_of(ask_about(doors)) == Reason.CONVERSATION_EXPIRED


ABROAD = """
version: 1
rules:
  - id: from-korea
    permit: [login:wired, login:vpn]
    who: [group:hangang/staff]
    when: {country: KR, source: 203.0.113.0/24}
"""


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (Facts(calling_station="203.0.113.7"), Reason.PERMITTED),
        (Facts(calling_station=MAC, tunnel_client="203.0.113.7"), Reason.PERMITTED),
        (Facts(calling_station="203.0.113.7", tunnel_client="198.51.100.7"), Reason.CONDITION_FAILED),
        (Facts(calling_station="203.0.113.200"), Reason.FACT_UNKNOWN),
        (Facts(calling_station=MAC), Reason.CONDITION_FAILED),
    ],
)
def test_the_policy_may_ask_for_the_address_and_the_country_somebody_comes_from(facts, reason):
    doors = Doors()
    doors.memory.put_policy(policy_of(ABROAD))
    doors.memory.countries = parse("203.0.113.0/25,KR\n198.51.100.0/24,JP\n")

    answer = doors.authorize(facts=facts)

    assert answer.record["entry"]["reason"] == reason
    if reason is Reason.PERMITTED:
        assert (answer.record["from"], answer.record["country"]) == ("203.0.113.7", "KR")
        assert answer.record["entry"]["detail"]["country"] == "KR"


TORN = """
version: 1
rules:
  - id: as-staff
    permit: [login:wired]
    who: [group:hangang/staff]
    gives: {vlan: staff, idle_timeout: 10m}
  - id: as-anybody
    permit: [login:wired]
    who: [organization:hangang]
    gives: {vlan: guest, idle_timeout: 5m}
"""


def test_rules_that_contradict_each_other_refuse_and_raise_an_alarm():
    doors = Doors()
    doors.memory.put_policy(policy_of(TORN))

    answer = doors.authorize()

    assert answer.record["entry"]["reason"] == Reason.POLICY_CONFLICT
    (alarm,) = answer.record[ALARMS]
    assert (alarm["kind"], alarm["subject"]) == ("policy-conflict", "as-anybody, as-staff")
    assert alarm["organization"] == 1


def test_the_alarm_names_rules_of_others_to_whoever_runs_the_installation_alone():
    doors = Doors()
    doors.memory.put_policy(
        policy_of(TORN.replace("organization:hangang", "organization:hangang, organization:namsan"))
    )

    answer = doors.authorize()

    (alarm,) = answer.record[ALARMS]
    assert (alarm["kind"], alarm["subject"]) == ("policy-conflict", "as-anybody, as-staff")
    assert alarm["organization"] is None


def test_with_a_preference_the_login_has_the_vlan_that_wins_and_the_shorter_time():
    doors = Doors()
    doors.memory.put_policy(policy_of(TORN + "prefer: {vlan: [staff, guest]}\n"))

    answer = doors.authorize()

    assert answer.record["vlan"] == "staff"
    assert ALARMS not in answer.record
    assert [each.value for each in answer.attributes if each.type == 28] == [(300).to_bytes(4, "big")]


AIR = """
version: 1
rules:
  - id: office-air
    permit: [login:wired]
    who: [group:hangang/staff]
    when: {ssid: hangang, medium: wireless}
"""


@pytest.mark.parametrize(
    ("called", "port_type", "reason"),
    [
        ("00-10-a4-23-19-c0:hangang", 19, Reason.PERMITTED),
        ("00-10-a4-23-19-c0:guests", 19, Reason.CONDITION_FAILED),
        ("00-10-a4-23-19-c0:hangang", 15, Reason.CONDITION_FAILED),
        ("00-10-a4-23-19-c0:hangang", None, Reason.FACT_UNKNOWN),
    ],
)
def test_the_policy_may_ask_for_the_wi_fi_and_for_what_leads_there(called, port_type, reason):
    doors = Doors()
    doors.memory.put_policy(policy_of(AIR))
    facts = Facts(calling_station=MAC, called_station=called, nas_port_type=port_type)

    answer = doors.authorize(facts=facts)

    assert answer.record["entry"]["reason"] == reason
    assert answer.record["entry"]["detail"]["ssid"] in ("hangang", "guests")
    if reason is Reason.PERMITTED:
        assert answer.record["medium"] == "wireless"


VOUCHED = """\
version: 1
rules:
  - id: vpn
    permit: [login:vpn]
    who: [group:hangang/staff]
    when: {otp_age: 12h, factor: totp, assurance: [registration, handover]}
"""


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("totp handover", None),
        ("totp vouched", Reason.CONDITION_FAILED),
        ("recovery recovered", Reason.CONDITION_FAILED),
        ("totp", Reason.FACT_UNKNOWN),
        ("", Reason.FACT_UNKNOWN),
    ],
)
def test_a_rule_can_ask_how_somebody_came_by_what_made_the_code(code, reason):
    doors = Doors()
    doors.memory.policy = policy_of(VOUCHED.replace("hangang/staff", next(iter(KIM.groups))))

    answer = doors.authorize(VPN, code_at=NOW, code=code)

    assert (reason_of(answer) if isinstance(answer, Refused) else None) == reason


def test_a_session_that_is_decided_about_anew_keeps_what_its_code_was():
    doors = Doors()
    doors.ports.states[SWITCH.id, "192.0.2.1", b"s" * 32] = known_session(otp_at=NOW, code="totp handover")

    assert ask_about(doors).code == "totp handover"


def test_a_remembered_password_says_so_and_proves_no_more_than_when_the_directory_was_asked():
    doors = Doors()
    doors.memory.right_passwords = PasswordMemory(bytes(32), {"hangang": 3600.0})
    asked = doors.password()
    doors.ports.directory_up, doors.now = False, NOW + 600

    remembered = doors.password()

    assert (asked.note, remembered.note) == ("", "remembered")
    assert remembered.ticket == asked.ticket
    assert reason_of(doors.password("guess")) == Reason.DIRECTORY_UNAVAILABLE


def test_the_worker_forgets_whom_the_feed_says_to_be_disabled_and_whom_a_reload_does():
    for put in (lambda memory, user: memory.put_user(7, user), lambda memory, user: memory.put_users([user])):
        doors = Doors()
        doors.memory.right_passwords = PasswordMemory(bytes(32), {"hangang": 3600.0})
        assert isinstance(doors.password(), PasswordRight)
        doors.ports.directory_up = False

        put(doors.memory, replace(KIM, enabled=False))
        put(doors.memory, KIM)

        assert reason_of(doors.password()) == Reason.DIRECTORY_UNAVAILABLE


def test_a_login_with_a_remembered_password_is_named_in_its_record():
    steps = (Step("password", 0.01, "remembered"),)

    details = [Doors().authorize(**more).record["entry"]["detail"] for more in ({}, {"steps": steps})]

    assert [detail.get("remembered") for detail in details] == [None, True]
    assert details[1]["steps"][0]["outcome"] == "remembered"
