"""One-time codes checked for other applications."""

import re
import threading

import pytest

from access.keys import api_key
from access.keys.api_key import NewApiKey, Scope
from access.logins.login_alarms import GUESSED_AT_PLACE, GUESSED_IN_COMPANY
from access.model import Role
from access.proof.token_desk import Helper, issue_bypass
from access.records.alarms import AlarmKind
from access.store import api_keys, audit, tokens
from access.store.audit import Selection
from access.store.database import DatabaseUnavailable
from otp.bypass import Limits
from tests.access.console.test_pass_pages import Boxes
from tests.access.newcomers import PASSWORD
from tests.access.residents import KEYRING, shown, wrong

URL = "/api/v1/otp/verify"
HOST = "http://127.0.0.1:8080"


def key_of(town, company="hangang", scopes=frozenset({Scope.OTP_VERIFY}), name="mail-gateway"):
    user = town.user("boss" if company == "hangang" else "rival")
    with town.database.write() as conn:
        organization_id = next(
            each.id for each in town.gate().pages.organizations() if each.key == user.organization
        )
        return api_keys.add(conn, NewApiKey(name, organization_id, scopes, town.now), town.dice)


@pytest.fixture
def ask(town, pages):
    """ask(user=..., code=...) -> status and answer, with the key of an application of hangang."""
    own = key_of(town)

    def send(key=own, **asked):
        client = pages.test_client()
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        answer = client.post(URL, json=asked, headers=headers, base_url=HOST)
        return answer.status_code, answer.json

    return send


def records(town, kind="application"):
    with town.database.read() as conn:
        return audit.records(conn, Selection(kind=kind), KEYRING)


def test_a_right_code_is_accepted_once(town, ask):
    code = shown(now=town.now)

    status, first = ask(user="minjun.kim", code=code)
    _, second = ask(user="minjun.kim", code=code)

    assert status == 200
    assert first == {
        "accepted": True,
        "user": "minjun.kim@hangang",
        "kind": "totp",
        "case": "",
        "retry_after_s": 0.0,
    }
    assert second["accepted"] is False


def sprays(town):
    lines = town.gate().pages.alarms(town.organization_id("hangang"), False, 0)
    return {line.subject for line in lines if line.kind == AlarmKind.CODE_SPRAYING}


def test_wrong_codes_of_many_people_raise_the_alarm_whatever_door_the_others_took(town, ask):
    for number in range(GUESSED_AT_PLACE - 1):
        town.throttle.spread("codes application hangang/mail-gateway", f"user{number}@hangang", town.now)
        town.throttle.spread("codes hangang", f"user{number}@hangang", town.now)
    ask(user="minjun.kim", code=wrong(now=town.now), password="wrong horse")
    ask(user="nobody", code=wrong(now=town.now))
    assert sprays(town) == set()
    ask(user="minjun.kim", code=wrong(now=town.now))
    assert sprays(town) == {"application hangang/mail-gateway"}

    for number in range(GUESSED_IN_COMPANY):
        town.throttle.spread("codes hangang", f"other{number}@hangang", town.now)
    ask(user="seoyeon.lee", code=wrong(now=town.now))

    assert sprays(town) == {"application hangang/mail-gateway", "hangang"}


@pytest.mark.parametrize(("doors", "accepted"), [({"portal"}, False), (set(), True)])
def test_a_bypass_code_for_the_portal_opens_no_other_application(town, ask, doors, accepted):
    helper, limits = Helper("desk", frozenset({Role.ADMIN})), Limits(doors=frozenset(doors))
    made = issue_bypass(town.identity, helper, town.user("minjun.kim"), limits, town.now)

    assert ask(user="minjun.kim", code=made.code)[1]["accepted"] is accepted


@pytest.mark.parametrize("login", ["minjun.kim", "minjun.kim@hangang", "MINJUN.KIM@hangang.example"])
def test_a_person_is_named_as_everywhere(town, ask, login):
    assert ask(user=login, code=shown(now=town.now))[1]["accepted"] is True


def test_a_refusal_has_a_case_whose_reason_the_audit_knows(town, ask):
    _, answer = ask(user="minjun.kim", code=wrong(now=town.now))

    (record,) = records(town)
    assert answer["accepted"] is False
    assert record.reason == "WRONG_CODE"
    assert record.case_code == answer["case"].replace("-", "")
    assert record.user_id == town.ids["minjun.kim"]
    assert record.detail["application"] == "mail-gateway"


@pytest.mark.parametrize("login", ["nobody", "rival@namsan", "minjun.kim@nowhere", "anna.schmidt@namsan"])
def test_nobody_and_people_of_others_are_refused_alike(town, ask, login):
    _, answer = ask(user=login, code=shown(now=town.now))

    assert (answer["accepted"], answer["user"], answer["retry_after_s"]) == (False, "", 0.0)
    assert len(answer["case"]) == 9
    (record,) = records(town)
    assert (record.reason, record.user_id) == ("UNKNOWN_USER", None)


def test_a_code_of_somebody_elses_company_is_not_spent_by_asking(town, ask):
    code = shown(now=town.now)
    ask(user="anna.schmidt@namsan", code=code)

    other = key_of(town, "namsan", name="other")
    assert ask(key=other, user="anna.schmidt", code=code)[1]["accepted"] is True


def test_a_password_that_is_handed_over_has_to_be_right_before_a_code_is_spent(town, ask):
    code = shown(now=town.now)

    assert ask(user="minjun.kim", code=code, password="wrong")[1]["accepted"] is False
    assert ask(user="minjun.kim", code=code, password="")[1]["accepted"] is False
    assert ask(user="minjun.kim", code=code, password=PASSWORD)[1]["accepted"] is True


