import random

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from access.errors import AccessError, Misconfigured
from access.keys.sealing import BadKeyring, Keyring, SealBroken, key_id_of

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
KEYRING = Keyring({"2025": OLD, "2026": NEW}, current="2026")
BEFORE = Keyring({"2025": OLD}, current="2025")
PLACE = b"token:17:hangang"
SECRET = b"12345678901234567890"


def source(seed: int = 1):
    return random.Random(seed).randbytes


SEALED = KEYRING.seal(SECRET, PLACE, source())


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_what_was_sealed_opens_for_its_place(plaintext, place):
    assert KEYRING.open_sealed(KEYRING.seal(plaintext, place, source()), place) == plaintext


def test_the_form_is_version_key_id_nonce_and_aes_gcm_under_a_derived_key():
    nonce = source()(12)
    derived = HKDF(SHA256(), 32, salt=None, info=b"officegate sealing").derive(NEW)

    header = b"\x01\x042026"
    sealed = header + nonce + AESGCM(derived).encrypt(nonce, SECRET, header + PLACE)
    assert sealed == SEALED


def test_the_secret_is_not_in_what_is_stored_and_no_two_seals_are_alike():
    again = KEYRING.seal(SECRET, PLACE, source(2))

    assert SECRET not in SEALED
    assert again != SEALED


@pytest.mark.parametrize("place", [b"token:18:hangang", b"token:17:mapo", b"token:17:hangang ", b""])
def test_a_secret_moved_to_another_place_does_not_open(place):
    with pytest.raises(SealBroken, match="sealed for another place"):
        KEYRING.open_sealed(SEALED, place)


@pytest.mark.parametrize("position", range(len(SEALED)))
def test_a_secret_altered_anywhere_does_not_open(position):
    altered = bytearray(SEALED)
    altered[position] ^= 1

    with pytest.raises(SealBroken):
        KEYRING.open_sealed(bytes(altered), PLACE)


@pytest.mark.parametrize("length", range(len(SEALED)))
def test_a_secret_cut_anywhere_does_not_open(length):
    with pytest.raises(SealBroken):
        KEYRING.open_sealed(SEALED[:length], PLACE)


@given(st.binary(max_size=80))
def test_whatever_is_not_a_sealed_secret_raises_one_error(blob):
    with pytest.raises(SealBroken):
        KEYRING.open_sealed(blob, PLACE)
    try:
        KEYRING.needs_rekey(blob)
    except SealBroken as broken:
        assert isinstance(broken, AccessError)


def test_the_header_cannot_be_shifted_into_the_place():
    swallowed = Keyring({"k": OLD, "kk": OLD}, current="k").seal(SECRET, b"kplace", source())
    shifted = b"\x01\x02kk" + swallowed[3:]

    with pytest.raises(SealBroken):
        Keyring({"k": OLD, "kk": OLD}, current="k").open_sealed(shifted, b"place")


def test_a_key_id_changed_to_that_of_an_equal_key_does_not_open():
    keyring = Keyring({"a": OLD, "b": OLD}, current="a")
    sealed = bytearray(keyring.seal(SECRET, PLACE, source()))
    sealed[2:3] = b"b"

    with pytest.raises(SealBroken):
        keyring.open_sealed(bytes(sealed), PLACE)


def test_another_key_under_the_same_id_does_not_open():
    impostor = Keyring({"2026": OLD}, current="2026")

    with pytest.raises(SealBroken, match="that key is not the one it was"):
        impostor.open_sealed(SEALED, PLACE)


def test_a_missing_key_is_named_with_what_to_do():
    with pytest.raises(SealBroken, match=r"'2026'.*put that line back into the key file"):
        BEFORE.open_sealed(SEALED, PLACE)


def test_an_older_secret_still_opens_and_asks_to_be_sealed_anew():
    sealed = BEFORE.seal(SECRET, PLACE, source())

    assert KEYRING.open_sealed(sealed, PLACE) == SECRET
    assert KEYRING.needs_rekey(sealed)
    assert not BEFORE.needs_rekey(sealed)
    assert not KEYRING.needs_rekey(SEALED)


def test_no_message_shows_a_secret_or_a_key():
    with pytest.raises(SealBroken) as broken:
        KEYRING.open_sealed(SEALED, b"elsewhere")

    assert SECRET.decode() not in str(broken.value)
    assert "bytes" not in repr(KEYRING)
    assert repr(OLD)[2:-1] not in repr(KEYRING)


