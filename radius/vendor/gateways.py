"""VPN gateways of free software: ocserv, strongSwan (eap-radius) and OpenVPN with a plugin for RADIUS.

What they do with it was tried with ocserv 1.1.6, strongSwan 5.9.8 and openvpn-auth-radius 2.1.
"""

from radius.vendor import tunnel_client
from radius.vendor.family import Family, Feature, Identifier, Limit
from radius.vendor.generic import filter_id

_NO_IDLE = frozenset({Limit.IDLE_TIMEOUT})

# Its groups come by the Class, which is ours; and it takes no requests. Every 30 seconds it looks whether a
# session has lasted long enough.
OCSERV = Family(
    name="ocserv",
    spellings={
        Feature.ADDRESS: tunnel_client.address,
        Feature.ROUTES: tunnel_client.routes,
        Feature.DNS: tunnel_client.dns,
    },
    identifies=(Identifier.USER_NAME,),
    changes={},
    unheeded=_NO_IDLE,
    keeps_class=False,
)

STRONGSWAN = Family(
    name="strongswan",
    spellings={
        # The group of a connection, where filter_id is set in eap-radius.
        Feature.ROLE: filter_id,
        Feature.ADDRESS: tunnel_client.address4,
        Feature.DNS: tunnel_client.dns4,
        Feature.DNS_SUFFIXES: tunnel_client.unity_suffixes,
    },
    identifies=(Identifier.USER_NAME,),
    unheeded=_NO_IDLE,
)

# Framed-Route is to it what lies behind the client.
OPENVPN = Family(
    name="openvpn",
    spellings={Feature.ADDRESS: tunnel_client.address4},
    identifies=(Identifier.USER_NAME,),
    changes={},
    unheeded=frozenset(Limit),
    keeps_class=False,
)
