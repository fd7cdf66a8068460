"""The sections that name things: networks, pools, holidays, hours, VLANs. Readers return values by name."""

from collections.abc import Iterator, Mapping
from functools import partial
from ipaddress import IPv4Network, IPv6Network

from access.policy import scalars
from access.policy.holidays import BUILT_IN
from access.policy.reading import Keys, Reader, nearest
from access.policy.requestable import read_requestable
from access.policy.tree import Node
from access.policy.vocabulary import BadValue, Holidays, Hours, Network, Ports, Protocol, VdiPool
from access.words.document_mistakes import SectionMistake
from access.words.phrase import say
from access.words.text_mistakes import Thing
from access.words.value_mistakes import ValueMistake

_NETWORK = Keys(("organization", "to"), ("ports", "requestable"))
_POOL = Keys(("organization", "port", "desktops"), ("lease", "requestable"))
_HOURS = Keys(("days", "from", "to", "zone"), ("except",))
_HOLIDAYS = Keys(("days", "zone"))
_LEASE_S = 8 * 3600.0
_UNREAD = Ports(Protocol.ICMP)


def networks(node: Node | None, reader: Reader) -> dict[str, Network]:
    """The networks by name. A mistaken one is there too, so that rules about it are not called mistaken."""
    found = {}
    for name, key, value in reader.named(node, "networks"):
        entries = reader.table(value, say(Thing.NETWORK, name=name), _NETWORK)
        found[name] = Network(
            name,
            reader.scalar(entries.get("organization"), scalars.name) or "",
            reader.values(entries.get("to"), scalars.cidr),
            reader.values(entries.get("ports"), scalars.ports),
            key.line,
            read_requestable(entries.get("requestable"), reader),
        )
    return found


def pools(node: Node | None, reader: Reader) -> dict[str, VdiPool]:
    """The VDI pools by name."""
    found = {}
    for name, key, value in reader.named(node, "vdi"):
        entries = reader.table(value, say(Thing.POOL, name=name), _POOL)
        port = reader.scalar(entries.get("port"), scalars.ports)
        if port and port.first != port.last:
            reader.problem(entries["port"].line, SectionMistake.MANY_PORTS)
        desktops = {
            desktop: address
            for desktop, _, where in reader.named(entries.get("desktops"), "desktops")
            if (address := reader.scalar(where, scalars.address))
        }
        found[name] = VdiPool(
            name,
            reader.scalar(entries.get("organization"), scalars.name) or "",
            port or _UNREAD,
            reader.scalar(entries.get("lease"), scalars.duration) or _LEASE_S,
            desktops,
            key.line,
            read_requestable(entries.get("requestable"), reader),
        )
    return found


def holidays(node: Node | None, reader: Reader) -> dict[str, Holidays]:
    """The calendars by name, with those that every document has."""
    found = dict(BUILT_IN)
    for name, key, value in reader.named(node, "holidays"):
        entries = reader.table(value, say(Thing.HOLIDAYS, name=name), _HOLIDAYS)
        if name in BUILT_IN:
            reader.problem(key.line, SectionMistake.HOLIDAYS_KNOWN, name=name)
            continue
        days = reader.values(entries.get("days"), scalars.calendar_day)
        zone = reader.scalar(entries.get("zone"), scalars.zone) or scalars.zone("UTC")
        found[name] = Holidays(name, frozenset(days), zone)
    return found


def calendar(known: Mapping[str, Holidays], text: str) -> Holidays:
    """Holidays that exist. Raises BadValue."""
    if text in known:
        return known[text]
    raise BadValue(ValueMistake.NO_HOLIDAYS, text=text[:80], hint=nearest(text, tuple(known)))


def hours(node: Node | None, known: Mapping[str, Holidays], reader: Reader) -> dict[str, Hours]:
    """The weekly windows by name; known has the calendars they may be closed on."""
    found = {}
    for name, key, value in reader.named(node, "hours"):
        entries = reader.table(value, say(Thing.HOURS, name=name), _HOURS)
        days = reader.values(entries.get("days"), scalars.day)
        start = reader.scalar(entries.get("from"), scalars.clock)
        end = reader.scalar(entries.get("to"), scalars.clock)
        zone = reader.scalar(entries.get("zone"), scalars.zone)
        closed = reader.values(entries.get("except"), partial(calendar, known))
        if start is not None and start == end:
            reader.problem(key.line, SectionMistake.HOURS_OF_NO_TIME, name=name)
        if start == 1440 or end == 0:
            reader.problem(key.line, SectionMistake.HOURS_TURNED, name=name)
        if days and start is not None and end is not None and zone:
            found[name] = Hours(name, frozenset(days), start, end, zone, closed)
        else:
            found[name] = Hours(name, frozenset(), 0, 1440, scalars.zone("UTC"))
    return found


