"""The EAP methods that a RADIUS worker speaks, with the certificate it shows and the authorities it trusts. ◆

A method is a line in eap_methods(); which of them a NAS is offered is set with the NAS.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import structlog

from access.config import RadiusSettings, TlsVersion
from radius.eap import tunnel
from radius.eap.gtc import Gtc
from radius.eap.md5 import md5
from radius.eap.method import Alert, MethodMaker, Opening
from radius.eap.mschapv2 import mschapv2
from radius.eap.packet import EapType
from radius.eap.peap import Peap, Setting
from radius.eap.stapling import read_stapled
from radius.eap.tls import Tls
from radius.eap.ttls import Ttls
from radius.eap.tunnel import Contexts, ServerIdentity

LOG = structlog.get_logger()
# NAS, identity, certificate (DER).
Objecting = Callable[[str, str, bytes], Alert | None]
_VERSIONS = {
    TlsVersion.TLS_1_2: tunnel.TlsVersion.TLS_1_2,
    TlsVersion.TLS_1_3: tunnel.TlsVersion.TLS_1_3,
}


def server_identity(
    settings: RadiusSettings, certificate: Path, private_key: Path, authorities: tuple[bytes, ...] = ()
) -> ServerIdentity:
    """Return what peers of EAP are shown, and whose certificates are taken from them.

    authorities (PEM) are all whose certificates are taken: ours and those of others.
    """
    return ServerIdentity(
        certificate_chain=str(certificate),
        private_key=str(private_key),
        authorities=authorities,
        lowest=_VERSIONS[settings.tls_lowest],
        highest=_VERSIONS[settings.tls_highest],
        resumption_s=settings.resumption_s,
        stapled=b"" if settings.ocsp_response is None else _stapled(settings.ocsp_response),
    )


def _stapled(path: Path) -> bytes:
    """Return the OCSP response in a file; b"" where it is of no use, for most endpoints ask for none."""
    try:
        return read_stapled(path.read_bytes()).response
    except (OSError, ValueError) as error:
        LOG.warning("endpoints are shown no OCSP response", file=str(path), why=str(error))
        return b""


def eap_methods(
    contexts: Contexts, random: Callable[[int], bytes], objection: Objecting, *, binding_required: bool
) -> dict[EapType, MethodMaker]:
    """Return what makes each method, each time with what is in contexts by then.

    With binding_required nobody gets in by PEAP without a crypto-binding. objection is asked about each
    certificate that an endpoint shows.
    """

    def tls(opening: Opening) -> Tls:
        about = partial(objection, opening.nas, opening.identity)
        return Tls(contexts.tunnel(EapType.TLS, about), opening)

    alone = {EapType.MSCHAPV2: mschapv2(random), EapType.GTC: Gtc}
    peap = Setting({**alone, EapType.TLS: tls}, random, binding_required)
    return {
        EapType.TLS: tls,
        EapType.PEAP: lambda opening: Peap(contexts.tunnel(EapType.PEAP), opening, peap),
        EapType.TTLS: lambda opening: Ttls(contexts.tunnel(EapType.TTLS), opening, alone),
        **alone,
        EapType.MD5_CHALLENGE: md5(random),
    }
