"""Access that ends while somebody watches: at a moment of which the gateway has heard before."""

import re
import time
from collections.abc import Callable

from tests.peers.office_net import OfficeNet
from tests.peers.waiting import wait_until

FAR_S, NEAR_S = 3600.0, 2.0


def end_soon(net: OfficeNet, address: str, give_end: Callable[[float], None]) -> float:
    """Let something the address may reach end soon, and return when that is.

    An end far away comes first: it shows how long this machine takes now until its gateway has heard of one.
    """
    began, far = time.monotonic(), float(round(time.time() + FAR_S))
    give_end(far)
    wait_until(lambda: far in ends(net, address), "the gateway to hear of an end")
    took_s = time.monotonic() - began
    end = time.time() + NEAR_S + 4 * took_s
    give_end(end)
    return end


def ends(net: OfficeNet, address: str) -> set[float]:
    """The moments up to which the gateway lets packets of the address through, where there is one."""
    listed = net.run(net.gateway, ["nft", "list", "ruleset"])
    return {float(end) for end in re.findall(rf'\b{re.escape(address)} \. [^,}}]* comment "([^"]*)"', listed)}
