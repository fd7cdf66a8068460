"""The radius library alone is as strict as it has to be for its figure to mean something."""

import pytest

from tests.bench import library_server
from tests.bench.radius_client import BadReply, Credential, offer, prepare

SECRET = "secret-of-the-benchmark"
KIM = Credential("minjun.kim", "right-password")


def test_a_right_password_is_accepted_and_a_wrong_one_is_not():
    with library_server.serving([KIM], SECRET) as (port, _):
        assert offer(port, prepare([KIM], SECRET.encode(), 100, seed=1)) > 0

        wrong = Credential(KIM.name, "wrong")
        with pytest.raises(BadReply, match="1 right passwords were answered with code 3"):
            offer(port, prepare([wrong], SECRET.encode(), 1, seed=2))
