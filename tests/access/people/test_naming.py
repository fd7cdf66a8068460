"""How people are named."""

import pytest

from access.model import Organization
from access.people.naming import Login, resolve_login, spell

HANGANG = Organization(1, "hangang", "한강전자", "hangang.example")
NAMSAN = Organization(2, "namsan", "남산소프트", "namsan.example")
BOTH = (HANGANG, NAMSAN)


@pytest.mark.parametrize(
    ("text", "default", "expected"),
    [
        ("minjun.kim@hangang.example", None, Login(HANGANG, "minjun.kim")),
        ("minjun.kim@NAMSAN.Example", HANGANG, Login(NAMSAN, "minjun.kim")),
        ("Minjun.Kim@hangang", None, Login(HANGANG, "minjun.kim")),
        ("minjun.kim", NAMSAN, Login(NAMSAN, "minjun.kim")),
        ("홍길동@hangang", None, Login(HANGANG, "홍길동")),
        ("minjun.kim", None, None),
        ("minjun.kim@elsewhere.example", HANGANG, None),
        ("minjun.kim@", HANGANG, None),
        ("@hangang", HANGANG, None),
        ("minjun@kim@hangang", HANGANG, None),
        ("minjun.kim@hangang@namsan", HANGANG, None),
        ("", HANGANG, None),
        ("minjun\x00kim", HANGANG, None),
        ("minjun\nkim", HANGANG, None),
        ("minjun\u200bkim", HANGANG, None),
        ("minjun kim", HANGANG, None),
        (" minjun", HANGANG, None),
        ("HANGANG\\minjun", NAMSAN, Login(HANGANG, "minjun")),
        ("namsan.example/Minjun", HANGANG, Login(NAMSAN, "minjun")),
        ("ELSEWHERE\\minjun", HANGANG, None),
        ("HANGANG\\NAMSAN\\minjun", HANGANG, None),
        ("HANGANG\\minjun@namsan", HANGANG, None),
        ("host/laptop-7", HANGANG, None),
        ("\\minjun", HANGANG, None),
        ("x" * 201, HANGANG, None),
    ],
)
def test_a_login_name_means_one_person_or_nobody(text, default, expected):
    assert resolve_login(BOTH, text, default) == expected


def test_a_realm_beats_a_key_of_the_same_spelling():
    confusing = Organization(3, "namsan.example", "다른", "other.example")

    assert resolve_login((confusing, NAMSAN), "kim@namsan.example") == Login(NAMSAN, "kim")


def test_composed_and_decomposed_names_are_one_name():
    assert spell("홍길동") == spell("\u1112\u1169\u11bc\u1100\u1175\u11af\u1103\u1169\u11bc") == "홍길동"
