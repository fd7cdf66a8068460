from dataclasses import replace

import pytest

from access.directory.verdict import PasswordOutcome
from access.model import LOCAL_DN, Reason, User
from access.proof.authentication import Claim, PasswordAnswer, check_password
from access.proof.password_memory import MOST_GUESSES, PasswordMemory
from access.proof.throttle import PasswordThrottle
from tests.access.residents import NOW

KEY = bytes(range(32))
HOUR_S = 3600.0
ADMINS = "hangang/it-admins"
KIM = User(7, "hangang", "minjun.kim", "uid=minjun.kim", password_changed_at=NOW - 1000)
REFUSED = PasswordAnswer(Reason.DIRECTORY_UNAVAILABLE)


def remembering(*people: User, most: int = 100) -> PasswordMemory:
    """The memory of a company that wants eight hours; each of people has just been let in with "right"."""
    memory = PasswordMemory(KEY, {"hangang": 8 * HOUR_S}, frozenset({ADMINS}), most)
    for user in people:
        memory.told(user, "right", PasswordOutcome.RIGHT, NOW)
    return memory


class Directory:
    """Says what it is told to say, to one who may be asked."""

    def __init__(self, says: PasswordOutcome = PasswordOutcome.UNAVAILABLE) -> None:
        self.says = says
        self.throttle = PasswordThrottle()

    def check_directory(self, *_asked):
        return self.says

    def answer(self, memory, user=KIM, password="right", now=NOW + 60):
        claim = Claim(f"{user.name}@{user.organization}", user, user.organization, "10.1.2.3")
        return check_password(self, claim, password, now, memory)


def test_without_a_memory_nobody_comes_in_while_the_directory_is_away():
    directory = Directory(PasswordOutcome.RIGHT)
    assert directory.answer(None).right

    directory.says = PasswordOutcome.UNAVAILABLE

    assert directory.answer(None) == REFUSED


def test_a_company_that_does_not_want_it_has_nothing_remembered():
    memory = PasswordMemory(KEY, {"namsan": 8 * HOUR_S})
    directory = Directory(PasswordOutcome.RIGHT)
    directory.answer(memory)

    directory.says = PasswordOutcome.UNAVAILABLE

    assert directory.answer(memory) == REFUSED
    assert len(memory) == 0


def test_a_right_password_goes_on_being_right_while_the_directory_is_away():
    memory, directory = remembering(), Directory(PasswordOutcome.RIGHT)
    assert directory.answer(memory, now=NOW) == PasswordAnswer(None)

    directory.says = PasswordOutcome.UNAVAILABLE

    assert directory.answer(memory) == PasswordAnswer(None, remembered_at=NOW)
    assert directory.answer(memory, now=NOW + 8 * HOUR_S - 1).remembered_at == NOW


@pytest.mark.parametrize(
    ("user", "password", "at"),
    [
        (KIM, "right", NOW + 8 * HOUR_S),
        (KIM, "right", NOW - 60),
        (KIM, "Right", NOW + 60),
        (KIM, "right ", NOW + 60),
        (replace(KIM, id=8), "right", NOW + 60),
        (replace(KIM, enabled=False), "right", NOW + 60),
        (replace(KIM, expires_at=NOW + 60), "right", NOW + 60),
        (replace(KIM, password_changed_at=NOW + 30), "right", NOW + 60),
        (replace(KIM, password_changed_at=None), "right", NOW + 60),
        (replace(KIM, groups=frozenset({ADMINS})), "right", NOW + 60),
        (replace(KIM, organization="namsan"), "right", NOW + 60),
    ],
    ids=[
        "too old",
        "from the future",
        "another password",
        "a space more",
        "somebody else",
        "disabled",
        "over",
        "changed since",
        "of no known change",
        "with a role by now",
        "of another company",
    ],
)
def test_what_has_changed_since_is_refused_as_without_a_memory(user, password, at):
    memory = remembering(KIM)

    assert Directory().answer(memory, user, password, at) == REFUSED


@pytest.mark.parametrize(
    "user",
    [
        replace(KIM, groups=frozenset({"hangang/staff", ADMINS})),
        replace(KIM, dn=LOCAL_DN),
        replace(KIM, enabled=False),
        replace(KIM, expires_at=NOW),
    ],
    ids=["with a role", "in no directory", "disabled", "over"],
)
def test_of_some_nothing_is_remembered(user):
    assert len(remembering(user)) == 0


