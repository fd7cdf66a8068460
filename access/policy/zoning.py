"""Which zone objects and VLANs are in, ready to be looked up, and how zones are read and kept apart."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from access.model import Bilingual, Effect
from access.policy import scalars
from access.policy.objects import shared_addresses
from access.policy.reading import Keys, Reader, nearest
from access.policy.tree import Node
from access.policy.vocabulary import Document, Rule, Zone
from access.words.document_mistakes import RuleMistake, SectionMistake
from access.words.phrase import say
from access.words.text_mistakes import Thing

_ZONE = Keys((), ("title", "holds", "vlans"))
# The VLANs that decide where an endpoint is.
VLAN_GIFTS = ("vlan", "voice_vlan")


@dataclass(frozen=True, slots=True)
class Zoning:
    """The zone of each object and of each VLAN that is in one."""

    of_object: Mapping[str, str] = field(default_factory=dict)
    of_vlan: Mapping[str, str] = field(default_factory=dict)


NO_ZONES = Zoning()


def zoning(document: Document) -> Zoning:
    """The zones of a document, ready to be looked up."""
    zones = document.zones.values()
    if not zones:
        return NO_ZONES
    return Zoning(
        {object: zone.name for zone in zones for object in zone.holds},
        {vlan: zone.name for zone in zones for vlan in zone.vlans},
    )


@dataclass(frozen=True, slots=True)
class Crossing:
    """An exception: what is in zones may be had beside those it crosses, until an end."""

    rule: str
    zones: tuple[str, ...]
    crosses: tuple[str, ...]
    owner: str
    reason: Bilingual
    end: float


def exceptions(document: Document) -> list[Crossing]:
    """Every rule that crosses zones, the one that ends first before the others."""
    found = [_crossing(document, rule) for rule in document.rules if rule.crosses]
    return sorted(found, key=lambda each: (each.end, each.rule))


def _crossing(document: Document, rule: Rule) -> Crossing:
    known = zoning(document).of_object
    zones = tuple(sorted({known[object] for object in rule.objects if object in known}))
    end = next((each.argument.end for each in rule.conditions if each.name == "valid"), 0.0)
    return Crossing(rule.id, zones, rule.crosses, rule.owner, rule.reason or Bilingual("", ""), end)


def read_zones(node: Node | None, object: Callable[[str], str], reader: Reader) -> dict[str, Zone]:
    """The zones by name. object: reads an object that exists."""
    found = {}
    for name, key, value in reader.named(node, "zones"):
        entries = reader.table(value, say(Thing.ZONE, name=name), _ZONE)
        holds = reader.values(entries.get("holds"), object)
        vlans = reader.values(entries.get("vlans"), scalars.vlan)
        if not holds and not vlans:
            reader.problem(key.line, SectionMistake.ZONE_OF_NOTHING, name=name)
        found[name] = Zone(name, holds, vlans, reader.sentences(entries.get("title")), key.line)
    return found


def check_crossing(rule: Rule, entries: Mapping[str, Node], reader: Reader) -> None:
    """Report what an exception to the zones lacks: it is a permit that somebody answers for until an end."""
    if "crosses" not in entries:
        return
    if rule.effect is not Effect.PERMIT:
        reader.problem(rule.line, RuleMistake.CROSSES_AND_PERMITS_NOTHING, rule=rule.id)
    for key in ("owner", "reason", "valid_to"):
        if key not in entries:
            reader.problem(rule.line, RuleMistake.CROSSES_WITHOUT, rule=rule.id, key=key)


def check_zones(document: Document, reader: Reader) -> None:
    """Report what is in two zones, addresses that lead from one into another, and zones nobody knows."""
    _refuse_twice(document, reader)
    for rule in document.rules:
        for zone in rule.crosses:
            if zone not in document.zones:
                hint = nearest(zone, tuple(document.zones))
                reader.problem(rule.line, SectionMistake.NO_ZONE, name=zone, hint=hint)
        _refuse_foreign_vlans(document, rule, reader)
    if document.zones:
        known_zones = zoning(document).of_object
        for line, one, other in shared_addresses(document.networks, document.vdi, known_zones):
            reader.problem(line, SectionMistake.SHARED_BY_ZONES, one=one, other=other)


def _refuse_twice(document: Document, reader: Reader) -> None:
    seen: dict[str, str] = {}
    for zone in document.zones.values():
        for thing in (*zone.holds, *(f"VLAN {vlan}" for vlan in zone.vlans)):
            if thing in seen:
                reader.problem(zone.line, SectionMistake.IN_TWO_ZONES, thing=thing, zone=seen[thing])
            seen.setdefault(thing, zone.name)


def _refuse_foreign_vlans(document: Document, rule: Rule, reader: Reader) -> None:
    """Report a login of one zone that is given a VLAN of another."""
    known = zoning(document)
    for object in rule.objects:
        for vlan in vlans_of(rule):
            zones = known.of_object.get(object), known.of_vlan.get(vlan)
            if object.startswith("login:") and None not in zones and zones[0] != zones[1]:
                about = {"object": object, "zone": zones[0], "vlan": vlan, "of": zones[1]}
                reader.problem(rule.line, RuleMistake.VLAN_OF_ANOTHER_ZONE, rule=rule.id, **about)


def vlans_of(rule: Rule) -> Iterator[str]:
    """The VLANs that a rule gives."""
    given = (getattr(rule.gives, name) for name in VLAN_GIFTS)
    return (vlan for vlan in given if vlan is not None)
