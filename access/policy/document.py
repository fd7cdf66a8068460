"""A policy document: its text to values, and its check against the people it speaks of.

load() knows only the text and reports what is wrong in it, all of it at once. check() asks the directories.
"""

import hashlib
from collections.abc import Callable

from access.policy import objects
from access.policy.check import check
from access.policy.computed import read_groups
from access.policy.gifts import check_addresses, check_vlans, read_preferences
from access.policy.openings import read_openings
from access.policy.promises import read_tests, refuse_computed
from access.policy.reading import Keys, Reader
from access.policy.rules import Names, read_rules
from access.policy.tree import Node, Scalar, Table, grow
from access.policy.vocabulary import Document, PolicyErrors, Problem, World
from access.policy.zoning import check_zones, read_zones
from access.words.phrase import say
from access.words.text_mistakes import TextMistake, Thing

__all__ = ["VERSION", "Document", "PolicyErrors", "Problem", "World", "check", "load"]

VERSION = "1"
_DOCUMENT = Keys(
    ("version",),
    (
        "networks",
        "vdi",
        "holidays",
        "hours",
        "vlans",
        "zones",
        "rules",
        "prefer",
        "tests",
        "groups",
        "openings",
    ),
)


def load(text: str, growing: Callable[[str], Table] = grow) -> Document:
    """The document in a text. growing: grow, or what does the same from what it has grown before.

    Raises PolicyErrors with every mistake and its line.
    """
    root = growing(text)
    reader = Reader()
    sections = reader.table(root, say(Thing.DOCUMENT), _DOCUMENT)
    _check_version(sections.get("version"), reader)
    networks = objects.networks(sections.get("networks"), reader)
    vdi = objects.pools(sections.get("vdi"), reader)
    holidays = objects.holidays(sections.get("holidays"), reader)
    hours = objects.hours(sections.get("hours"), holidays, reader)
    objects.refuse_shared_addresses(networks, vdi, reader)
    owners = {f"network:{network.name}": network.organization for network in networks.values()}
    owners |= {f"vdi:{pool.name}": pool.organization for pool in vdi.values()}
    names = Names(owners, hours, holidays)
    vlans = objects.vlans(sections.get("vlans"), reader)
    rules = read_rules(sections.get("rules"), names, reader)
    check_vlans(vlans, rules, reader)
    check_addresses(rules, reader)
    document = Document(
        revision=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        networks=networks,
        vdi=vdi,
        hours=hours,
        holidays=holidays,
        vlans=vlans,
        rules=rules,
        prefer=read_preferences(sections.get("prefer"), reader),
        tests=read_tests(sections.get("tests"), names, reader),
        groups=read_groups(sections.get("groups"), reader),
        openings=read_openings(sections.get("openings"), names, reader),
        zones=read_zones(sections.get("zones"), names.object, reader),
    )
    refuse_computed(document, reader)
    check_zones(document, reader)
    if reader.problems:
        raise PolicyErrors(reader.problems)
    return document


def _check_version(node: Node | None, reader: Reader) -> None:
    if node is not None and not (isinstance(node, Scalar) and node.text == VERSION):
        reader.problem(node.line, TextMistake.UNKNOWN_VERSION, version=VERSION)