def test_wrong_codes_are_throttled_as_everywhere(town, ask):
    answers = [ask(user="minjun.kim", code=wrong(now=town.now))[1] for _ in range(7)]

    assert answers[-1]["retry_after_s"] > 0 or ask(user="minjun.kim", code=shown(now=town.now))[1]["case"]
    assert ask(user="minjun.kim", code=shown(now=town.now))[1]["accepted"] is False


@pytest.mark.parametrize(
    "key",
    ["", "nonsense", "og_1_" + "A" * 43, "og_99_" + "A" * 43, "og_0_x", "og_1_"],
    ids=["none", "nonsense", "wrong", "unknown", "no number", "no secret"],
)
def test_without_a_good_key_nothing_is_looked_at(town, ask, key):
    status, answer = ask(key=key, user="minjun.kim", code=shown(now=town.now))

    assert (status, answer["status"]) == (401, 401)
    assert ask(user="minjun.kim", code=shown(now=town.now))[1]["accepted"] is True


def test_a_revoked_key_is_none(town, ask):
    with town.database.write() as conn:
        assert api_keys.revoke(conn, 1, town.now)
        assert not api_keys.revoke(conn, 1, town.now)

    assert ask(user="minjun.kim", code="287082")[0] == 401


def test_a_key_for_something_else_is_not_good_for_this(town, ask):
    key = key_of(town, scopes=frozenset(), name="reader")

    assert ask(key=key, user="minjun.kim", code="287082")[0] == 403


def test_a_signed_in_browser_is_no_program(town, visit):
    boss = visit("boss@hangang")

    answer = boss.client.post(URL, json={"user": "minjun.kim", "code": "287082"}, base_url=HOST)

    assert answer.status_code == 401


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"user": "minjun.kim"},
        {"user": "", "code": "1"},
        {"user": "minjun.kim", "code": ""},
        {"user": 7, "code": "287082"},
        {"user": "minjun.kim", "code": "287082", "passwort": "x"},
        {"user": "x" * 201, "code": "287082"},
    ],
)
def test_a_request_that_is_not_as_described_is_refused_with_what_is_wrong(ask, asked):
    status, answer = ask(**asked)

    assert (status, answer["status"]) == (422, 422)


def test_when_a_key_was_used_is_kept(town, ask):
    ask(user="minjun.kim", code="287082")

    with town.database.read() as conn:
        (kept,) = api_keys.listed(conn)
    assert kept.used_at == town.now


def test_the_secret_of_a_key_is_kept_nowhere(town):
    key = key_of(town)
    secret = api_key.read(key).secret

    with town.database.read() as conn:
        (kept,) = api_keys.listed(conn)
    assert secret.encode() not in kept.fingerprint
    assert secret not in repr(api_key.read(key))
    assert kept.fingerprint == api_key.fingerprint(secret)


def test_of_many_programs_that_ask_at_once_one_is_told_yes(town, pages):
    key, code = key_of(town), shown(now=town.now)
    told = []

    def ask_once():
        answer = pages.test_client().post(
            URL,
            json={"user": "minjun.kim", "code": code},
            headers={"Authorization": f"Bearer {key}"},
            base_url=HOST,
        )
        told.append(answer.json["accepted"])

    threads = [threading.Thread(target=ask_once) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(told) == [False] * 7 + [True]


def test_a_code_by_e_mail_opens_the_portal_and_nothing_else(town, ask, visit):
    boxes = Boxes()
    object.__setattr__(town.identity, "notices", boxes)
    object.__setattr__(town.identity, "mailing", frozenset({"hangang"}))
    owner = visit()
    owner.give_password("minjun.kim@hangang")
    owner.post("/sign-in/code/mail")
    code = re.search(r"\d{4}-\d{4}", boxes.kept[0][1])[0]

    _, answer = ask(user="minjun.kim", code=code)

    assert answer["accepted"] is False
    owner.post("/sign-in/code", code=code)
    assert owner.path == "/"


def test_a_code_whose_record_cannot_be_written_is_not_spent(town, ask, monkeypatch):
    code = shown(now=town.now)

    def full(*_):
        raise DatabaseUnavailable("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(audit, "record_all", full)
        _, refused = ask(user="minjun.kim", code=code)
    _, then = ask(user="minjun.kim", code=code)

    assert refused["accepted"] is False
    assert then["accepted"] is True
    assert [record.detail["what"] for record in records(town)] == ["application.code-taken"]


def test_a_wrong_code_is_counted_and_recorded_in_one_transaction(town, ask, monkeypatch):
    transactions = []
    real = type(town.database).write

    def counted(database):
        transactions.append(database)
        return real(database)

    ask(user="minjun.kim", code=wrong(now=town.now))
    monkeypatch.setattr(type(town.database), "write", counted)
    ask(user="minjun.kim", code=wrong(now=town.now))

    assert len(transactions) == 1
    assert [record.reason for record in records(town)] == ["WRONG_CODE"] * 2


def test_a_race_that_was_lost_is_recorded_once_by_its_end(town, ask, monkeypatch):
    real, lost = tokens.compare_and_set, []

    def lose_once(conn, settled, at):
        if lost:
            return real(conn, settled, at)
        lost.append(settled)
        return False

    monkeypatch.setattr(tokens, "compare_and_set", lose_once)
    _, answer = ask(user="minjun.kim", code=shown(now=town.now))

    assert lost
    assert answer["accepted"] is True
    assert [record.detail["what"] for record in records(town)] == ["application.code-taken"]
