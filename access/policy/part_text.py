"""The text of a part of the document: read out of it, and put back with everything else left as it was."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from access.model import Bilingual
from access.policy import tree
from access.policy.editing import BadEdit, Value, entry_lines
from access.policy.kept_texts import tree_of, tree_of_part
from access.policy.parts import SECTIONS, Place
from access.policy.spans import NAMES, Span, Spans, spans_of
from access.policy.vocabulary import PolicyError
from access.words.text_mistakes import EditMistake

Part = Mapping[Place, Value]
_VERSION = "version"


def read_part(text: str) -> dict[Place, Value]:
    """Return the entries of a text by where they stand. Raises PolicyErrors; BadEdit for other sections."""
    found: dict[Place, Value] = {}
    for key, section in tree_of_part(text).entries:
        if key.text not in (*SECTIONS, _VERSION):
            raise BadEdit(EditMistake.HEAD_OFFICES_SECTION, section=key.text[:80])
        for place, entry in entries_in(key.text, section):
            if place in found:
                raise BadEdit(EditMistake.TWO_OF_ONE_NAME, place=Bilingual(*map(place.to, ("ko", "en"))))
            found[place] = plain(entry)
    return found


def part_of(text: str, owned: Collection[Place]) -> dict[Place, Value]:
    """Return those entries of a whole document that are owned."""
    entries = (each for key, section in tree_of(text).entries for each in entries_in(key.text, section))
    return {place: plain(entry) for place, entry in entries if place in owned}


def written(part: Part) -> str:
    """Return a part as a text of its own, in the order of the sections."""
    lines = ["version: 1\n"]
    for section in SECTIONS:
        own = {place: entry for place, entry in part.items() if place.section == section}
        if own:
            lines += [f"{section}:\n", *(_lines(place, entry, 2) for place, entry in own.items())]
    return "".join(lines)


def revision_of_part(organization: str, part: Part) -> str:
    """Return what a part is called by: the same for whatever says the same, of one organization alone."""
    said = [[place.section, place.name, entry] for place, entry in sorted(part.items())]
    return _digest(organization, json.dumps(said, ensure_ascii=True, sort_keys=True))


def revision_of_typed(organization: str, text: str) -> str:
    """Return the same of a text that somebody wrote, which may be no part at all."""
    try:
        return revision_of_part(organization, read_part(text))
    except PolicyError:
        return _digest(organization, text)


def _digest(organization: str, said: str) -> str:
    # Not that of a whole document: an approval of the one is none of the other.
    whole = f"part of {organization}\n{said}"
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def rebased(base: Part, mine: Part, theirs: Part) -> tuple[dict[Place, Value], list[Place]]:
    """Return a part that was written over base as it would be over theirs, and what both have changed.

    What both have changed, each otherwise, is as mine has it.
    """
    merged: dict[Place, Value] = {}
    both: list[Place] = []
    for place in {**theirs, **mine}:
        before, ours, other = (each.get(place) for each in (base, mine, theirs))
        if before not in (ours, other) and ours != other:
            both.append(place)
        kept = other if ours == before else ours
        if kept is not None:
            merged[place] = kept
    return merged, both


def put_back(text: str, old: Part, new: Part) -> str:
    """Return a whole document with the entries of old taken out that new has not, and those of new put in.

    Everything else stays as it was written. Raises BadEdit where a section is written in a way that does not
    allow it.
    """
    gone = {place for place, entry in old.items() if new.get(place) != entry}
    come = {place: entry for place, entry in new.items() if old.get(place) != entry}
    if not gone and not come:
        return text
    touched = {place.section: set[str]() for place in (*gone, *come)}
    for place in gone:
        touched[place.section].add(place.name)
    stands = spans_of(text, touched)
    pieces: list[tuple[int, int, str]] = []
    added = ""
    for section in (each for each in SECTIONS if each in touched):
        fresh = {place: entry for place, entry in come.items() if place.section == section}
        if section in stands:
            pieces.append(_section_put_back(text, stands[section], touched[section], fresh))
        else:
            added += f"{section}:\n" + "".join(_lines(*each, 2) for each in fresh.items())
    for start, end, piece in sorted(pieces, reverse=True):
        text = text[:start] + piece + text[end:]
    return f"{text.rstrip()}\n{added}" if added else text


def lines_of(text: str) -> list[tuple[int, Place]]:
    """Return the first line of every entry, in order."""
    found = []
    for key, section in tree_of(text).entries:
        if isinstance(section, tree.Table):
            found += [(name.line, Place(key.text, name.text)) for name, _ in section.entries]
        elif isinstance(section, tree.Items):
            found += [(each.line, Place(key.text, _name(key.text, each))) for each in section.items]
    return sorted(found)


def _section_put_back(text: str, stands: Spans, gone: Collection[str], come: Part) -> tuple[int, int, str]:
    """Return what of the text is another now, and what takes its place."""
    begin, end = stands.entries[0].start, stands.entries[-1].end
    fresh = "".join(_lines(place, entry, stands.column) for place, entry in come.items())
    if not fresh and all(span.name in gone for span in stands.entries):
        return stands.start, end, ""
    return begin, end, _between(text, stands.entries, gone) + fresh


def _between(text: str, spans: Sequence[Span], gone: Collection[str]) -> str:
    """Return the entries that stay, with the lines between them."""
    pieces, at = [], spans[0].start
    for span in spans:
        pieces.append(text[at : span.start])
        if span.name not in gone:
            pieces.append(text[span.start : span.end])
        at = span.end
    joined = "".join(pieces)
    return joined if not joined or joined.endswith("\n") else joined + "\n"


def _lines(place: Place, entry: Value, indent: int) -> str:
    return entry_lines("" if place.section in NAMES else place.name, entry, indent)


def entries_in(section: str, node: tree.Node) -> Iterator[tuple[Place, tree.Node]]:
    """Yield the entries of a section that has owners, each with its place. Raises BadEdit."""
    if section not in SECTIONS:
        return
    if section in NAMES and isinstance(node, tree.Items):
        yield from ((Place(section, _name(section, each)), each) for each in node.items)
    elif section not in NAMES and isinstance(node, tree.Table):
        yield from ((Place(section, name.text), each) for name, each in node.entries)
    else:
        raise BadEdit(
            EditMistake.SECTION_IS_A_LIST if section in NAMES else EditMistake.SECTION_IS_A_TABLE,
            section=section,
        )


def _name(section: str, entry: tree.Node) -> str:
    entries = entry.entries if isinstance(entry, tree.Table) and section in NAMES else []
    names = [value for key, value in entries if key.text == NAMES[section]]
    if not names or not isinstance(names[-1], tree.Scalar) or not names[-1].text:
        raise BadEdit(EditMistake.ENTRY_WITHOUT_NAME, section=section, name=NAMES.get(section, "name"))
    return names[-1].text


def plain(node: tree.Node) -> Any:
    """Return the value of a node without the lines on which it stands."""
    if isinstance(node, tree.Scalar):
        return node.text
    if isinstance(node, tree.Items):
        return [plain(each) for each in node.items]
    return {key.text: plain(value) for key, value in node.entries}
