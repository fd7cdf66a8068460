"""The dictionary files that come with this package, and an operator's own ◆"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from radius.dictionary import Dictionary
from radius.dictionary_reader import DictionaryReader, Misread
from radius.errors import RadiusError

OWN = Path(__file__).parent / "dictionaries" / "dictionary"
_DEEPEST = 8


class BadDictionary(RadiusError):
    """Dictionary files are missing or cannot be understood; each of mistakes says where, and what."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


def load(extra: Iterable[Path] = ()) -> Dictionary:
    """Return our attributes and those of further files, in their order. Raises BadDictionary."""
    return read((OWN, *extra))


def read(files: Iterable[Path]) -> Dictionary:
    """Return what some files define and nothing else. Raises BadDictionary with every mistake in them."""
    reader = DictionaryReader()
    mistakes = [mistake for file in files for mistake in _read(reader, file, 0)]
    mistakes += [f"{where}: {what}" for where, what in reader.resolve()]
    if mistakes:
        raise BadDictionary(mistakes)
    return Dictionary(reader.definitions)


def _read(reader: DictionaryReader, file: Path, depth: int) -> Iterator[str]:
    """Read a file and what it includes, and yield its mistakes."""
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        yield f"{file}: {error.strerror}"
        return
    except UnicodeDecodeError:
        yield f"{file}: it is not text in UTF-8"
        return
    for number, line in enumerate(lines, start=1):
        where = f"{file}:{number}"
        try:
            included = reader.line(line, where)
        except Misread as error:
            yield f"{where}: {error}"
            continue
        if included and depth == _DEEPEST:
            yield f"{where}: files include each other deeper than {_DEEPEST}"
        elif included:
            yield from _read(reader, file.parent / included, depth + 1)
    try:
        reader.end_file()
    except Misread as error:
        yield f"{file}:{len(lines)}: {error}"
