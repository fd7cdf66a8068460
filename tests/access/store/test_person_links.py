from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from access.logins.spent_together import Typed, spend_codes
from access.model import Reason
from access.people.person_link import PROPOSAL_S, BadLink, LinkState
from access.proof.authentication import Refusal, Spent
from access.proof.factors import SettledToken
from access.proof.identity_event import IdentityEvent, What
from access.store import audit as audit_of
from access.store import codes, person_links
from access.store.audit import Selection
from access.store.database import Database
from access.store.desk_acts import StoredDeskActs
from access.store.identity import renew_recovery
from access.store.tables import audit, notices, tokens
from access.store.token_desk import StoredTokenDesk
from otp import recovery
from tests.access.residents import KEYRING, NOW, Dice, give_phone, shown
from tests.access.two_companies import TwoCompanies


@pytest.fixture
def two(database: Database) -> Iterator[TwoCompanies]:
    made = TwoCompanies(database)
    yield made
    made.codes.close()


def test_a_link_that_one_side_proposed_does_nothing(two: TwoCompanies):
    give_phone(two.database, two.ids["minjun.kim"])

    two.propose()

    assert two.spend("mj.kim", shown()) == Refusal(Reason.NO_TOKEN)


@pytest.mark.parametrize("by", ["boss", "head", "minjun.kim", "mj.kim"])
def test_nobody_but_an_administrator_of_the_other_company_approves(two: TwoCompanies, by: str):
    made = two.propose()

    with pytest.raises(BadLink):
        two.links.approve(two.user(by), made.id, NOW)

    give_phone(two.database, two.ids["minjun.kim"])
    assert two.spend("mj.kim", shown()) == Refusal(Reason.NO_TOKEN)


@pytest.mark.parametrize(
    ("by", "one", "other", "said"),
    [
        ("head", "minjun.kim", "mj.kim", "your own company"),
        ("chief", "minjun.kim", "mj.kim", "your own company"),
        ("minjun.kim", "minjun.kim", "mj.kim", "no administrator"),
        ("boss", "minjun.kim", "boss", "one company"),
        ("boss", "minjun.kim", "minjun.kim", "one company"),
    ],
)
def test_only_an_administrator_proposes_somebody_of_their_own_to_another_company(two, by, one, other, said):
    with pytest.raises(BadLink, match=said):
        two.propose(by, one, other)

    assert two.links.listed() == ()


def test_a_person_of_two_companies_does_not_approve_their_own_proposal(two: TwoCompanies):
    self_made = two.propose("boss", "boss", "chief")
    with pytest.raises(BadLink, match="your own account"):
        two.links.approve(two.user("chief"), self_made.id, NOW)
    two.ids["deputy"] = two.ids["mj.kim"]
    two.join("deputy", "it-admins")
    two.links.approve(two.user("deputy"), self_made.id, NOW)

    made = two.propose()

    with pytest.raises(BadLink, match="proposed this link yourself"):
        two.links.approve(two.user("chief"), made.id, NOW)


def test_a_proposal_that_is_too_old_is_approved_by_nobody_and_can_be_made_anew(two: TwoCompanies):
    made = two.propose()

    with pytest.raises(BadLink, match="14 days"):
        two.links.approve(two.user("chief"), made.id, NOW + PROPOSAL_S)

    again = two.propose(now=NOW + PROPOSAL_S)
    two.links.approve(two.user("chief"), again.id, NOW + PROPOSAL_S + 1)
    assert [each.id for each in two.links.listed()] == [again.id]


def test_a_membership_is_linked_once_to_a_company(two: TwoCompanies):
    two.propose()
    for one, other, by in (("minjun.kim", "mj.kim", "boss"), ("mj.kim", "boss", "chief")):
        with pytest.raises(BadLink, match="waits"):
            two.propose(by, one, other)


