"""Nested tables into frozen dataclasses, with every mistake reported, not only the first.

A field's type says what is right: text, numbers (with bounds in the field's metadata), booleans, lists of
text, enums, dataclasses (a table), mappings of dataclasses (a table of tables), and whatever the caller can
make of a text. A text field that is kept out of repr is a secret, and may be given as NAME_file instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from difflib import get_close_matches
from enum import Enum
from math import isfinite
from types import NoneType, UnionType
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: where (radius.auth_port), what, and what would be right."""

    key: str
    wrong: str
    right: str


@dataclass(frozen=True, slots=True)
class Variable:
    """A value from the environment: always text, understood as the setting's type asks."""

    name: str
    text: str


class Unfit(ValueError):
    """A value that does not fit; its text says what would."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How one kind of value is written: a function that raises ValueError, and what would be right."""

    parse: Callable[[str], object]
    wanted: str


Spellings = Mapping[Any, Spelling]


def setting_keys(kind: type[Any], spellings: Spellings, prefix: str = "") -> list[str]:
    """Every setting of a dataclass by its full key; a name chosen by the operator stands as "KEY"."""
    found: list[str] = []
    for name, inner in get_type_hints(kind).items():
        key = f"{prefix}{name}"
        if get_origin(inner) is Mapping:
            found += setting_keys(get_args(inner)[1], spellings, f"{key}.KEY.")
        elif _is_table(inner, spellings):
            found += setting_keys(inner, spellings, f"{key}.")
        else:
            found.append(key)
    return found


class SettingsReader:
    """Reads tables and remembers what is wrong with them.

    spellings: the types that are written as text. read_secret(path) returns a secret, or raises
    OSError or ValueError.
    """

    def __init__(self, spellings: Spellings, read_secret: Callable[[str], str]) -> None:
        self.mistakes: list[Mistake] = []
        self._spellings = spellings
        self._read_secret = read_secret

    def table(self, kind: type[T], raw: object, key: str = "") -> T | None:
        """The dataclass that a table describes, or None after noting what is wrong.

        A setting with a mistake is noted and has its default, a text that has none is empty, so that what
        else is wrong can be found too: nothing may be used while there are mistakes.
        """
        if not isinstance(raw, Mapping):
            self._note(key, f"is {_shown(raw)}", f"a table: write [{key}] and its settings below it")
            return None
        known = {each.name: each for each in fields(kind)}  # type: ignore[arg-type]
        secrets = {f"{name}_file" for name, each in known.items() if _is_secret(each)}
        for name in raw.keys() - known.keys() - secrets:
            self._note(_join(key, name), "is no setting", _suggest(name, [*known, *secrets]))
        types = get_type_hints(kind)
        values = {name: self._field(each, types[name], raw, _join(key, name)) for name, each in known.items()}
        given = {name: value for name, value in values.items() if value is not _ABSENT}
        needed = {name for name in values.keys() - given.keys() if not _has_default(known[name])}
        if any(types[name] is not str for name in needed):
            return None
        return kind(**given, **dict.fromkeys(needed, ""))

    def _field(self, field: "Field[Any]", kind: Any, raw: Mapping[str, object], key: str) -> Any:
        """The value, or _ABSENT where there is none that can be used."""
        if _is_secret(field) and f"{field.name}_file" in raw:
            return self._secret(raw, field.name, key)
        if field.name in raw:
            return self._value(kind, raw[field.name], key, field)
        if not _has_default(field):
            if _is_table(kind, self._spellings):
                return self._value(kind, {}, key)
            self._note(key, "is missing", _wanted(kind, self._spellings))
        return _ABSENT

    def _secret(self, raw: Mapping[str, object], name: str, key: str) -> Any:
        path = self._value(str, raw[f"{name}_file"], f"{key}_file")
        if name in raw:
            self._note(key, f"is given twice, also as {name}_file", "one of the two")
            return _ABSENT
        if path is _ABSENT:
            return _ABSENT
        try:
            return self._read_secret(path)
        except (OSError, ValueError) as error:
            self._note(
                f"{key}_file",
                f"cannot be read: {error}",
                "the absolute path of a file with the secret in its first line",
            )
            return _ABSENT

    def _value(self, kind: Any, raw: object, key: str, field: "Field[Any] | None" = None) -> Any:
        if get_origin(kind) is Mapping:
            return self._mapping(get_args(kind)[1], raw, key)
        if _is_table(kind, self._spellings):
            table = self.table(kind, raw, key)
            return _ABSENT if table is None else table
        try:
            value = convert(kind, raw, self._spellings)
            _check_bounds(value, field.metadata if field else {})
        except Unfit as unfit:
            self._note(key, f"is {_shown(raw, secret=field is not None and _is_secret(field))}", str(unfit))
            return _ABSENT
        return value

    def _mapping(self, kind: type[Any], raw: object, key: str) -> Any:
        if not isinstance(raw, Mapping):
            self._note(key, f"is {_shown(raw)}", f"tables: write [{key}.NAME] for each")
            return _ABSENT
        read = {name: self.table(kind, table, _join(key, name)) for name, table in raw.items()}
        return {name: table for name, table in read.items() if table is not None}

    def _note(self, key: str, wrong: str, right: str) -> None:
        self.mistakes.append(Mistake(key, wrong, right))


