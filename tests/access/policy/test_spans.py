"""Entries put back by pieces of a text: the same, octet for octet, as by the whole of it composed."""

from random import Random

import pytest
from ruamel.yaml import YAML

from access.policy import spans
from access.policy.editing import BadEdit
from access.policy.part_text import lines_of, part_of, put_back
from access.policy.parts import SECTIONS, Place
from access.policy.vocabulary import PolicyErrors
from tests.access.policy import test_regrown
from tests.access.policy.test_parts import TEXT
from tests.access.policy.test_regrown import edited

# As two companies write one; short, since it is composed whole after every edit.
TWO_COMPANIES = """\
# The policy of two companies.
version: 1
networks:
  intranet: {organization: hangang, to: [10.99.0.0/25]}
  # what namsan shares
  wiki: {organization: namsan, to: [10.98.0.0/24], ports: [tcp/443]}
rules:
  # of hangang
  - id: staff
    permit: [login:vpn]
  - {id: out, permit: [network:intranet], organization: namsan}
  # the end of the rules
tests:
  - name: staff of namsan
    who: {groups: [namsan/staff], organization: namsan}
    accept: [login:vpn]
"""
NEW = {"id": "new", "permit": ["login:vpn"], "who": ["organization:namsan"]}


class Composer:
    """Notes what is composed; a text that may not be cut is composed whole."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.texts: list[str] = []
        self._cut, self._patch = spans.cut, monkeypatch
        monkeypatch.setattr(spans, "YAML", lambda **_: self)

    def compose(self, text: str):
        self.texts.append(text)
        return YAML(typ="safe", pure=True).compose(text)

    def cuts(self, may: bool) -> None:
        self._patch.setattr(spans, "cut", self._cut if may else lambda text: [])


@pytest.fixture
def composer(monkeypatch: pytest.MonkeyPatch) -> Composer:
    return Composer(monkeypatch)


def change(text: str, random: Random):
    """Some entries of a text, and what shall stand in their place: less, another, or more."""
    places = [place for _, place in lines_of(text) if place.section in SECTIONS]
    old = part_of(text, random.sample(places, random.randrange(1, min(6, len(places)) + 1)))
    new = {place: entry for place, entry in old.items() if random.random() < 0.4}
    if random.random() < 0.6:
        new[Place("rules", "new")] = NEW
    if random.random() < 0.3:
        new[Place("networks", "new")] = {"organization": "namsan", "to": ["10.1.0.0/24"]}
    return old, new


def entries(text: str):
    return part_of(text, {place for _, place in lines_of(text)})


def outcome(text: str, old, new):
    """The whole text, or why it is not to be had."""
    try:
        return put_back(text, old, new)
    except BadEdit as error:
        return error


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sample", [test_regrown.TEXT, TWO_COMPANIES], ids=["office", "companies"])
def test_random_edits_are_put_back_as_by_the_whole_text(composer: Composer, sample: str, seed: int):
    random, text, by_pieces = Random(seed), sample, 0

    for _ in range(35):
        try:
            changed = edited(text, random)
            old, new = change(changed, random)
        except (PolicyErrors, BadEdit):
            continue
        composer.cuts(False)
        expected = outcome(changed, old, new)
        composer.cuts(True)
        composer.texts.clear()
        found = outcome(changed, old, new)

        assert str(found) == str(expected), changed
        assert type(found) is type(expected)
        cut = bool(composer.texts) and changed not in composer.texts
        by_pieces += cut
        text = changed if cut and len(changed) < 3 * len(sample) else sample

    assert by_pieces > 4


def test_only_what_goes_and_the_last_of_its_section_are_composed(composer: Composer):
    old = part_of(TEXT, {Place("rules", "staff"), Place("networks", "wiki")})
    new = {Place("networks", "wiki"): old[Place("networks", "wiki")]}

    merged = put_back(TEXT, old, new)

    assert len(composer.texts) == 1
    assert [word for word in ("id: staff", "id: guarded", "id: both") if word in composer.texts[0]] == [
        "id: staff",
        "id: guarded",
    ]
    assert part_of(merged, old) == new


def test_an_entry_with_nothing_behind_its_last_key_takes_nothing_of_the_next_one_with_it(composer: Composer):
    for may in (False, True):
        composer.cuts(may)
        for text in (
            TEXT.replace("    reason: no\n", "    reason:\n"),
            TEXT.replace("a code\n  # the", "\n  # the"),
        ):
            changed = put_back(text, {}, {Place("rules", "new"): NEW})

            assert [*entries(changed)] == sorted_in(entries(text), Place("rules", "new"))
            assert changed.count("\n") == text.count("\n") + 3


def sorted_in(before, place: Place) -> list[Place]:
    """The places with one more at the end of its section."""
    places = [*before]
    last = max(number for number, each in enumerate(places) if each.section == place.section)
    return [*places[: last + 1], place, *places[last + 1 :]]


@pytest.mark.parametrize(
    "ending",
    [
        "\n  # behind it\n\n# and the margin\n",
        "\n    reason: |\n      of two\n      lines\n\n\n  # behind it\n",
        "\n    reason: |+\n      kept\n\n\n",
        '\n    reason: "over\n\n      lines"  # behind it\n',
        "\n    reason: >-\n      folded\n    # inside\n",
        "\n    reason:\n\n  # nothing was said\n",
        "\n    reason: ''\n  # nothing was said\n",
        "\n    gives: {\n      vlan: staff\n    }\n  # behind it\n",
        "",
    ],
)
def test_an_entry_ends_where_the_parser_says_and_what_follows_it_stays(composer: Composer, ending: str):
    head = "version: 1\nrules:\n  # first\n"
    one, two = (f"  - id: {name}\n    permit: [login:vpn]\n    who: [organization:a]" for name in "ab")
    for text in (f"{head}{one}{ending or chr(10)}{two}\n", f"{head}{two}\n{one}{ending}"):
        old = part_of(text, {Place("rules", "a")})
        for new in ({}, {Place("rules", "new"): NEW}):
            composer.cuts(False)
            expected = put_back(text, old, new)
            composer.cuts(True)

            assert put_back(text, old, new) == expected
            left = [("b", 3)] if not new else [("b", 3), ("new", 3)]
            assert [(place.name, len(entry)) for place, entry in entries(expected).items()] == left
            for line in ending.splitlines():
                assert not line.lstrip().startswith("# behind") or line in expected
