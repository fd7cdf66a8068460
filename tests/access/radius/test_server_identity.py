from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from access.config import RadiusSettings, TlsVersion
from access.logins.eap_methods import server_identity
from radius.eap.tunnel import TlsVersion as Spoken
from tests.peers.certificates import create_authority

CHAIN, KEY = Path("/tls/server.pem"), Path("/tls/server.key")


def test_what_is_configured_is_what_endpoints_meet():
    settings = RadiusSettings(tls_lowest=TlsVersion.TLS_1_3, resumption_s=60.0)

    identity = server_identity(settings, CHAIN, KEY, (b"authority",))

    assert (identity.certificate_chain, identity.private_key) == (str(CHAIN), str(KEY))
    assert identity.authorities == (b"authority",)
    assert (identity.lowest, identity.highest) == (Spoken.TLS_1_3, Spoken.TLS_1_3)
    assert (identity.resumption_s, identity.stapled) == (60.0, b"")


def test_an_ocsp_response_is_shown(tmp_path):
    authority = create_authority(tmp_path)
    file = tmp_path / "ocsp.der"
    response = authority.ocsp_response(authority.issue("server"), datetime.now(UTC) + timedelta(days=1))
    file.write_bytes(response)

    assert server_identity(RadiusSettings(ocsp_response=file), CHAIN, KEY).stapled == response


@pytest.mark.parametrize("content", [None, b"", b"nonsense"])
def test_an_ocsp_response_that_is_of_no_use_keeps_nobody_out(tmp_path, content):
    file = tmp_path / "ocsp.der"
    if content is not None:
        file.write_bytes(content)

    assert server_identity(RadiusSettings(ocsp_response=file), CHAIN, KEY).stapled == b""
