"""The dictionary files that come with this package, and an operator's own ◆"""

from collections.abc import Iterable
from pathlib import Path

from pyrad.dictionary import Dictionary as Definitions
from pyrad.dictionary import ParseError

from radius.dictionary import Dictionary
from radius.errors import RadiusError

OWN = Path(__file__).parent / "dictionaries" / "dictionary"


class BadDictionary(RadiusError):
    """A dictionary file is missing or cannot be understood; the message says where."""


def load(extra: Iterable[Path] = ()) -> Dictionary:
    """Return our attributes and those of further files, in their order. Raises BadDictionary."""
    try:
        return Dictionary(Definitions(str(OWN), *map(str, extra)))
    except (ParseError, OSError, UnicodeDecodeError) as error:
        raise BadDictionary(str(error)) from error
