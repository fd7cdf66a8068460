"""Korean and English: which one a request gets, and the catalogue it is read from. ◆"""

from collections.abc import Mapping
from functools import cache
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

from access.console.current import gate, visitor_or_none_calmly
from access.console.gate import Gate
from access.console.reaching import Reader

COOKIE = "language"
NAMES: Mapping[str, str] = {"ko": "한국어", "en": "English"}
CATALOGUES = Path(__file__).parent / "translations"


class CompiledAtStart(Domain):  # type: ignore[misc]
    """Messages from the .po files of the tree: nothing compiled lies beside them to go stale.

    English is what the code itself says.
    """

    def __init__(self, directory: Path) -> None:
        super().__init__(translation_directories=[str(directory)], domain="messages")
        self._of = {path.stem: _read(path) for path in sorted(directory.glob("*.po"))}

    def get_translations(self) -> NullTranslations:
        """The messages of the language of this request."""
        locale = get_locale()
        return self._of.get(locale.language, NullTranslations()) if locale else NullTranslations()


def install(app: Flask, made_over: Gate) -> None:
    """Give every request its language and the time zone of the installation."""
    babel = Babel(
        app,
        default_locale=made_over.face.language,
        locale_selector=choose,
        timezone_selector=lambda: made_over.face.time_zone,
    )
    babel.domain_instance = CompiledAtStart(CATALOGUES)


def choose() -> str:
    """The language chosen on the page, else the one the directory knows, else what the browser asks for."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in NAMES:
        return chosen
    found = visitor_or_none_calmly()
    if found is not None and found.user.language in NAMES:
        return found.user.language
    return request.accept_languages.best_match(NAMES) or gate().face.language


def language() -> str:
    """The language of this request: "ko" or "en"."""
    locale: Locale | None = get_locale()
    return locale.language if locale else gate().face.language


def reader() -> Reader:
    """Whom this request is answered to."""
    return Reader(language(), gate().face.time_zone)


@cache
def _read(path: Path) -> Translations:
    """The messages of a file, read once a process, which has the code of one installation all its life."""
    with path.open("rb") as written:
        catalogue = read_po(written, locale=path.stem)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled, domain="messages")