def vlans(node: Node | None, reader: Reader) -> dict[str, dict[str, int]]:
    """The numbers of VLANs by site and name."""
    return {
        site: {
            name: number
            for name, _, value in reader.named(table, say(Thing.VLANS_OF, site=site))
            if (number := reader.scalar(value, scalars.vlan_number)) is not None
        }
        for site, _, table in reader.named(node, "vlans", scalars.place)
    }


def refuse_shared_addresses(
    found: dict[str, Network], found_pools: dict[str, VdiPool], reader: Reader
) -> None:
    """Report addresses that two organizations claim, and desktops that stand in two places.

    An address that belongs to two companies would let a permit of the one open the other's door.
    """
    _refuse_desktops_twice(found_pools, reader)
    spans = [
        (
            cidr.version,
            int(cidr.network_address),
            int(cidr.broadcast_address),
            network.organization,
            network.name,
        )
        for network in found.values()
        for cidr in network.to
    ]
    lines = {network.name: network.line for network in found.values()}
    for pool in found_pools.values():
        lines[f"vdi {pool.name}"] = pool.line
        spans += [
            (host.version, int(host), int(host), pool.organization, f"vdi {pool.name}")
            for host in pool.desktops.values()
        ]
    for span, other in _overlaps(sorted(span for span in spans if span[3])):
        _report_overlap(span, other, lines, reader)


def shared_addresses(
    found: Mapping[str, Network], found_pools: Mapping[str, VdiPool], zone_of: Mapping[str, str]
) -> Iterator[tuple[int, str, str]]:
    """The objects of different zones, and of one and none, that share an address: line, one, the other."""
    spans = [
        _span_of(cidr, zone_of.get(f"network:{network.name}", ""), f"network:{network.name}")
        for network in found.values()
        for cidr in network.to
    ]
    spans += [
        (host.version, int(host), int(host), zone_of.get(f"vdi:{pool.name}", ""), f"vdi:{pool.name}")
        for pool in found_pools.values()
        for host in pool.desktops.values()
    ]
    lines = {f"network:{network.name}": network.line for network in found.values()}
    lines |= {f"vdi:{pool.name}": pool.line for pool in found_pools.values()}
    for span, other in _overlaps(sorted(spans)):
        later, earlier = (span, other) if lines[span[4]] >= lines[other[4]] else (other, span)
        yield lines[later[4]], later[4], earlier[4]


_Span = tuple[int, int, int, str, str]


def _span_of(cidr: IPv4Network | IPv6Network, whose: str, object: str) -> _Span:
    return cidr.version, int(cidr.network_address), int(cidr.broadcast_address), whose, object


def _overlaps(spans: list[_Span]) -> Iterator[tuple[_Span, _Span]]:
    """The pairs in which a span begins inside another organization's. spans are sorted.

    A span is (IP version, first address, last address, organization, name of the object).
    """
    widest: dict[str, _Span] = {}
    for span in spans:
        widest = {owner: other for owner, other in widest.items() if other[0] == span[0]}
        for owner, other in widest.items():
            if owner != span[3] and other[2] >= span[1]:
                yield span, other
        if span[3] not in widest or widest[span[3]][2] < span[2]:
            widest[span[3]] = span


def _report_overlap(span: _Span, other: _Span, lines: dict[str, int], reader: Reader) -> None:
    later, earlier = (span, other) if lines[span[4]] >= lines[other[4]] else (other, span)
    one = {"name": later[4], "whose": later[3]}
    two = {"other": earlier[4], "others": earlier[3], "line": lines[earlier[4]]}
    reader.problem(lines[later[4]], SectionMistake.SHARED_ADDRESSES, **one, **two)


def _refuse_desktops_twice(found: dict[str, VdiPool], reader: Reader) -> None:
    seen: dict[object, str] = {}
    for pool in found.values():
        for desktop, address in pool.desktops.items():
            if address in seen:
                reader.problem(pool.line, SectionMistake.DESKTOP_TWICE, name=desktop, other=seen[address])
            seen.setdefault(address, f"{pool.name}/{desktop}")