@pytest.mark.parametrize(
    "said",
    [each for each in PasswordOutcome if each not in (PasswordOutcome.RIGHT, PasswordOutcome.UNAVAILABLE)],
)
def test_what_the_directory_says_against_that_very_password_ends_it(said):
    memory = remembering(KIM)
    assert not Directory(said).answer(memory).right

    assert len(memory) == 0


def test_a_wrong_password_at_the_directory_leaves_the_right_one_remembered():
    memory = remembering(KIM)
    Directory(PasswordOutcome.WRONG).answer(memory, password="guess")

    assert Directory().answer(memory).right


def test_the_memory_never_overrules_a_directory_that_answers():
    memory = remembering(KIM)

    assert Directory(PasswordOutcome.WRONG).answer(memory).reason is Reason.WRONG_PASSWORD


def test_guessing_ends_an_entry_and_an_outsider_sees_no_difference():
    memory, directory = remembering(KIM), Directory()
    strangers = replace(KIM, id=8, name="seoyeon.lee")

    for number in range(MOST_GUESSES + 3):
        guess = f"guess {number}"
        assert directory.answer(memory, password=guess) == REFUSED
        assert directory.answer(memory, strangers, guess) == REFUSED

    assert directory.answer(memory) == REFUSED


def test_a_telephone_that_repeats_an_old_password_uses_up_one_guess():
    memory, directory = remembering(KIM), Directory()

    for _ in range(10 * MOST_GUESSES):
        assert directory.answer(memory, password="old") == REFUSED

    assert directory.answer(memory).right


def test_the_right_password_is_no_guess_and_a_new_right_one_forgives_all():
    memory, directory = remembering(KIM), Directory()
    for number in range(MOST_GUESSES - 1):
        directory.answer(memory, password=f"guess {number}")
    assert all(directory.answer(memory).right for _ in range(3))
    directory.answer(memory, password="one more")
    assert not directory.answer(memory).right

    memory.told(KIM, "right", PasswordOutcome.RIGHT, NOW + 61)

    assert directory.answer(memory, now=NOW + 62).right


@pytest.mark.parametrize(
    "user",
    [
        None,
        replace(KIM, enabled=False),
        replace(KIM, password_changed_at=NOW),
        replace(KIM, groups=frozenset({ADMINS})),
    ],
    ids=["gone", "disabled", "another password", "with a role"],
)
def test_who_was_disabled_is_forgotten_and_not_only_refused(user):
    heard, looked_over = remembering(KIM), remembering(KIM)

    heard.saw(KIM.id, user)
    looked_over.look_over({KIM.id: user}.get)

    for memory in (heard, looked_over):
        memory.saw(KIM.id, KIM)
        assert Directory().answer(memory) == REFUSED


def test_what_else_is_new_about_somebody_forgets_nothing():
    memory = remembering(KIM)

    memory.saw(KIM.id, replace(KIM, groups=frozenset({"hangang/staff"}), display_name="김민준"))

    assert Directory().answer(memory).right


def test_there_is_a_bound_and_the_oldest_are_forgotten_first():
    first, second, third = (replace(KIM, id=number) for number in (1, 2, 3))
    memory = remembering(first, second, first, third, most=2)

    assert [Directory().answer(memory, each).right for each in (first, second, third)] == [True, False, True]


def test_another_process_knows_nothing():
    remembering(KIM)

    assert Directory().answer(remembering()) == REFUSED


def test_what_is_kept_is_no_password_and_differs_from_person_to_person():
    memory = remembering(KIM, replace(KIM, id=8))
    kept = [entry.digest for entry in memory._entries.values()]

    assert len(set(kept)) == 2
    assert "right" not in repr(memory._entries)
    assert all(b"right" not in digest and len(digest) == 32 for digest in kept)


def test_it_is_told_how_many_are_known_and_how_often_one_let_its_owner_in():
    memory = remembering(KIM, replace(KIM, id=8))
    assert memory.counts() == {"known": 2, "used": 0}

    Directory().answer(memory)
    Directory().answer(memory, password="wrong")
    Directory(PasswordOutcome.RIGHT).answer(memory)

    assert memory.counts() == {"known": 2, "used": 1}
