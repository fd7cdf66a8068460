"""Temporary access in the portal: asked for, decided by an owner, ended by the clock or by hand."""

import re

import pytest
from sqlalchemy import select, update

from access.errors import Refused
from access.model import Facts, Reason, Request, Subject, Via
from access.nas.registry import Endpoint
from access.policy.decide import decide
from access.policy.explain import explain
from access.policy.standing import State
from access.policy.telling import render
from access.proof.factors import Purpose
from access.rights.temporary_access import Desk, Wish, ask, extend
from access.store import standing
from access.store.tables import notices, web_sessions
from tests.access.console.town import POLICY

LAPTOP = "02:00:5e:00:53:01"
OPEN_TO_ASK = POLICY.replace(
    "payroll: {organization: hangang, to: [10.99.0.128/28]}",
    "payroll: {organization: hangang, to: [10.99.0.128/28],"
    " requestable: {owners: [seoyeon.lee@hangang, minjun.kim@hangang], longest: 4h, needs: [purpose]}}\n"
    "  vault: {organization: hangang, to: [10.99.0.160/28],"
    " requestable: {owners: [seoyeon.lee@hangang], needs: [endpoint]}}",
)
WISH = {"object": "network:payroll", "hours": "2", "reason": "The audit", "purpose": "November"}


@pytest.fixture
def owned(town):
    town.publish(OPEN_TO_ASK)
    return town


@pytest.fixture
def minjun(owned, visit):
    browser = visit("minjun.kim@hangang")
    browser.get("/access")
    return browser


@pytest.fixture
def owner(owned, visit):
    browser = visit("seoyeon.lee@hangang")
    browser.get("/access")
    return browser


def may(town, object="network:payroll", name="minjun.kim", **facts):
    user = town.user(name)
    subject = Subject(user.id, "hangang", name, user.groups)
    asked = Request(object, Facts(via=Via.VPN, **facts))
    return decide(town.gate().policy.current(), subject, asked, town.now)


def told(town):
    with town.database.read() as conn:
        rows = conn.execute(select(notices.c.user_id, notices.c.kind).order_by(notices.c.id)).all()
    names = {user_id: name for name, user_id in town.ids.items()}
    return [(names[row.user_id], row.kind) for row in rows]


@pytest.mark.parametrize("proof", [{"code_kind": Purpose.E_MAIL.value}, {"code_at": None}])
def test_nobody_grants_who_has_proven_little(owned, minjun, owner, proof):
    minjun.post("/access", **WISH)
    with owned.database.write() as conn:
        conn.execute(update(web_sessions).values(**proof))

    owner.post("/access/1/approve")

    assert may(owned).reason is Reason.NO_PERMIT


def test_nobody_grants_who_came_over_from_another_company(owned, minjun, visit):
    owned.link("seoyeon.lee", "rival")
    minjun.post("/access", **WISH)
    owner = visit("rival@namsan")
    owner.post(f"/act-for/{owned.ids['seoyeon.lee']}")
    owner.get("/access")
    assert "minjun.kim@hangang" in owner.page

    owner.post("/access/1/approve")

    assert may(owned).reason is Reason.NO_PERMIT
    assert "sign in with the password of your account at hangang" in owner.page


def test_what_an_owner_grants_is_there_at_once_and_ends_by_itself(owned, minjun, owner):
    minjun.post("/access", **WISH)
    assert "is told" in minjun.page
    assert may(owned).reason is Reason.NO_PERMIT
    owner.get("/access")
    assert "minjun.kim@hangang" in owner.page

    owner.post("/access/1/approve")

    assert may(owned).permits == ("grant-1",)
    assert may(owned).valid_until == owned.now + 7200
    assert may(owned, name="newcomer").reason is Reason.NO_PERMIT
    assert told(owned) == [("seoyeon.lee", "access-asked"), ("minjun.kim", "access-granted")]
    owned.now += 7200
    assert not may(owned).permitted
    assert owned.standing.close_over(owned.now) == 1
    assert told(owned)[-1] == ("minjun.kim", "access-ended")


def test_owners_and_administrators_read_whom_it_is_for_where_somebody_else_has_asked(owned, owner, visit):
    desk = Desk(owned.standing, owned.gate().policy.current(), owned.now, asker="root at the command line")
    ask(desk, owned.user("minjun.kim"), Wish("network:payroll", "The audit", 3600, "November"))

    def read(browser, path):
        browser.get(path)
        assert "<strong>minjun.kim@hangang</strong>" in browser.page
        assert "asked on their behalf by root at the command line" in browser.page

    read(owner, "/access")
    assert 'Grant it<span class="visually-hidden"> minjun.kim@hangang network:payroll' in owner.page
    read(visit("boss@hangang"), "/console/grants")
    owner.post("/access/1/approve")
    read(owner, "/access")


def test_nobody_decides_about_their_own_request_even_as_an_owner(owned, minjun):
    minjun.post("/access", **WISH)

    minjun.post("/access/1/approve")

    assert "Another owner has to decide" in minjun.page
    assert not may(owned).permitted


