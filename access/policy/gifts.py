"""What a login carries: how `gives`, `prefer` and `vlans` are read, and how several permits give together."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from functools import lru_cache
from typing import Any, TypeVar

from access.model import Effect, Gives
from access.policy import scalars
from access.policy.reading import Keys, Reader
from access.policy.tree import Node
from access.policy.vocabulary import (
    AGREED_GIFTS,
    DESKTOP_GIFTS,
    DEVICE_GIFTS,
    LOGIN_DEVICE,
    LOGIN_VPN,
    SINGLE_GIFTS,
    VDI,
    VPN_GIFTS,
    Rule,
)
from access.words.document_mistakes import RuleMistake, SectionMistake

Item = TypeVar("Item")
_ONE = ("user:", "endpoint:")

# How each of SINGLE_GIFTS is written.
_WRITTEN: Mapping[str, Callable[[str], str]] = {
    "vlan": scalars.vlan,
    "voice_vlan": scalars.vlan,
    "role": scalars.name,
    "acl": scalars.name,
    "privilege": scalars.name,
}
_GIVES = Keys(
    (),
    (
        *(*_WRITTEN, "session_timeout", "idle_timeout", "sessions", "bandwidth"),
        *("address", "routes", "dns", "dns_suffixes", "desktop"),
    ),
)
_BANDWIDTH = Keys((), ("up", "down"))
_PREFER = Keys((), SINGLE_GIFTS)


def read_gives(node: Node | None, reader: Reader) -> Gives:
    """What a login carries; without a node nothing."""
    entries = reader.table(node, "gives", _GIVES)
    timeout = reader.scalar(entries.get("session_timeout"), scalars.duration)
    single = {name: reader.scalar(entries.get(name), parse) for name, parse in _WRITTEN.items()}
    idle = reader.scalar(entries.get("idle_timeout"), scalars.duration)
    sessions = reader.scalar(entries.get("sessions"), scalars.count)
    bandwidth = reader.table(entries.get("bandwidth"), "bandwidth", _BANDWIDTH)
    return Gives(
        session_timeout_s=None if timeout is None else int(timeout),
        idle_timeout_s=None if idle is None else int(idle),
        sessions=sessions,
        up_kbps=reader.scalar(bandwidth.get("up"), scalars.rate),
        down_kbps=reader.scalar(bandwidth.get("down"), scalars.rate),
        address=reader.scalar(entries.get("address"), scalars.address),
        routes=_sorted(reader.values(entries.get("routes"), scalars.cidr)),
        dns=_sorted(reader.values(entries.get("dns"), scalars.address)),
        dns_suffixes=_sorted(reader.values(entries.get("dns_suffixes"), scalars.domain)),
        desktop=_sorted(reader.values(entries.get("desktop"), scalars.desktop_duty)),
        **single,
    )


def read_preferences(node: Node | None, reader: Reader) -> dict[str, tuple[str, ...]]:
    """The values of prefer by gift, the one that wins first."""
    entries = reader.table(node, "prefer", _PREFER)
    return {name: reader.values(value, _WRITTEN[name]) for name, value in entries.items() if name in _WRITTEN}


def check_gives(rule: Rule, node: Node, given: Iterable[str], reader: Reader) -> None:
    """Report gifts that cannot be of what a rule permits: a privilege is for devices only."""
    given = tuple(given)
    if DESKTOP_GIFTS.issuperset(given) and rule.effect is Effect.PERMIT:
        if not all(object.startswith(VDI) for object in rule.objects):
            reader.problem(node.line, RuleMistake.DESKTOP_OF_NO_POOL)
        return
    device = LOGIN_DEVICE in rule.objects
    network = any(object != LOGIN_DEVICE for object in rule.objects)
    if rule.effect is Effect.DENY or not all(object.startswith("login:") for object in rule.objects):
        reader.problem(node.line, RuleMistake.GIVES_WITHOUT_LOGIN)
        return
    for name in given:
        if device and name not in DEVICE_GIFTS:
            reader.problem(node.line, RuleMistake.NOT_FOR_DEVICES, login=LOGIN_DEVICE, name=name)
        elif network and name == "privilege":
            reader.problem(node.line, RuleMistake.PRIVILEGE_IS_FOR_DEVICES, login=LOGIN_DEVICE)
        elif name in DESKTOP_GIFTS:
            reader.problem(node.line, RuleMistake.NOT_FOR_LOGINS, name=name)
        elif name in VPN_GIFTS and set(rule.objects) != {LOGIN_VPN}:
            reader.problem(node.line, RuleMistake.FOR_ONE_LOGIN, login=LOGIN_VPN, name=name)
    if rule.gives.address is not None and (len(rule.who) != 1 or not rule.who[0].startswith(_ONE)):
        reader.problem(node.line, RuleMistake.ADDRESS_FOR_MANY)


def check_addresses(rules: Iterable[Rule], reader: Reader) -> None:
    """Report addresses that two would have."""
    owners: dict[object, Rule] = {}
    for rule in rules:
        address = rule.gives.address
        other = owners.setdefault(address, rule) if address is not None else rule
        if other.who != rule.who:
            about = {"address": address, "who": other.who[0], "line": other.line}
            reader.problem(rule.line, RuleMistake.ADDRESS_TWICE, **about)


def check_vlans(vlans: Mapping[str, Mapping[str, int]], rules: Iterable[Rule], reader: Reader) -> None:
    """Report names of VLANs that a site with numbers has no number for: somebody would end up nowhere."""
    for rule in rules:
        for name in (rule.gives.vlan, rule.gives.voice_vlan):
            if name is None or name.isdecimal():
                continue
            for site in (site for site, numbers in vlans.items() if name not in numbers):
                reader.problem(rule.line, SectionMistake.NO_NUMBER_FOR_VLAN, site=site, name=name)


def combine(permits: Sequence[Gives], prefer: Mapping[str, tuple[str, ...]], object: str) -> Gives | str:
    """What the permits of a login give together, or what they cannot agree on.

    A gift that is not for this kind of login is nobody's, whatever a rule says.
    """
    if object.startswith(VDI):
        return Gives(desktop=_all(gives.desktop for gives in permits))
    if len(permits) == 1 and object != LOGIN_DEVICE and permits[0].privilege is None:
        # Most logins: nothing to choose between, and nothing that is not for them.
        return permits[0]
    single: dict[str, set[Any]] = {name: set() for name in (*SINGLE_GIFTS, *AGREED_GIFTS)}
    for gives in permits:
        for name, values in single.items():
            if (value := getattr(gives, name)) is not None and _is_for(name, object):
                values.add(value)
    chosen: dict[str, Any] = {}
    for name, values in single.items():
        preferred = prefer.get(name, ())
        if len(values) > 1 and not values <= set(preferred):
            return name
        if values:
            chosen[name] = min(values, key=preferred.index) if len(values) > 1 else values.pop()
    return Gives(
        session_timeout_s=_least(gives.session_timeout_s for gives in permits),
        idle_timeout_s=_least(gives.idle_timeout_s for gives in permits),
        sessions=_least(gives.sessions for gives in permits),
        up_kbps=_least(gives.up_kbps for gives in permits),
        down_kbps=_least(gives.down_kbps for gives in permits),
        routes=_all(gives.routes for gives in permits),
        dns=_all(gives.dns for gives in permits),
        dns_suffixes=_all(gives.dns_suffixes for gives in permits),
        **chosen,
    )


def limits_of(gives: Gives) -> Gives:
    """How long and how much, without where to."""
    return Gives(
        session_timeout_s=gives.session_timeout_s,
        idle_timeout_s=gives.idle_timeout_s,
        sessions=gives.sessions,
        up_kbps=gives.up_kbps,
        down_kbps=gives.down_kbps,
    )


def _all(lists: Iterable[tuple[Item, ...]]) -> tuple[Item, ...]:
    """What any of the lists has, once and in the same order whoever says it first."""
    return _sorted({item for each in lists for item in each})


def _sorted(items: Iterable[Item]) -> tuple[Item, ...]:
    """In an order of their own: IPv4 before IPv6."""
    return tuple(sorted(items, key=_in_order))


def _in_order(item: object) -> tuple[int, object]:
    return getattr(item, "version", 0), item


def _least(limits: Iterable[int | None]) -> int | None:
    return min((limit for limit in limits if limit is not None), default=None)


def differing(one: Gives, other: Gives, prefer: Mapping[str, tuple[str, ...]]) -> list[str]:
    """The gifts that two permits give differently and prefer does not choose between."""
    return [
        name
        for name in (*SINGLE_GIFTS, *AGREED_GIFTS)
        if None not in (pair := {getattr(one, name), getattr(other, name)})
        and len(pair) == 2
        and not pair <= set(prefer.get(name, ()))
    ]


def missing(wanted: Gives, given: Gives) -> list[tuple[str, object, object]]:
    """The gifts that are not as wanted: name, wanted, given. What wanted does not name may be anything."""
    pairs = ((each.name, getattr(wanted, each.name), getattr(given, each.name)) for each in fields(Gives))
    return [(name, want, have) for name, want, have in pairs if want not in (None, (), have)]


@lru_cache(maxsize=1024)
def spelt(gives: Gives) -> str:
    """What a session's NAS is told of it, in words that are the same exactly where that is the same."""
    told = ((name, getattr(gives, name)) for name in (*SINGLE_GIFTS, "up_kbps", "down_kbps"))
    return " ".join(f"{name}={value}" for name, value in told if value is not None)


def _is_for(name: str, object: str) -> bool:
    return (name in DEVICE_GIFTS) == (object == LOGIN_DEVICE)
