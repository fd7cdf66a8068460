"""Against the dictionaries that Debian ships with FreeRADIUS: all of them load, and ours say the same."""

import re
from pathlib import Path

import pytest

from radius.definitions import Kind
from radius.dictionary_files import load, read

FILES = Path("/usr/share/freeradius")
INCLUDE = re.compile(r"^\$INCLUDE\s+(\S+)", re.MULTILINE)
ATTRIBUTE = re.compile(r"^ATTRIBUTE\s+(\S+)", re.MULTILINE)
pytestmark = pytest.mark.peer("freeradius")


def names_in(file: Path) -> set[str]:
    text = file.read_text("utf-8")
    included = (names_in(file.parent / name) for name in INCLUDE.findall(text))
    return set(ATTRIBUTE.findall(text)).union(*included)


def test_every_attribute_of_freeradius_is_read():
    names = names_in(FILES / "dictionary")

    theirs = read([FILES / "dictionary"])

    assert len(theirs) == len(names) > 7000
    assert set(theirs.definitions) == names
    assert len({each.kind for each in theirs.definitions.values()}) == len(Kind)


def test_ours_have_the_numbers_and_types_of_theirs():
    # Theirs gives vendor 3076 another name, and leaves this file out.
    theirs = read([FILES / "dictionary.cisco.vpn3000"]).definitions | read([FILES / "dictionary"]).definitions

    for name, ours in load().definitions.items():
        known = theirs[name]
        assert (ours.place, ours.kind, ours.has_tag, ours.encrypt) == (
            known.place,
            known.kind,
            known.has_tag,
            known.encrypt,
        ), name


def test_theirs_may_be_added_to_ours():
    both = load([FILES / "dictionary"])

    assert both.attribute("WiMAX-Release", "1.0").vendor == 24757
    assert both.attribute("IP-Port-Limit", "7").value == b"\2\6\0\0\0\7"
    assert both.attribute("USR-Last-Number-Dialed-Out", "5551").vendor == 429
