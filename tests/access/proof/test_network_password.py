import pytest

from access.keys.sealing import SealBroken
from access.proof import network_password
from access.proof.network_password import (
    NetworkPassword,
    bindable,
    fits,
    generate,
    groups,
    open_one,
    packed,
    read,
    seal,
    unpacked,
)
from radius.mschap import nt_hash
from tests.access.residents import KEYRING, Dice

PASSWORD = generate(Dice())
PLACE = ("b1", 7, 1)


def known(**changed):
    fields = {"id": 3, "user_id": 7, "organization_id": 1, "binding": "b1", **changed}
    return NetworkPassword(sealed=seal(PASSWORD, PLACE, KEYRING, Dice()), **fields)


def test_a_password_has_sixteen_letters_and_digits_and_no_capital():
    assert len(PASSWORD) == network_password.LENGTH
    assert set(PASSWORD) <= set(network_password.ALPHABET)
    assert PASSWORD.lower() == PASSWORD
    assert "".join(groups(PASSWORD)) == PASSWORD


def test_no_two_are_alike():
    dice = Dice()

    assert len({generate(dice) for _ in range(1000)}) == 1000


@pytest.mark.parametrize("spell", [str.upper, str.capitalize, lambda text: "-".join(groups(text)), " ".join])
def test_it_is_read_as_telephones_and_people_write_it(spell):
    assert read(spell(PASSWORD)) == PASSWORD


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "secret",
        PASSWORD[:-1],
        PASSWORD + "0",
        "correcthorsebatt",
        PASSWORD[1] + PASSWORD[0] + PASSWORD[2:],
    ],
)
def test_what_has_not_its_form_is_none(typed):
    assert read(typed) is None


def test_what_people_choose_hardly_ever_has_its_form():
    dice = Dice(9)
    mistaken = sum(read(generate(dice)[:-2] + "00") is not None for _ in range(2000))

    assert mistaken < 20


def test_opened_it_is_the_password_and_its_hash():
    opened = open_one(known(), KEYRING)

    assert (opened.password, opened.nt_hash) == (PASSWORD, nt_hash(PASSWORD))
    assert PASSWORD not in f"{opened}{known()}"


@pytest.mark.parametrize("moved", [{"user_id": 8}, {"organization_id": 2}, {"binding": "b2"}])
def test_it_opens_for_nobody_else(moved):
    with pytest.raises(SealBroken):
        open_one(known(**moved), KEYRING)


def test_it_lasts_until_its_end():
    assert known().lasts(1e12)
    assert known(valid_until=100.0).lasts(99.9)
    assert not known(valid_until=100.0).lasts(100.0)


@pytest.mark.parametrize(
    ("station", "mac"),
    [("00:00:5e:00:53:01", "00-00-5e-00-53-01"), ("02:00:5e:00:53:01", ""), ("192.0.2.7", ""), ("", "")],
)
def test_it_can_be_bound_to_an_address_of_the_makers_and_to_no_randomised_one(station, mac):
    assert bindable(station) == mac


def test_bound_it_fits_its_endpoint_alone():
    bound = known(endpoint="00-00-5e-00-53-01")

    assert fits(bound, "00:00:5e:00:53:01")
    assert not fits(bound, "00:00:5e:00:53:02")
    assert not fits(bound, "")
    assert fits(known(), "02:00:5e:00:53:01")


def test_a_worker_keeps_those_of_a_person_in_few_octets_and_gets_them_back():
    own = (known(), known(id=4, endpoint="00-00-5e-00-53-01", valid_until=100.5), known(id=2**40))

    octets = packed(own)

    assert unpacked(7, octets) == own
    assert unpacked(7, packed(())) == ()
    assert len(octets) < 3 * 200