def test_every_purpose_and_every_key_has_a_subkey_of_its_own():
    subkeys = {KEYRING.subkey(purpose) for purpose in ("codes", "cookies", "audit heads", "class")}
    subkeys.add(KEYRING.subkey("codes", "2025"))

    assert len(subkeys) == 5
    assert {len(subkey) for subkey in subkeys} == {32}
    assert not subkeys & {OLD, NEW}


def test_a_subkey_is_derived_as_rfc_5869_says():
    expected = HKDF(SHA256(), 32, salt=None, info=b"officegate purpose codes").derive(NEW)

    assert KEYRING.subkey("codes") == expected


def test_no_purpose_is_given_the_key_that_seals():
    sealing = HKDF(SHA256(), 32, salt=None, info=b"officegate sealing").derive(NEW)

    assert sealing not in {KEYRING.subkey("sealing"), KEYRING.subkey(""), KEYRING.subkey(" sealing")}


def test_a_subkey_survives_a_new_current_key_when_asked_for_by_id():
    assert KEYRING.subkey("codes", "2025") == BEFORE.subkey("codes")


def test_a_subkey_of_a_missing_key_is_refused_by_name():
    with pytest.raises(SealBroken, match="'2019'"):
        KEYRING.subkey("codes", "2019")


@pytest.mark.parametrize(
    ("keys", "current"),
    [
        ({}, "2026"),
        ({"2025": OLD}, "2026"),
        ({"2026": OLD[:16]}, "2026"),
        ({"2026": OLD + b"x"}, "2026"),
        ({"": OLD}, ""),
        ({"a b": OLD}, "a b"),
        ({"키": OLD}, "키"),
        ({"k" * 33: OLD}, "k" * 33),
    ],
)
def test_keys_that_cannot_be_used_are_refused(keys, current):
    with pytest.raises(BadKeyring) as refused:
        Keyring(keys, current)

    assert isinstance(refused.value, Misconfigured)


def test_a_key_id_of_32_characters_is_the_longest():
    keyring = Keyring({"k" * 32: OLD}, "k" * 32)

    assert keyring.open_sealed(keyring.seal(SECRET, PLACE, source()), PLACE) == SECRET


def test_the_keys_cannot_be_changed_from_outside():
    keys = {"2026": NEW}
    keyring = Keyring(keys, "2026")
    keys["2026"] = OLD

    assert keyring == Keyring({"2026": NEW}, "2026")
    with pytest.raises(TypeError):
        keyring.keys["2026"] = OLD


class Shelf:
    """Where keys are changed while a process runs: what it tells, and how often it was asked."""

    def __init__(self) -> None:
        self.told: Keyring | None = None
        self.asked = 0

    def __call__(self) -> Keyring | None:
        self.asked += 1
        return self.told


def test_a_new_key_seals_from_the_moment_it_is_there():
    shelf = Shelf()
    running = Keyring({"2025": OLD}, "2025", news=shelf)
    shelf.told = KEYRING

    assert key_id_of(running.seal(SECRET, PLACE, source())) == "2026"
    assert running.current == "2025"


def test_what_another_process_sealed_under_a_new_key_opens():
    shelf = Shelf()
    running = Keyring({"2025": OLD}, "2025", news=shelf)
    shelf.told = KEYRING

    assert running.open_sealed(SEALED, PLACE) == SECRET
    assert running.subkey("codes", "2026") == KEYRING.subkey("codes", "2026")


def test_a_process_forgets_no_key_it_knew():
    shelf = Shelf()
    running = Keyring({"2025": OLD}, "2025", news=shelf)
    shelf.told = Keyring({"2026": NEW}, "2026")
    running.seal(SECRET, PLACE, source())

    assert running.open_sealed(BEFORE.seal(SECRET, PLACE, source()), PLACE) == SECRET


def test_what_opens_asks_for_no_news():
    shelf = Shelf()

    Keyring(KEYRING.keys, "2026", news=shelf).open_sealed(SEALED, PLACE)

    assert shelf.asked == 0


def test_a_subkey_of_a_key_that_is_gone_is_there_if_it_was_kept():
    kept = {("codes", "2025"): BEFORE.subkey("codes")}
    after = Keyring({"2026": NEW}, "2026").keeping(kept)

    assert after.subkey("codes", "2025") == BEFORE.subkey("codes")
    assert after.subkeys("codes") == (KEYRING.subkey("codes"), BEFORE.subkey("codes"))
    with pytest.raises(SealBroken):
        after.subkey("heads", "2025")


def test_kept_subkeys_and_keys_are_in_no_representation():
    shown = repr(KEYRING.keeping({("codes", "2025"): b"a kept subkey of 32 octets ....."}))

    assert "kept subkey" not in shown
    assert repr(OLD) not in shown
