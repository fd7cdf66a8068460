"""The pools of a gateway as operators write them: a network, and after % the interface its sessions use."""

import json
import re
from collections.abc import Iterable
from ipaddress import ip_network

from access.errors import Refused
from vpn.atoms import Network
from vpn.state import Gateway, Pool

# Linux allows 15 characters; the * stands for any ending and can only be at the end.
_INTERFACE = re.compile(r"[A-Za-z0-9_.-]{1,14}(\*|[A-Za-z0-9_.-])?")


class BadPool(Refused):
    """A pool is not written as one, or two of them overlap; the message says what to write."""


def read(text: str) -> Pool:
    """The pool that "10.8.0.0/24" or "10.8.0.0/24%tun0" means. Raises BadPool."""
    network, bound, interface = text.partition("%")
    try:
        where = ip_network(network)
    except ValueError as error:
        raise BadPool(f"{text} is no pool: {error}. Write 10.8.0.0/24, or 10.8.0.0/24%tun0.") from None
    if bound and not _INTERFACE.fullmatch(interface):
        raise BadPool(f"{text} is no pool: {interface or 'nothing'} is no interface. Write 10.8.0.0/24%tun0.")
    return Pool(where, interface or None)


def write(pool: Pool) -> str:
    """The pool as it is read."""
    return f"{pool.network}%{pool.interface}" if pool.interface else str(pool.network)


def gateway(name: str, texts: Iterable[str]) -> Gateway:
    """A gateway with these pools. Raises BadPool, also where two overlap."""
    try:
        return Gateway(name, frozenset(read(text) for text in texts))
    except ValueError as error:
        raise BadPool(str(error)) from None


def decode(column: str | None) -> tuple[Pool, ...]:
    """The pools of a row, stored as a JSON list."""
    return tuple(read(text) for text in json.loads(column or "[]"))


def encode(pools: Iterable[Pool]) -> str:
    """The pools as a row stores them."""
    return json.dumps([write(pool) for pool in pools])


def networks(column: str | None) -> tuple[Network, ...]:
    """The networks of a row's pools."""
    return tuple(pool.network for pool in decode(column))
