"""hostapd: access points and wired ports on Linux.

It knows VLANs only, and names a session by what it reported itself; other identification it answers
with Error-Cause 401 (hostapd's ieee802_1x and radius_das). Who is disconnected logs in again. How long
nothing may happen is a setting of its own (ap_max_inactivity).
"""

from radius.vendor.family import ENDS, Change, Family, Feature, Identifier, Limit
from radius.vendor.generic import vlan

HOSTAPD = Family(
    name="hostapd",
    spellings={Feature.VLAN: vlan},
    identifies=(Identifier.ACCT_SESSION_ID, Identifier.CALLING_STATION_ID),
    changes={Change.REAUTHENTICATE: (ENDS,), Change.DISCONNECT: (ENDS,)},
    unheeded=frozenset({Limit.IDLE_TIMEOUT}),
)
