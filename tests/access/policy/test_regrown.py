from random import Random

import pytest

from access.policy import tree
from access.policy.regrown import Grove
from access.policy.tree import Table
from access.policy.vocabulary import PolicyErrors
from tests.access.policy.samples import OFFICE

# Every way in which a section and an entry are written, and no more of each than differs: it is parsed whole
# after every edit.
TEXT = """\
version: 1
networks:
  git: {organization: hangang, to: [10.99.0.128/28]}
  wiki: {organization: seorak, to: [10.98.0.0/24]}
hours:
  business: {days: [mon, tue], from: "08:00", to: "20:00", zone: Asia/Seoul}
rules:
  - id: staff
    permit: [login:vpn]
    gives: {vlan: staff, session_timeout: 8h}
    reason: Staff work from anywhere
  - id: engineers
    permit: [network:git]
    reason: {ko: 개발자는 코드를 다룹니다, en: Engineers work on the code}
prefer: {vlan: [guest, staff]}
"""

# What a piece may be exchanged for, put in or end with: most of it opens something, or closes what is open.
ODDITIES = (
    '  - id: "open',
    '    reason: closed"',
    "  - id: [a,",
    "    b]",
    "    reason: |",
    "    reason: |+",
    "      of two",
    "",
    "    lines",
    "    reason: >-",
    "    reason: plain",
    "      and more",
    "  - a plain item",
    "    that goes on",
    "  -",
    "  - - nested",
    "  ? complex",
    "  : value",
    "# a comment",
    "  # another",
    "---",
    "...",
    "%YAML 1.2",
    "- at the margin",
    "-",
    "rules:",
    "rules: # of whom",
    "rules: []",
    "tests:",
    "  wiki: {organization: seorak, to: [10.97.0.0/24]}",
    "  wiki:",
    "  'quoted': 1",
    "    deeper: {a: {b: {c: {d: {e: {f: {g: 1}}}}}}}",
    "    gives: &anchor {vlan: 1}",
    "    gives: *anchor",
    "    gives: !tag 1",
    "\tid: x",
    " half: a step",
    "word",
    "    who: 'single",
    "    # inside' of it",
    "  - {id: flow, who: [group:hangang/a]}",
    "  [id, who]: x",
    "    permit: [network:git,",
    "  network:wiki]",
    "\ufeffversion: 1",
    "    reason: a\u2028b",
    "    reason: a\x0cb",
)
ENDINGS = (" # why", '"', "'", "]", "}", " [", " |", ":", " - x", " ")


def outcome(grow, text):
    """The tree, or the problems there are."""
    try:
        return grow(text)
    except PolicyErrors as errors:
        return [*errors.problems]


def edited(text: str, random: Random) -> str:
    """The text after a few edits by hand: lines moved, doubled, lost, changed for odd ones, cut anywhere."""
    lines = text.split("\n")
    for _ in range(random.randrange(1, 4)):
        at, other = random.randrange(len(lines)), random.randrange(len(lines))
        kind = random.randrange(6)
        if kind == 0:
            lines.insert(at, random.choice(ODDITIES))
        elif kind == 1 and len(lines) > 1:
            del lines[at]
        elif kind == 2:
            lines[at], lines[other] = lines[other], lines[at]
        elif kind == 3:
            lines[at:at] = lines[other : other + random.randrange(1, 8)]
        elif kind == 4:
            lines[at] += random.choice(ENDINGS)
        else:
            lines[at] = " " * random.randrange(5) + lines[at].lstrip(" ")
    return "\n".join(lines)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_grown_out_of_known_pieces_is_what_the_parser_grows_of_the_whole(seed: int):
    random = Random(seed)
    grove, text, read = Grove(), TEXT, 0

    for _ in range(70):
        changed = edited(text, random)
        expected = outcome(tree.grow, changed)
        assert outcome(grove.grow, changed) == expected, changed
        # What has a mistake is taken back, as people do.
        if isinstance(expected, Table):
            text, read = changed, read + 1
        if len(text) > 3 * len(TEXT):
            text = TEXT

    assert read > 7


@pytest.mark.parametrize(
    "comment",
    ["# rings \x07\n", "# \x1b[0m\n", "# \x7f\n", "# \ud800\n", ("# " + "가" * 1000 + "\n") * 1500],
    ids=["a bell", "an escape", "a deletion", "half a character", "more octets than a document may have"],
)
@pytest.mark.parametrize("before", ["version: 1\n", "networks:\n", "  - id: "], ids=["top", "head", "entry"])
def test_what_the_parser_refuses_is_refused_wherever_it_stands(comment: str, before: str):
    """Else it would be published, and no process that starts after that could read it."""
    grove = Grove()
    grove.grow(OFFICE)

    after = before if before == "networks:\n" else ""
    changed = OFFICE.replace(before, after + comment + before.removeprefix(after), 1)
    assert changed != OFFICE
    assert not isinstance(outcome(tree.grow, changed), Table)
    assert outcome(grove.grow, changed) == outcome(tree.grow, changed)


def test_only_the_rule_that_changed_is_parsed(monkeypatch: pytest.MonkeyPatch):
    parsed: list[str] = []
    whole = tree.grow

    def noting(text: str) -> Table:
        parsed.append(text)
        return whole(text)

    monkeypatch.setattr(tree, "grow", noting)
    grove = Grove()
    grove.grow(OFFICE)

    changed = OFFICE.replace("group:hangang/vpn-users", "group:hangang/all")
    changed = changed.replace("\nvdi:", "\nvdi: # desktops")
    assert grove.grow(changed) == whole(changed)
    assert grove.grow("# a line more\n" + changed) == whole("# a line more\n" + changed)
    assert grove.grow(OFFICE) == whole(OFFICE)

    assert parsed[0] == OFFICE
    assert "staff-vpn" in parsed[1]
    assert all("engineers" not in text and "intranet:" not in text for text in parsed[1:])


def test_a_mistake_has_the_line_on_which_it_stands_in_the_whole_text():
    grove = Grove()
    grove.grow(OFFICE)

    text = OFFICE.replace("who: [group:hangang/contractors]", "who: [group:hangang/contractors")
    with pytest.raises(PolicyErrors) as caught:
        grove.grow(text)

    with pytest.raises(PolicyErrors) as expected:
        tree.grow(text)
    assert caught.value.problems == expected.value.problems


def test_windows_line_ends_are_read_as_they_always_were():
    grove = Grove()
    text = OFFICE.replace("\n", "\r\n")

    assert grove.grow(text) == tree.grow(text)
    assert grove.grow(text) == tree.grow(text)
