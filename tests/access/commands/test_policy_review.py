import pytest

from access.changes.publishing import Draft
from access.policy.document import load
from access.store.policy_shelf import StoredPolicies
from tests.access.residents import DICE, KEYRING, NOW, settle_in
from tests.access.store.test_reviews import TEXT

pytestmark = pytest.mark.parametrize("address", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def office(officegate, database):
    settle_in(database, "sua.lee")
    shelf = StoredPolicies(database, KEYRING, DICE, "test")
    shelf.put_in_force(Draft(TEXT, "test", None), load(TEXT).revision, NOW)


def test_a_review_is_started_listed_signed_and_closed(officegate):
    start = ("policy", "review", "start", "--until", "2099-04-30")
    assert "is due for review" in officegate(*start, "--due-before", "2027-01-09")[2]
    out = officegate(*start, "--due-before", "2027-01-10")[1]
    assert out == "Review 1, until 2099-05-01 00:00:\ngit: sua.lee@hangang\n"
    assert "git  sua.lee@hangang  until 2099-05-01 00:00  waits" in officegate("policy", "review", "list")[1]

    assert officegate("policy", "review", "answer", "git", "end")[0] == 2
    assert officegate("policy", "review", "answer", "git", "perhaps", "--note", "x")[0] == 2
    assert officegate("policy", "review", "answer", "git", "end", "--note", "No builders left")[0] == 0
    listed = officegate("policy", "review", "list")[1]
    assert "to end, still in the policy: end by" in listed
    assert "for its owner, No builders left" in listed

    assert officegate("policy", "review", "close", 1)[1] == "Review 1 is closed.\n"
    assert officegate("policy", "review", "list")[1] == "Nothing is under review.\n"


def test_what_nobody_signed_is_silenced_as_announced_and_resumed(officegate):
    officegate("policy", "review", "start", "--until", "2099-04-30", "--all")
    close = ("policy", "review", "close", 1)
    assert "review announce 1 --unsigned silence" in officegate(*close, "--unsigned", "silence")[2]
    announced = officegate("policy", "review", "announce", 1, "--unsigned", "silence")[1]
    assert announced == "Review 1: what nobody signs will be silenced until it is signed.\n"

    dry = officegate(*close, "--dry-run")[1]
    assert dry == "hangang: 1 person loses network:git\n"
    assert "waits to be signed" in officegate("policy", "review", "list")[1]
    told = officegate(*close)[1]
    assert told.endswith("Review 1 is closed. Unsigned: git\ngit: silenced until it is signed\n")
    assert "silenced until it is signed" in officegate("policy", "review", "list")[1]

    assert officegate("policy", "review", "resume", "git")[1] == "git speaks again.\n"
    assert officegate("policy", "review", "list")[1] == "Nothing is under review.\n"
    assert officegate("policy", "review", "resume", "git")[0] == 1


def test_what_takes_more_than_one_person_may_takes_a_word_more(officegate, database):
    for number in range(30):
        settle_in(database, f"builder{number}")
    officegate("policy", "review", "start", "--until", "2099-04-30", "--all", "--unsigned", "end")

    code, _, told = officegate("policy", "review", "close", 1)
    assert (code, "say --sure" in told) == (1, True)
    assert "under review" not in officegate("policy", "review", "list")[1]

    assert "git: ended" in officegate("policy", "review", "close", 1, "--sure")[1]


def test_what_is_not_under_review_is_not_signed(officegate):
    code, _, told = officegate("policy", "review", "answer", "git", "keep", "--note", "x")

    assert code == 1
    assert "No permit git is under review" in told
