import hashlib
import hmac

import pytest

from radius import secret
from radius.secret import SharedSecret, by_openssl, md5

# RFC 2202 section 2: key, data, HMAC-MD5.
VECTORS = [
    (b"\x0b" * 16, b"Hi There", "9294727a3638bb1c13f48ef8158bfc9d"),
    (b"Jefe", b"what do ya want for nothing?", "750c783e6ab0b503eaa86e310a5db738"),
    (b"\xaa" * 16, b"\xdd" * 50, "56be34521d144c88dbb8c733f0e8b3f6"),
    (
        b"\xaa" * 80,
        b"Test Using Larger Than Block-Size Key - Hash Key First",
        "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd",
    ),
]


@pytest.fixture(params=[md5, by_openssl], ids=["quickest", "by OpenSSL"], autouse=True)
def hashed_by(request, monkeypatch):
    monkeypatch.setattr(secret, "md5", request.param)


@pytest.mark.parametrize(("key", "octets", "expected"), VECTORS)
def test_hmac_is_that_of_the_rfc(key, octets, expected):
    assert SharedSecret(key).hmac_md5(octets).hex() == expected


@pytest.mark.parametrize("size", [0, 1, 55, 56, 63, 64, 65, 253, 4096])
def test_hashes_are_those_of_any_size(size):
    ours, octets = SharedSecret(b"s3cret"), bytes(range(256)) * 16

    assert ours.hmac_md5(octets[:size]) == hmac.digest(b"s3cret", octets[:size], "md5")
    assert ours.md5_after(octets[:size]) == hashlib.md5(b"s3cret" + octets[:size]).digest()
    assert ours.md5_before(octets[:size]) == hashlib.md5(octets[:size] + b"s3cret").digest()


def test_a_secret_is_not_shown():
    assert "s3cret" not in repr(SharedSecret(b"s3cret"))
