import pytest
from hypothesis import given
from hypothesis import strategies as st

from radius.eap.gtc import Gtc
from radius.eap.method import Continue, Done, Failed, NeedsPassword, Opening, Verdict
from radius.questions import Failure

OPENING = Opening(1024, "kim", 7)


def test_the_password_is_asked_for_and_handed_on():
    method = Gtc(OPENING)

    assert method.start() == Continue(b"Password: ")
    assert Gtc(Opening(1024, question="비밀번호: ")).start() == Continue("비밀번호: ".encode())
    assert method.step(b"correct horse") == NeedsPassword("kim", "correct horse")


def test_a_right_password_ends_it_without_keys():
    method = Gtc(OPENING)
    method.step(b"correct horse")

    assert method.verdict(Verdict(True)) == Done("kim", b"")


def test_a_refused_password_ends_it():
    method = Gtc(OPENING)
    method.step(b"wrong")

    assert method.verdict(Verdict(False)) == Failed(Failure.NOT_GRANTED, "EAP-GTC")


def test_the_code_is_asked_for_with_the_applications_words():
    method = Gtc(OPENING)
    method.step(b"correct horse")

    assert method.prompt("코드?") == Continue("코드?".encode())
    assert method.step(b"123456") == NeedsPassword("kim", "123456")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(b"\xff", Failure.NOT_TEXT), (b"a\x1bb", Failure.NOT_TEXT), (b"x" * 129, Failure.TOO_LONG)],
)
def test_an_answer_that_can_be_no_password_ends_it(answer, reason):
    assert Gtc(OPENING).step(answer).reason is reason


def test_zeros_behind_the_password_are_no_part_of_it():
    assert Gtc(OPENING).step(b"correct horse\0\0") == NeedsPassword("kim", "correct horse")


@given(st.binary(max_size=300))
def test_no_octets_raise_anything(answer):
    assert isinstance(Gtc(OPENING).step(answer), NeedsPassword | Failed)


def test_a_password_shows_in_no_repr():
    assert "horse" not in repr(Gtc(OPENING).step(b"correct horse"))
