"""Every message the pages use, found in their source as babel finds it."""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.extract import extract, extract_python
from jinja2.ext import babel_extract

CONSOLE = Path(__file__).resolve().parents[3] / "access" / "console"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None}
OPTIONS = {"trimmed": "true"}


def used() -> set[str]:
    """msgids of the modules and templates, and of the menu, which is written as a table."""
    return set(_found())


def _found() -> Iterator[str]:
    for path in sorted(CONSOLE.rglob("*.py")):
        for _, _, message, _ in extract_python(BytesIO(path.read_bytes()), KEYWORDS, [], {}):
            yield message if isinstance(message, str) else message[0]
    for path in sorted((CONSOLE / "templates").rglob("*.html")):
        for _, message, _, _ in _of_template(path):
            yield message if isinstance(message, str) else message[0]


def _of_template(path: Path):
    return extract(babel_extract, BytesIO(path.read_bytes()), KEYWORDS, [], OPTIONS)
