"""A document's text cut into its sections, and these into their entries, by how the lines look.

A section that begins with nothing but its name is cut into its entries, each up to the next one; another is
one piece. Nothing is parsed: whether an entry begins where the text was cut, only its tree can say.
"""

import re
from dataclasses import dataclass

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
# Other ends of lines, what the parser counts otherwise than as one column, and what it refuses also in a
# comment, which may stand where nothing is parsed.
_ODD = re.compile("[^\n -~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
_NAME = re.compile(r"[\w.-]*\w:(?=[ \n]|$)")
_BARE = re.compile(r"\w+: *(#.*)?$")
_DASH = re.compile(r"-(?= )")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines of a text, from the line with this number on."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section: its entries, with its name and the text before the first; or one piece that is all of it."""

    line: int
    name: str
    head: str
    pieces: tuple[Piece, ...]


def cut(text: str) -> list[Section]:
    """The sections of a text, with nothing but comments before the first; none where it cannot be cut."""
    if _ODD.search(text):
        return []
    lines = _LINE.findall(text)
    begins = [number for number, line in enumerate(lines) if line[0] not in " #\n-"]
    if not begins or not all(_NAME.match(lines[number]) for number in begins):
        return []
    # A dash may begin an entry, and not the end of a document.
    if any(line[0] == "-" and not _DASH.match(line) for line in lines):
        return []
    if any(map(_means_something, lines[: begins[0]])):
        return []
    ends = [*begins[1:], len(lines)]
    return [_section(lines, begin, end) for begin, end in zip(begins, ends, strict=True)]


def _section(lines: list[str], begin: int, end: int) -> Section:
    inside = _begins(lines, begin + 1, end) if _BARE.match(lines[begin].rstrip("\n")) else []
    if not inside:
        return Section(begin + 1, "", "", (Piece(begin + 1, "".join(lines[begin:end])),))
    ends = [*inside[1:], end]
    pieces = (Piece(first + 1, "".join(lines[first:last])) for first, last in zip(inside, ends, strict=True))
    head = "".join(lines[begin : inside[0]])
    return Section(begin + 1, head.partition(":")[0], head, tuple(pieces))


def _begins(lines: list[str], begin: int, end: int) -> list[int]:
    """Where the entries of a section begin: all in one column, all items or all named; none if otherwise."""
    telling = [number for number in range(begin, end) if _means_something(lines[number])]
    if not telling:
        return []
    indent = _indent(lines[telling[0]])
    pattern = _DASH if _DASH.match(lines[telling[0]], indent) else _NAME
    found = []
    for number in telling:
        at = _indent(lines[number])
        if at < indent or (at == indent and not pattern.match(lines[number], indent)):
            return []
        if at == indent:
            found.append(number)
    return found


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _means_something(line: str) -> bool:
    return not line.lstrip(" ").startswith(("#", "\n")) and bool(line.strip(" "))
