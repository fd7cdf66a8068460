"""officegate.toml and OFFICEGATE_* variables into one Settings, or every mistake at once. ◆"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from access.config.checks import check
from access.config.reader import Mistake, SettingsReader, Variable
from access.config.spellings import SPELLINGS, absolute_path
from access.config.values import DatabaseSettings, Settings
from access.errors import Misconfigured

PREFIX = "OFFICEGATE_"
# Names the file itself; the tests' own switches; what a supervisor tells its children.
_NOT_SETTINGS = ("OFFICEGATE_CONFIG", "OFFICEGATE_TEST_", "OFFICEGATE_SUPERVISOR", "OFFICEGATE_PROCESS")
DEFAULT_FILE = Path("/etc/officegate/officegate.toml")


class ConfigErrors(Misconfigured):
    """The configuration cannot be used. mistakes has all of them, the message a line for each."""

    def __init__(self, file: str, mistakes: tuple[Mistake, ...], variables: Mapping[str, str]) -> None:
        self.file = file
        self.mistakes = mistakes
        lines = [_line(each, file, variables) for each in sorted(mistakes, key=lambda each: each.key)]
        super().__init__("\n".join(lines))


@dataclass(frozen=True, slots=True)
class _Overlaid:
    """The document with the variables in it, and which key came from which variable."""

    document: dict[str, Any]
    variables: dict[str, str]


def load(path: Path, environ: Mapping[str, str] = os.environ, called: str = "") -> Settings:
    """The settings of a file and the environment over it. Raises ConfigErrors.

    called is what a complaint calls the file, where that is not its path.
    """
    called = called or str(path)
    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        right = f"a file that can be read; name another with --config or {PREFIX}CONFIG"
        raise ConfigErrors(called, (Mistake("", f"{error.strerror}", right),), {}) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigErrors(
            called, (Mistake("", f"{error}", "TOML in UTF-8 (https://toml.io)"),), {}
        ) from error
    return parse(document, environ, called)


def parse(document: Mapping[str, Any], environ: Mapping[str, str], file: str = "configuration") -> Settings:
    """The settings of a document that was read already. Raises ConfigErrors."""
    overlaid = _overlay(document, environ)
    _fill_in(overlaid.document)
    reader = SettingsReader(SPELLINGS, _first_line)
    settings = reader.table(Settings, overlaid.document)
    mistakes = (*reader.mistakes, *(check(settings, reader.mistakes) if settings else ()))
    if settings is None or mistakes:
        raise ConfigErrors(file, mistakes, overlaid.variables)
    if not settings.database.url:
        file_url = f"sqlite:///{settings.state_dir}/database/officegate.sqlite"
        settings = replace(settings, database=DatabaseSettings(file_url))
    return settings


def secret_files(path: Path, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The files that the settings NAME_file of a configuration name, which holds: load() has read it."""
    found: list[Path] = []

    def look(named: str) -> str:
        found.append(Path(named))
        return _first_line(named)

    SettingsReader(SPELLINGS, look).table(
        Settings, _overlay(tomllib.loads(path.read_text()), environ).document
    )
    return sorted(set(found))


def _fill_in(document: dict[str, Any]) -> None:
    """The protection a directory's address implies, where the document names none."""
    organizations = document.get("organizations")
    for organization in organizations.values() if isinstance(organizations, dict) else ():
        if not isinstance(organization, dict):
            continue
        more = organization.get("more_directories")
        for directory in (organization.get("directory"), *(more.values() if isinstance(more, dict) else ())):
            if isinstance(directory, dict) and _text(directory.get("url")).startswith("ldaps://"):
                directory.setdefault("tls", "ldaps")


def _text(value: object) -> str:
    return value.text if isinstance(value, Variable) else str(value)


def _overlay(document: Mapping[str, Any], environ: Mapping[str, str]) -> _Overlaid:
    overlaid = _Overlaid(_copy(document), {})
    for name in sorted(environ):
        if name.startswith(PREFIX) and not name.startswith(_NOT_SETTINGS):
            _put(overlaid, name, environ[name])
    return overlaid


def _copy(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key: _copy(value) if isinstance(value, Mapping) else value for key, value in table.items()}


def _put(overlaid: _Overlaid, name: str, text: str) -> None:
    """OFFICEGATE_RADIUS__AUTH_PORT goes to radius.auth_port; - in a key is _ in a variable."""
    table: dict[str, Any] = overlaid.document
    path = name.removeprefix(PREFIX).lower().split("__")
    actual: list[str] = []
    for depth, part in enumerate(path):
        key = next((key for key in table if key.lower().replace("-", "_") == part), part)
        actual.append(key)
        if depth == len(path) - 1:
            table[key] = Variable(name, text)
        elif isinstance(table.setdefault(key, {}), dict):
            table = table[key]
        else:
            table[key] = table = {}
    overlaid.variables[".".join(actual)] = name


def _first_line(path: str) -> str:
    return absolute_path(path).read_text("utf-8").partition("\n")[0].removesuffix("\r")


def _line(mistake: Mistake, file: str, variables: Mapping[str, str]) -> str:
    source = variables.get(mistake.key)
    where = f"variable {source}" if source else file
    subject = f"{mistake.key} {mistake.wrong}" if mistake.key else mistake.wrong
    return f"{where}: {subject}; right would be: {mistake.right}"
