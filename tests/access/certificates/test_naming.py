"""The names in certificates, written and read again."""

import pytest
from cryptography import x509

from access.certificates import authority as making
from access.certificates import naming
from access.certificates.naming import Holder, Names, alternative_names, names_of
from tests.access.certificates.workshop import MINJUN, an_authority, wanted

LONG = Holder("x" * 200 + "@hangang.example")


def test_a_persons_certificate_names_the_person_and_the_endpoint():
    on_laptop = Holder(MINJUN.user_name, MINJUN.mail, 17, "00-00-5e-00-53-01")

    names = names_of(making.issue(an_authority(), wanted(on_laptop), 1))

    assert names == Names(
        "minjun.kim@hangang.example",
        upns=("minjun.kim@hangang.example",),
        mails=("minjun.kim@hangang.example",),
        uris=("urn:officegate:endpoint:17",),
    )


def test_an_endpoints_own_certificate_names_nobody():
    names = names_of(making.issue(an_authority(), wanted(Holder(endpoint=3, mac="00-00-5e-00-53-99")), 1))

    assert (names.upns, names.common_name) == ((), "00-00-5e-00-53-99")


def test_a_name_too_long_for_one_octet_of_length_is_read_again():
    assert names_of(making.issue(an_authority(), wanted(LONG), 1)).upns == (LONG.user_name,)


def test_mail_of_another_domain_is_left_out():
    abroad = Holder(MINJUN.user_name, "minjun@elsewhere.example")

    named = alternative_names(abroad, "hangang.example")

    assert named.get_values_for_type(x509.RFC822Name) == []


@pytest.mark.parametrize("octets", [b"", b"\x0c", b"\x0c\x05abc", b"\x13\x01a", b"\x0c\x82\x00"])
def test_a_principal_name_that_is_none_is_a_value_error(octets):
    with pytest.raises(ValueError, match="user principal name"):
        naming.read_text(octets)