def test_a_refused_proposal_is_over(two: TwoCompanies):
    made = two.propose()

    assert two.links.end(two.user("chief"), made.id, NOW).state is LinkState.PROPOSED

    assert two.links.listed() == ()
    for decide in (two.links.approve, two.links.end):
        with pytest.raises(BadLink):
            decide(two.user("chief"), made.id, NOW)


def test_nobody_of_a_third_company_ends_a_link(two: TwoCompanies):
    made = two.linked()

    with pytest.raises(BadLink, match="No such link"):
        two.links.end(two.user("head"), made.id, NOW)

    assert person_ids(two, "minjun.kim") == {"minjun.kim", "mj.kim"}


@pytest.mark.parametrize("by", ["boss", "chief"])
def test_a_phone_counts_at_both_companies_until_either_cuts_the_link(two: TwoCompanies, by: str):
    give_phone(two.database, two.ids["minjun.kim"])
    made = two.linked()
    assert isinstance(two.spend("mj.kim", shown()), Spent)

    two.links.end(two.user(by), made.id, NOW)

    later = NOW + 60
    assert two.spend("mj.kim", shown(now=later), later) == Refusal(Reason.NO_TOKEN)
    assert isinstance(two.spend("minjun.kim", shown(now=later), later), Spent)


def test_a_code_spent_at_one_company_is_spent_at_the_other(two: TwoCompanies):
    give_phone(two.database, two.ids["mj.kim"])
    two.linked()

    assert isinstance(two.spend("minjun.kim", shown()), Spent)

    assert two.spend("mj.kim", shown()) == Refusal(Reason.CODE_REPLAYED)


def test_of_the_same_code_at_both_companies_at_once_one_counts(two: TwoCompanies):
    give_phone(two.database, two.ids["mj.kim"])
    two.linked()

    told = spend_codes(two.codes, [Typed(two.user(name), shown()) for name in ("minjun.kim", "mj.kim")], NOW)

    assert sorted(isinstance(each, Spent) for each in told) == [False, True]
    assert Refusal(Reason.CODE_REPLAYED) in told


def test_links_are_not_followed_further(two: TwoCompanies):
    give_phone(two.database, two.ids["third"])
    two.linked()
    further = two.propose("chief", "mj.kim", "third")
    two.links.approve(two.user("head"), further.id, NOW)

    assert isinstance(two.spend("mj.kim", shown()), Spent)
    later = NOW + 60
    assert two.spend("minjun.kim", shown(now=later), later) == Refusal(Reason.NO_TOKEN)


def test_who_is_disabled_at_one_company_keeps_the_phone_for_the_other(two: TwoCompanies):
    give_phone(two.database, two.ids["minjun.kim"])
    two.linked()

    two.disable("minjun.kim")

    assert isinstance(two.spend("mj.kim", shown()), Spent)


def test_the_newest_recovery_codes_are_those_of_both(two: TwoCompanies):
    printed = {}
    with two.database.write() as conn:
        for at, name in enumerate(("minjun.kim", "mj.kim")):
            printed[name], kept = recovery.issue(Dice(3 + at), two.codes.code_key())
            codes.replace_recovery(conn, two.ids[name], kept, KEYRING.current, NOW + at)
    two.linked()

    assert isinstance(two.spend("minjun.kim", printed["mj.kim"][0], NOW + 9), Spent)
    assert two.spend("mj.kim", printed["mj.kim"][0], NOW + 9) == Refusal(Reason.CODE_REPLAYED)
    assert isinstance(two.spend("mj.kim", printed["minjun.kim"][0], NOW + 9), Refusal)


def test_both_companies_have_it_in_their_audit_and_read_nothing_of_the_other(two: TwoCompanies):
    made = two.linked()
    two.links.end(two.user("chief"), made.id, NOW)

    with two.database.read() as conn:
        rows = conn.execute(select(audit.c.organization_id, audit.c.reason, audit.c.user_id)).all()
    assert sorted(rows) == sorted(
        (two.organization_id(key), reason, two.ids[name])
        for key, name in (("hangang", "minjun.kim"), ("namsan", "mj.kim"))
        for reason in ("LINK_PROPOSED", "LINK_APPROVED", "LINK_CUT")
    )


