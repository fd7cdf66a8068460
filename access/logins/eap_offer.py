"""Which EAP methods a NAS offers: those that are set for it, as far as the policy could accept them there."""

from collections.abc import Mapping

from access.model import Method
from access.nas.nas_rules import eap_methods
from access.nas.registry import EapMethod, NasClient
from access.policy.offered import Place, Shape, acceptable

# What the policy calls what can happen inside each method.
INSIDE: Mapping[EapMethod, frozenset[Method]] = {
    EapMethod.TLS: frozenset({Method.EAP_TLS}),
    EapMethod.PEAP: frozenset({Method.PEAP_MSCHAPV2, Method.PEAP_GTC, Method.PEAP_EAP_TLS}),
    EapMethod.TTLS: frozenset(
        {
            Method.EAP_TTLS_PAP,
            Method.EAP_TTLS_CHAP,
            Method.EAP_TTLS_MSCHAPV2,
            Method.EAP_TTLS_EAP_MSCHAPV2,
            Method.EAP_TTLS_EAP_GTC,
        }
    ),
    EapMethod.MSCHAPV2: frozenset({Method.EAP_MSCHAPV2}),
    EapMethod.GTC: frozenset({Method.EAP_GTC}),
    EapMethod.MD5: frozenset({Method.EAP_MD5}),
}


def offer(client: NasClient, permits: frozenset[Shape] | None) -> tuple[EapMethod, ...]:
    """The methods to offer, the preferred one first. permits: what rules permit logins; None: no policy.

    Where the policy leaves none, those that are set are offered all the same, but for MD5: whoever comes is
    refused by the policy then, with the rule that is missing.
    """
    named = eap_methods(client)
    left, _ = _left(client, permits)
    return left or tuple(method for method in named if method is not EapMethod.MD5)


def inside(client: NasClient, permits: frozenset[Shape] | None) -> frozenset[Method] | None:
    """The ways to log in inside of a tunnel that the policy could accept; None where it leaves no method."""
    left, possible = _left(client, permits)
    return possible if left else None


def _left(
    client: NasClient, permits: frozenset[Shape] | None
) -> tuple[tuple[EapMethod, ...], frozenset[Method]]:
    """What of a NAS's methods the policy leaves, and what can then happen inside."""
    place = Place(client.via, client.site, client.nas_group)
    possible = acceptable(permits or (), place, frozenset[Method]().union(*INSIDE.values()))
    return tuple(method for method in eap_methods(client) if INSIDE[method] & possible), possible