def test_not_even_as_the_same_person_at_another_company(owned, minjun, visit):
    owned.publish_over(OPEN_TO_ASK.replace("owners: [seoyeon.lee@hangang, ", "owners: [rival@namsan, "))
    owned.link("minjun.kim", "rival")
    minjun.post("/access", **WISH)
    rival = visit("rival@namsan")
    rival.get("/access")

    rival.post("/access/1/approve")

    assert not may(owned).permitted


@pytest.mark.parametrize("name", ["boss@hangang", "watcher@hangang", "anna.schmidt@namsan"])
def test_nobody_else_decides(owned, minjun, visit, name):
    minjun.post("/access", **WISH)
    other = visit(name)
    other.get("/access")
    assert "The audit" not in other.page

    for what in ("approve", "refuse", "end"):
        other.post(f"/access/1/{what}")

    assert not may(owned).permitted
    assert owned.standing.grant(1).state is State.ASKED


def test_a_refusal_says_why(owned, minjun, owner):
    minjun.post("/access", **WISH)

    owner.post("/access/1/refuse", why="Ask the auditors")

    assert not may(owned).permitted
    assert told(owned)[-1] == ("minjun.kim", "access-refused")
    owner.post("/access/1/approve")
    assert not may(owned).permitted


def test_a_request_that_nobody_decides_lapses(owned, minjun, owner):
    minjun.post("/access", **WISH)
    owned.now += 24 * 3600

    with owned.database.read() as conn:
        (asked,) = standing.open_rows(conn)
    assert not asked.waits(owned.now)
    owned.standing.close_over(owned.now)

    assert owned.standing.grant(1).state is State.LAPSED
    assert told(owned)[-1] == ("minjun.kim", "access-ended")


@pytest.mark.parametrize(
    "wrong",
    [
        {"hours": "5"},
        {"hours": "0"},
        {"hours": "-1"},
        {"hours": "nan"},
        {"reason": " "},
        {"purpose": ""},
        {"object": "network:intranet"},
        {"object": "network:nothing"},
        {"object": "network:vault", "hours": "1"},
        {"object": "network:vault", "hours": "1", "endpoint": LAPTOP},
        {"endpoint": LAPTOP},
        {"reason": "x" * 501},
    ],
)
def test_what_its_owner_does_not_let_be_asked_for_is_not(owned, minjun, wrong):
    assert minjun.post("/access", **(WISH | wrong)).status_code == 400
    assert owned.standing.open_grants(owned.now) == []


def test_of_another_company_nobody_asks_for_it(owned, visit):
    rival = visit("rival@namsan")
    rival.get("/access")
    assert "payroll" not in rival.page

    assert rival.post("/access", **WISH).status_code == 400


def test_the_same_is_not_asked_for_twice(owned, minjun):
    minjun.post("/access", **WISH)

    assert minjun.post("/access", **WISH).status_code == 400


def test_a_grant_for_an_endpoint_counts_there_alone(owned, minjun, owner):
    mine = Endpoint(0, 1, "00-00-5e-00-53-01", "laptop", "minjun.kim@hangang", owned.now + 86400)
    owned.gate().endpoints.register(mine, "test", owned.now)

    minjun.post("/access", object="network:vault", hours="1", reason="A leak", endpoint=mine.mac)
    owner.post("/access/1/approve")

    assert may(owned, "network:vault", station="00:00:5e:00:53:01").permitted
    assert may(owned, "network:vault", station=LAPTOP).reason is Reason.CONDITION_FAILED
    assert may(owned, "network:vault").reason is Reason.FACT_UNKNOWN


def test_what_lasts_longer_is_asked_for_before_the_end_and_decided_again(owned, minjun, owner):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    end = owned.now + 7200
    owned.now += 600

    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="Not done")
    assert may(owned).valid_until == end
    owner.post("/access/2/approve")

    assert may(owned).valid_until == end + 3600
    assert may(owned).permits == ("grant-1",)
    desk = Desk(owned.standing, owned.gate().policy.current(), end + 3600)
    with pytest.raises(Refused, match="That grant is over"):
        extend(desk, owned.user("minjun.kim"), 1, 3600, "Late")


def test_no_extension_reaches_further_than_the_longest_from_now(owned, minjun, owner):
    minjun.post("/access", **(WISH | {"hours": "4"}))
    owner.post("/access/1/approve")
    minjun.get("/access")
    minjun.post("/access/1/extend", hours="4", reason="More")

    owner.post("/access/2/approve")

    assert may(owned).valid_until == owned.now + 4 * 3600


def test_a_refusal_that_comes_a_moment_late_takes_nothing_back(owned, minjun, owner):
    minjun.post("/access", **WISH)
    asked = owned.standing.grant(1)
    owner.post("/access/1/approve")

    assert not owned.standing.close(asked, State.REFUSED, "minjun.kim@hangang", (), owned.now)

    assert may(owned).permitted


