from dataclasses import replace
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from pyotp import parse_uri

from otp.errors import SecretWithheld
from otp.kinds import Algorithm
from otp.provisioning_uri import key_to_type, provisioning_uri
from otp.token import State, Token
from otp.totp import code_at

TOKEN = Token(secret=b"12345678901234567890")
EIGHT = replace(TOKEN, secret=b"1" * 32, digits=8, period_s=60, algorithm=Algorithm.SHA256)


def test_an_ordinary_token_has_a_link_without_the_values_every_app_assumes():
    assert provisioning_uri(TOKEN, "Hangang", "kim@hangang.test") == (
        "otpauth://totp/Hangang:kim%40hangang.test?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Hangang"
    )


def test_an_unusual_token_says_what_is_unusual_about_it():
    query = parse_qs(urlsplit(provisioning_uri(EIGHT, "Hangang", "kim@hangang.test")).query)

    assert (query["algorithm"], query["digits"], query["period"]) == (["SHA256"], ["8"], ["60"])
    assert "=" not in query["secret"][0]


@pytest.mark.parametrize("token", [TOKEN, EIGHT])
def test_an_app_that_reads_the_link_shows_our_codes(token):
    app = parse_uri(provisioning_uri(token, "Hangang", "kim@hangang.test"))

    assert app.at(1_700_000_000) == code_at(token, 1_700_000_000 // token.period_s)


def test_korean_names_and_punctuation_survive():
    link = urlsplit(provisioning_uri(TOKEN, "(주)한강 R&D", "김 유신+a@hangang.test"))

    assert unquote(link.path) == "/(주)한강 R&D:김 유신+a@hangang.test"
    assert parse_qs(link.query)["issuer"] == ["(주)한강 R&D"]
    assert "+" not in link.query


def test_a_name_from_the_directory_cannot_break_out_of_its_label():
    link = urlsplit(provisioning_uri(TOKEN, "Han:gang\n", "kim:x?secret=AAAA&issuer=evil\r\n#@h.test"))

    assert unquote(link.path) == "/Han gang:kim x?secret=AAAA&issuer=evil #@h.test"
    assert parse_qs(link.query) == {"secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"], "issuer": ["Han gang"]}


def test_the_key_to_type_is_the_secret_in_groups_of_four():
    assert key_to_type(TOKEN) == "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"


@pytest.mark.parametrize("state", [State.ACTIVE, State.REVOKED])
@pytest.mark.parametrize("show", [key_to_type, lambda token: provisioning_uri(token, "Hangang", "kim")])
def test_the_secret_is_shown_only_while_the_token_is_pending(state, show):
    with pytest.raises(SecretWithheld) as withheld:
        show(replace(TOKEN, state=state))

    assert "GEZD" not in str(withheld.value)