def person_ids(two: TwoCompanies, name: str) -> set[str]:
    """Whose phones count for somebody."""
    with two.database.read() as conn:
        owners = person_links.sharing(conn, two.ids[name])
    return {each for each, user_id in two.ids.items() if user_id in owners}


def test_recovery_codes_that_were_replaced_do_not_come_back_when_the_link_is_cut(two: TwoCompanies):
    link = two.linked()
    key_id = KEYRING.current
    older, kept = recovery.issue(Dice(3), two.codes.code_key())
    newer, fresh = recovery.issue(Dice(4), two.codes.code_key())
    with two.database.write() as conn:
        renew_recovery(conn, two.ids["minjun.kim"], kept, key_id, NOW)
        renew_recovery(conn, two.ids["mj.kim"], fresh, key_id, NOW + 1)

    two.links.end(two.user("boss"), link.id, NOW + 2)

    assert two.spend("minjun.kim", older[0], NOW + 3) == Refusal(Reason.WRONG_CODE)
    assert isinstance(two.spend("mj.kim", newer[0], NOW + 4), Spent)


@pytest.mark.parametrize("what", [What.UNLOCKED, What.FOUND])
def test_what_one_helpdesk_makes_count_again_the_other_company_reads_and_the_other_account_is_told(two, what):
    phone = give_phone(two.database, two.ids["mj.kim"])
    two.linked()
    ports = StoredDeskActs(two.database, KEYRING, Dice(3), "web", None, None, {})
    with two.database.write() as conn:
        conn.execute(update(tokens).values(state="revoked" if what is What.FOUND else "active", lost_at=NOW))
    event = IdentityEvent(what, NOW + 5, two.ids["minjun.kim"], None, "hangang", {"by": "desk@hangang"})

    if what is What.FOUND:
        assert ports.give_back(two.ids["minjun.kim"], phone, NOW - 5, event) == 1
    else:
        ports.forgive(two.ids["minjun.kim"], event)

    with two.database.read() as conn:
        kept = audit_of.records(conn, Selection(kind=what.kind), KEYRING)
        told = conn.execute(select(notices.c.user_id).where(notices.c.at == NOW + 5)).scalars().all()
    by = {each.organization_id: each.detail["by"] for each in kept if each.detail["what"] == what.value}
    companies = {name: two.organization_id(name) for name in ("hangang", "namsan")}
    assert by == {companies["hangang"]: "desk@hangang", companies["namsan"]: "hangang"}
    assert set(told) == {two.ids["minjun.kim"], two.ids["mj.kim"]}


def test_a_token_that_one_helpdesk_finds_again_is_told_to_the_other_company_too(two):
    phone = give_phone(two.database, two.ids["mj.kim"])
    two.linked()
    ports = StoredTokenDesk(two.database, KEYRING, Dice(3), "web", None, None, {})
    (read,) = ports.active_tokens(two.ids["minjun.kim"])
    detail = {"by": "desk@hangang", "phone": f"{phone}"}
    event = IdentityEvent(What.RESYNCED, NOW + 5, two.ids["minjun.kim"], None, "hangang", detail)

    assert ports.settle_recorded(SettledToken(read, replace(read.token, drift_steps=2)), event)

    with two.database.read() as conn:
        kept = audit_of.records(conn, Selection(kind=What.RESYNCED.kind), KEYRING)
        told = conn.execute(select(notices.c.user_id, notices.c.kind).where(notices.c.at == NOW + 5)).all()
    said = {each.organization_id: each.detail["by"] for each in kept if each.detail["what"] == What.RESYNCED}
    companies = {name: two.organization_id(name) for name in ("hangang", "namsan")}
    assert said == {companies["hangang"]: "desk@hangang", companies["namsan"]: "hangang"}
    assert sorted(told) == sorted((two.ids[name], "resynced") for name in ("minjun.kim", "mj.kim"))