def test_the_clock_does_not_end_what_was_extended_while_it_looked(owned, minjun, owner):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    end = owned.now + 7200
    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="Not done")
    with owned.database.read() as conn:
        over = [row for row in standing.over(conn, end) if row.standing.id == 1]
    owner.post("/access/2/approve")

    with owned.database.write() as conn:
        assert [standing.run_out(conn, row, "the clock", end) for row in over] == [None]

    owned.now = end
    assert may(owned).permitted


def test_the_clock_does_not_end_what_was_granted_while_it_looked(owned, minjun, owner):
    minjun.post("/access", **WISH)
    with owned.database.read() as conn:
        (asked,) = standing.over(conn, owned.now + 24 * 3600)
    owner.post("/access/1/approve")

    with owned.database.write() as conn:
        assert standing.run_out(conn, asked, "the clock", owned.now + 3600) is None

    assert may(owned).permitted


def test_no_extension_shortens_what_was_granted(owned, minjun, owner):
    minjun.post("/access", **(WISH | {"hours": "4"}))
    owner.post("/access/1/approve")
    end = owned.now + 4 * 3600
    owned.publish_over(OPEN_TO_ASK.replace("longest: 4h", "longest: 1h"))
    minjun.get("/access")
    minjun.post("/access/1/extend", hours="1", reason="More")

    owner.post("/access/2/approve")

    assert may(owned).valid_until == end


def test_it_may_be_asked_for_as_long_as_its_owner_says_and_no_longer(owned, minjun):
    short = OPEN_TO_ASK.replace("longest: 4h", "longest: 20m").replace("needs: [endpoint]", "longest: 10m")
    owned.publish_over(short)

    minjun.get("/access")
    choices = re.findall(r'<option value="([0-9.]+)"[^>]*>([^<]*)', minjun.page)
    minjun.post("/access", **(WISH | {"hours": choices[-1][0]}))

    assert [said for _, said in choices] == ["10 minutes", "15 minutes", "20 minutes"]
    assert "is told, and you will be" in minjun.page


@pytest.mark.parametrize("hours", ["", ".", "1.2.3", "-1", "nan", "1e9", "²", "9" * 400])
def test_what_is_no_length_of_time_is_refused(owned, minjun, hours):
    assert minjun.post("/access", **(WISH | {"hours": hours})).status_code == 400


def test_only_who_can_decide_is_said_to_be_told(owned, visit):
    owned.disable("minjun.kim")
    desk = visit("desk@hangang")
    desk.get("/access")

    desk.post("/access", **WISH)

    assert "seoyeon.lee@hangang is told" in desk.page


def test_who_asks_for_what_nobody_else_owns_is_told_whom_to_turn_to(owned, owner):
    mine = Endpoint(0, 1, "00-00-5e-00-53-01", "laptop", "seoyeon.lee@hangang", owned.now + 86400)
    owned.gate().endpoints.register(mine, "test", owned.now)

    owner.post("/access", object="network:vault", hours="1", reason="Mine", endpoint=mine.mac)

    assert "Ask an administrator about request 1." in owner.page
    assert "nobody can decide" in owner.page
    assert "is told" not in owner.page


def test_what_is_not_in_the_policy_any_more_is_shown_so(owned, minjun, owner):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    renamed = OPEN_TO_ASK.replace("payroll: {", "wages: {").replace("network:payroll", "network:wages")
    owned.publish_over(renamed)

    minjun.get("/access")

    assert "not in the policy any more" in minjun.page
    assert "Ask for longer" not in minjun.page


@pytest.mark.parametrize("who", ["minjun", "owner"])
def test_its_person_or_an_owner_ends_it_at_once(owned, minjun, owner, who):
    minjun.post("/access", **WISH)
    owner.post("/access/1/approve")
    assert may(owned).permitted
    browser = {"minjun": minjun, "owner": owner}[who]
    browser.get("/access")

    browser.post("/access/1/end")

    assert not may(owned).permitted
    assert ("minjun.kim", "access-ended") in told(owned) or who == "minjun"


def test_what_the_document_no_longer_lets_be_asked_for_is_not_granted(owned, minjun, owner):
    minjun.post("/access", **WISH)
    owned.publish_over(POLICY)

    owner.post("/access/1/approve")

    assert not may(owned).permitted


def test_an_explanation_says_whom_to_ask_and_then_until_when_it_is_granted(owned, minjun, owner):
    user = owned.user("minjun.kim")
    subject = Subject(user.id, "hangang", "minjun.kim", user.groups)
    asked = Request("network:payroll", Facts(via=Via.VPN))
    before = render(explain(owned.gate().policy.current(), subject, asked, owned.now), "en")
    minjun.post("/access", **(WISH | {"ticket": "OPS-1"}))
    owner.post("/access/1/approve")

    after = render(explain(owned.gate().policy.current(), subject, asked, owned.now), "ko")

    assert any("of seoyeon.lee@hangang, minjun.kim@hangang, 4h at most" in line for line in before)
    assert any("허용, seoyeon.lee@hangang, November, OPS-1" in line for line in after)


def test_the_page_is_there_in_korean(owned, minjun, owner, visit):
    minjun.post("/access", **WISH)

    shown = visit("seoyeon.lee@hangang", language="ko").get("/access").text

    assert "결정할 신청" in shown