def convert(kind: Any, raw: object, spellings: Spellings) -> Any:
    """The value as its type. Raises Unfit, which says what would be right."""
    text = raw.text if isinstance(raw, Variable) else raw
    if get_origin(kind) is UnionType and NoneType in get_args(kind):
        if text == "":
            return None
        (kind,) = set(get_args(kind)) - {NoneType}
    value = _from_text(kind, text, spellings) if isinstance(text, str) else None
    if value is None:
        value = _literal(kind, raw, spellings)
    if value is None:
        raise Unfit(_wanted(kind, spellings))
    return value


def _from_text(kind: Any, text: str, spellings: Spellings) -> Any:
    """A text as text, enum, or what the caller knows to make of it; None where it is none of these."""
    if kind is str:
        return text
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next((choice for choice in kind if choice.value == text), None)
    try:
        return spellings[kind].parse(text) if kind in spellings else None
    except ValueError:
        return None


def _literal(kind: Any, raw: object, spellings: Spellings) -> Any:
    """Numbers, booleans and lists; from a variable as text. None where it is none of the kind."""
    if isinstance(raw, Variable):
        raw = _understood(kind, raw.text)
    if get_origin(kind) is tuple:
        return _several(get_args(kind)[0], raw, spellings)
    # In Python True is a number, in a configuration it is a slip.
    if kind is float and isinstance(raw, int | float) and not isinstance(raw, bool):
        return float(raw) if isfinite(raw) else None
    return raw if kind in (bool, int) and type(raw) is kind else None


def _several(kind: Any, raw: object, spellings: Spellings) -> Any:
    """The values in a list; one that is written alone is a list of one, unless it is any text."""
    if isinstance(raw, str) and kind in spellings:
        raw = [raw]
    if not isinstance(raw, list) or not all(isinstance(each, str) for each in raw):
        return None
    values = tuple(_from_text(kind, each, spellings) for each in raw)
    return None if None in values else values


def _understood(kind: Any, text: str) -> object:
    if get_origin(kind) is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is bool:
        return {"true": True, "false": False}.get(text.lower())
    try:
        return kind(text) if kind in (int, float) else None
    except ValueError:
        return None


def _check_bounds(value: Any, bounds: Mapping[Any, Any]) -> None:
    if bounds and not bounds["least"] <= value <= bounds["most"]:
        raise Unfit(f"a number from {bounds['least']:g} to {bounds['most']:g}")


_EXAMPLES = {
    str: 'a text in quotes, like "..."',
    int: "a whole number, like 10",
    float: "a number, like 1.5",
    bool: "true or false",
}


def _wanted(kind: Any, spellings: Spellings) -> str:
    if get_origin(kind) is tuple:
        item = get_args(kind)[0]
        several = f"{spellings[item].wanted}, or a list of them" if item in spellings else ""
        return several or 'a list of texts, like ["...", "..."]'
    if kind in spellings:
        return spellings[kind].wanted
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " or ".join(f'"{choice.value}"' for choice in kind)
    return _EXAMPLES.get(kind, "another kind of value")


def _shown(raw: object, secret: bool = False) -> str:
    raw = raw.text if isinstance(raw, Variable) else raw
    if isinstance(raw, Mapping):
        return "a table"
    return "something else" if secret else repr(raw)


def _is_secret(field: "Field[Any]") -> bool:
    return not field.repr


def _has_default(field: "Field[Any]") -> bool:
    return field.default is not MISSING or field.default_factory is not MISSING


def _is_table(kind: Any, spellings: Spellings) -> bool:
    return isinstance(kind, type) and is_dataclass(kind) and kind not in spellings


def _join(key: str, name: object) -> str:
    return f"{key}.{name}" if key else f"{name}"


def _suggest(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {close[0]}?" if close else f"one of {', '.join(sorted(known))}"
