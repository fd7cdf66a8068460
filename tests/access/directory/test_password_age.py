import pytest

from access.directory.password_age import changed_at


@pytest.mark.parametrize(
    ("attribute", "value", "moment"),
    [
        ("pwdchangedtime", b"20261126020000Z", 1795658400.0),
        ("pwdlastset", b"134401320000000000", 1795658400.0),
        ("pwdlastset", b"0", -11644473600.0),
        ("sambapwdlastset", b"1795658400", 1795658400.0),
        ("pwdchangedtime", b"20261126020000+0900", None),
        ("pwdchangedtime", b"20261399020000Z", None),
        ("pwdlastset", b"never", None),
        ("mail", b"20261126020000Z", None),
    ],
)
def test_what_directories_say_about_the_age_of_a_password(attribute, value, moment):
    assert changed_at({attribute: (value,)}) == moment
