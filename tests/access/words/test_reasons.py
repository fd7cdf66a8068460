import re
from http import HTTPStatus

import pytest

from access.model import Bilingual, Reason
from access.proof.signin import ALIKE
from access.words.meaning import Meaning
from access.words.reasons import MEANINGS, REFUSED

HANGUL = re.compile(r"[가-힣]")
POLITE = re.compile(r"(세요|니다|십시오)\.$")


def texts(meaning: Meaning) -> tuple[Bilingual, ...]:
    return meaning.title, meaning.owner, meaning.administrator


def test_every_reason_has_a_meaning():
    assert set(MEANINGS) == set(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_meaning_is_said_in_both_languages(reason: Reason):
    for text in texts(MEANINGS[reason]):
        assert HANGUL.search(text.to("ko"))
        assert text.to("en").strip() and not HANGUL.search(text.to("en"))


@pytest.mark.parametrize("reason", Reason)
def test_korean_advice_is_polite(reason: Reason):
    meaning = MEANINGS[reason]

    assert POLITE.search(meaning.owner.ko), meaning.owner.ko
    assert POLITE.search(meaning.administrator.ko), meaning.administrator.ko


@pytest.mark.parametrize("reason", Reason)
def test_employees_never_read_of_tokens(reason: Reason):
    meaning = MEANINGS[reason]

    for text in (meaning.title, meaning.owner):
        assert "토큰" not in text.ko
        assert "token" not in text.en.lower()


@pytest.mark.parametrize("reason", Reason)
def test_only_a_permission_is_a_success(reason: Reason):
    assert (MEANINGS[reason].http_status < HTTPStatus.BAD_REQUEST) == (reason is Reason.PERMITTED)


def test_no_two_reasons_share_a_title():
    assert len({meaning.title for meaning in MEANINGS.values()}) == len(Reason)


def test_a_stranger_cannot_tell_a_wrong_password_from_an_unknown_name():
    alike = (*ALIKE - {Reason.EMPTY_PASSWORD}, Reason.WRONG_CODE)

    assert Reason.PASSWORD_EXPIRED in alike
    assert len({MEANINGS[reason].http_status for reason in alike}) == 1
    assert POLITE.search(REFUSED.ko)


def test_a_spent_code_is_not_told_to_wait_for_an_app_alone():
    # The same reason ends recovery and registration codes: whoever registers has no app yet.
    owner = MEANINGS[Reason.CODE_REPLAYED].owner

    assert "등록 코드" in owner.ko
    assert "registration code" in owner.en


def test_a_conflict_is_explained_also_where_the_nas_has_no_attribute():
    administrator = MEANINGS[Reason.POLICY_CONFLICT].administrator

    assert "--vendor" in administrator.ko
    assert "--vendor" in administrator.en
