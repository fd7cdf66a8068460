"""Every way to log in over TLS, by its name: what makes a supplicant in memory that knows nothing else."""

from OpenSSL import SSL

from tests.radius.eap.inside import (
    CertificatePeer,
    CertificateSupplicant,
    Talker,
    by_chap,
    by_eap,
    by_mschapv2,
)
from tests.radius.eap.peap_supplicant import PeapSupplicant
from tests.radius.eap.peer import GTC, Peer
from tests.radius.eap.supplicant import Supplicant, pap

VERSIONS = {"TLSv1.2": SSL.TLS1_2_VERSION, "TLSv1.3": SSL.TLS1_3_VERSION}
WAYS = {
    "EAP-TLS": lambda pki, **tls: CertificateSupplicant(pki.laptop, **tls),
    "PAP": lambda pki, **tls: Supplicant(pap("kim", "correct horse"), **tls),
    "CHAP": lambda pki, **tls: Talker(by_chap(), **tls),
    "MSCHAPv2": lambda pki, **tls: Talker(by_mschapv2(), **tls),
    "EAP-MSCHAPv2": lambda pki, **tls: Talker(by_eap(Peer()), **tls),
    "EAP-GTC": lambda pki, **tls: Talker(by_eap(Peer(wants=GTC)), **tls),
    "PEAP/MSCHAPv2": lambda _pki, **tls: PeapSupplicant(Peer(), **tls),
    "PEAP/GTC": lambda _pki, **tls: PeapSupplicant(Peer(wants=GTC), **tls),
    "PEAP/EAP-TLS": lambda pki, **tls: PeapSupplicant(CertificatePeer(pki.laptop), **tls),
}
