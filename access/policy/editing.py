"""A policy document's text with one thing changed: every other character stays as somebody wrote it.

The parser says where things stand; the text is cut there and nowhere else, so comments, order, quotes and
blank lines stay. What comes out is read again and compared with what was meant: an edit that would have done
anything else is refused. Comment lines directly above a rule belong to it and go with it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard, cast

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode, SequenceNode

from access.policy import tree
from access.policy.kept_texts import tree_of
from access.policy.vocabulary import PolicyError
from access.words.phrase import Kind, say
from access.words.text_mistakes import EditMistake

Value = str | int | Sequence["Value"] | Mapping[str, "Value"]
Path = Sequence[str]

RULES = "rules"
_PLAIN = re.compile(r"[^\W\d_][\w ./@+=-]*(?::[\w./@+=-]+)*|[0-9]+[smhd]?|[0-9a-fA-F.:]+/[0-9]+")


class BadEdit(PolicyError):
    """The document cannot be changed so; the message says why."""

    def __init__(self, kind: Kind, /, **facts: object) -> None:
        phrase = say(kind, **facts)
        super().__init__(phrase.to("en"), phrase.to("ko"))


def add_rule(text: str, rule: Mapping[str, Value]) -> str:
    """The document with a rule more, behind the others. Raises BadEdit, PolicyErrors."""
    identity = tree.composed(str(rule.get("id", "")))
    plain = _plain(tree_of(text))
    if not identity or identity in _ids(plain):
        raise BadEdit(EditMistake.NO_NEW_ID, id=identity)
    section = _child(_root(text), RULES)
    if section is None:
        edited = f"{_ended(text)}{RULES}:\n{_block(rule, 2, _newline(text))}"
    elif _is_open_list(section):
        edited = _behind(text, section, rule)
    elif isinstance(section, SequenceNode):
        edited = _into_flow(text, section, _flow(rule))
    else:
        raise BadEdit(EditMistake.RULES_ARE_NO_LIST)
    return _checked(edited, {**plain, RULES: [*plain.get(RULES, []), _meant(rule)]})


def change_rule(text: str, rule_id: str, key: str, value: Value | None) -> str:
    """The document with one key of a rule changed or added, or with None taken away. Raises BadEdit."""
    return set_value(text, (RULES, rule_id, key), value)


def remove_rule(text: str, rule_id: str) -> str:
    """The document without a rule and the comment directly above it. Raises BadEdit, PolicyErrors."""
    plain, rule_id = _plain(tree_of(text)), tree.composed(rule_id)
    section = _child(_root(text), RULES)
    rule = _rule(section, rule_id)
    left = [each for each in plain[RULES] if each.get("id") != rule_id]
    if len(left) != len(plain[RULES]) - 1:
        raise BadEdit(EditMistake.RULES_OF_ONE_NAME, id=rule_id)
    if not left:
        edited = _without_entry(text, _root(text), RULES)
        del plain[RULES]
    elif _is_open_list(section):
        start, end = _lines_of(text, rule)
        edited = text[:start] + text[end:]
    else:
        edited = _out_of_flow(text, rule, rule)
    return _checked(edited, {**plain, RULES: left} if left else plain)


def set_value(text: str, path: Path, value: Value | None) -> str:
    """The document with the value at a path changed or added; None takes the key away.

    A path goes from section to key; behind "rules" and "tests" stands the id or the name of the entry. Raises
    BadEdit, PolicyErrors.
    """
    if len(path) < 2:
        raise BadEdit(EditMistake.NAME_BOTH)
    path = [tree.composed(step) for step in path]
    plain = _plain(tree_of(text))
    table: Node = _root(text)
    for step in path[:-1]:
        table = _step(table, step)
    if not isinstance(table, MappingNode):
        raise BadEdit(EditMistake.PATH_IS_NO_TABLE, path="/".join(path[:-1]))
    old = _child(table, path[-1])
    if value is None:
        edited = _without_entry(text, table, path[-1])
    elif old is not None:
        edited = _replaced(text, table, old, value)
    else:
        edited = _with_entry(text, table, path[-1], value)
    return _checked(edited, _changed(plain, path, value))


def _checked(edited: str, meant: Any) -> str:
    if _plain(tree_of(edited)) != meant:
        raise BadEdit(EditMistake.CANNOT_BE_CHANGED)
    return edited


def _plain(node: tree.Node) -> Any:
    if isinstance(node, tree.Scalar):
        return node.text
    if isinstance(node, tree.Items):
        return [_plain(each) for each in node.items]
    return {key.text: _plain(value) for key, value in node.entries}


def _meant(value: Value) -> Any:
    if isinstance(value, Mapping):
        return {key: _meant(each) for key, each in value.items()}
    return tree.composed(str(value)) if isinstance(value, str | int) else [_meant(each) for each in value]


def _changed(plain: Any, path: Path, value: Value | None) -> Any:
    """The same values with one changed, in the order in which they stand."""
    if not path:
        return None if value is None else _meant(value)
    step, rest = path[0], path[1:]
    if isinstance(plain, list):
        return [_changed(each, rest, value) if _is_called(each, step) else each for each in plain]
    changed = _changed(plain.get(step), rest, value)
    others = {key: each for key, each in plain.items() if key != step}
    return others if changed is None else {**plain, step: changed}


def _ids(plain: Any) -> list[str]:
    return [each.get("id", "") for each in plain.get(RULES, []) if isinstance(each, dict)]


def _is_called(entry: Any, called: str) -> bool:
    return isinstance(entry, dict) and called in (entry.get("id"), entry.get("name"))


def _root(text: str) -> MappingNode:
    return cast(MappingNode, YAML(typ="safe", pure=True).compose(text))


def _child(table: Node | None, key: str) -> Node | None:
    entries = table.value if table is not None else ()
    return next((value for name, value in entries if _says(name, key)), None)


def _step(node: Node, step: str) -> Node:
    found = None
    if isinstance(node, MappingNode):
        found = _child(node, step)
    elif isinstance(node, SequenceNode):
        called = (each for each in node.value if isinstance(each, MappingNode) and _is_named(each, step))
        found = next(called, None)
    if found is None:
        raise BadEdit(EditMistake.NOT_THERE, name=step)
    return found


def _rule(section: Node | None, rule_id: str) -> Node:
    if not isinstance(section, SequenceNode):
        raise BadEdit(EditMistake.NO_RULES)
    return _step(section, rule_id)


def _is_named(entry: MappingNode, called: str) -> bool:
    return any(key.value in ("id", "name") and _says(value, called) for key, value in entry.value)


def _says(node: Node, word: str) -> bool:
    """Whether a word stands there, however either is composed."""
    return isinstance(node, ScalarNode) and tree.composed(node.value) == tree.composed(word)


def _is_open_list(node: Node | None) -> bool:
    return isinstance(node, SequenceNode) and not node.flow_style and bool(node.value)


def _end(node: Node) -> int:
    """Where a value ends; a block's own mark stands behind the comments that follow it."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _end(last[1] if isinstance(last, tuple) else last)
    return int(node.end_mark.index)


def _line_end(text: str, at: int) -> int:
    """Where the line ends that something stands in, its line feed included."""
    if at and text[at - 1] == "\n":
        return at
    found = text.find("\n", at)
    return len(text) if found < 0 else found + 1


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + _newline(text)


def _behind(text: str, section: Node, rule: Mapping[str, Value]) -> str:
    first = section.value[0]
    dash = text.rfind("-", 0, first.start_mark.index)
    text = _ended(text)
    at = _line_end(text, _end(section))
    indent = dash - _line_start(text, dash)
    return text[:at] + _block(rule, indent, _newline(text)) + text[at:]


def _lines_of(text: str, rule: Node) -> tuple[int, int]:
    """Where the lines of a rule begin, with the comment directly above it, and where they end."""
    dash = text.rfind("-", 0, rule.start_mark.index)
    start = _line_start(text, dash)
    indent = text[start:dash]
    while start:
        above = _line_start(text, start - 1)
        if not text[above:start].startswith(f"{indent}#"):
            break
        start = above
    return start, _line_end(text, _end(rule))


def _replaced(text: str, table: MappingNode, old: Node, value: Value) -> str:
    block = isinstance(old, CollectionNode) and not old.flow_style and bool(old.value)
    if block and isinstance(old, SequenceNode) and _stays_in_order(value, old):
        return _relisted(text, old, [str(each) for each in value])
    if block or (isinstance(old, ScalarNode) and old.style in ("|", ">")):
        key = next(name for name, each in table.value if each is old)
        start, end = _colon(text, key), _end(old)
        # The mark of a text over several lines stands behind its last line feed.
        line_feed = _newline(text) if text[:end].endswith("\n") else ""
        return f"{text[:start]} {_flow(value)}{line_feed}{text[end:]}"
    return text[: old.start_mark.index] + _flow(value) + text[_end(old) :]


def _stays_in_order(value: Value, old: SequenceNode) -> TypeGuard[Sequence[str]]:
    """Whether words of a list are only taken out of it, and others put behind them."""
    if isinstance(value, str | int | Mapping) or not all(isinstance(each, ScalarNode) for each in old.value):
        return False
    wanted = [tree.composed(str(each)) for each in value]
    kept = [word for word in _words(old) if word in wanted]
    return bool(kept) and wanted[: len(kept)] == kept


def _relisted(text: str, old: SequenceNode, wanted: Sequence[str]) -> str:
    """The list with some of its lines taken out and others added: what stays keeps its comments."""
    lines = [_lines_of(text, each) for each in old.value]
    text = _ended(text)
    dash = text.rfind("-", 0, old.value[0].start_mark.index)
    indent, at = dash - _line_start(text, dash), _line_end(text, _end(old))
    had, new = _words(old), {tree.composed(each): each for each in wanted}
    added = (
        f"{' ' * indent}- {_scalar(each)}{_newline(text)}" for word, each in new.items() if word not in had
    )
    text = text[:at] + "".join(added) + text[at:]
    for word, (start, end) in reversed([*zip(had, lines, strict=True)]):
        text = text if word in new else text[:start] + text[end:]
    return text


def _words(node: SequenceNode) -> list[str]:
    return [tree.composed(str(each.value)) for each in node.value]


def _colon(text: str, key: Node) -> int:
    """Where the colon of a key has been passed."""
    return text.index(":", key.end_mark.index) + 1


def _with_entry(text: str, table: MappingNode, key: str, value: Value) -> str:
    entry = f"{_scalar(key)}: {_flow(value)}"
    if table.flow_style:
        return _into_flow(text, table, entry)
    indent = " " * table.value[0][0].start_mark.column
    text = _ended(text)
    at = _line_end(text, _end(table))
    return f"{text[:at]}{indent}{entry}{_newline(text)}{text[at:]}"


def _into_flow(text: str, node: Node, entry: str) -> str:
    at = _end(node) - 1
    if not node.value:
        return text[:at] + entry + text[at:]
    last = node.value[-1]
    at = _end(last[1] if isinstance(last, tuple) else last)
    return f"{text[:at]}, {entry}{text[at:]}"


def _without_entry(text: str, table: MappingNode, key: str) -> str:
    found = next(((name, value) for name, value in table.value if _says(name, key)), None)
    if found is None:
        raise BadEdit(EditMistake.NOTHING_TO_TAKE_AWAY, key=key)
    if table.flow_style:
        return _out_of_flow(text, *found)
    start = _line_start(text, found[0].start_mark.index)
    if text[start : found[0].start_mark.index].strip():
        # The first key of an entry of a list, behind its dash.
        raise BadEdit(EditMistake.BEGINS_ITS_ENTRY, key=key)
    return text[:start] + text[_line_end(text, _end(found[1])) :]


def _out_of_flow(text: str, first: Node, last: Node) -> str:
    start, end = first.start_mark.index, _end(last)
    comma = re.compile(r"\s*,\s*").match(text, end)
    if comma:
        return text[:start] + text[comma.end() :]
    before = re.compile(r"\s*,\s*$").search(text[:start])
    return text[: before.start() if before else start] + text[end:]


def _block(rule: Mapping[str, Value], indent: int, newline: str) -> str:
    lines = [f"{_scalar(key)}: {_flow(value)}" for key, value in rule.items()]
    return "".join(
        f"{' ' * indent}{'- ' if not number else '  '}{line}{newline}" for number, line in enumerate(lines)
    )


def entry_lines(name: str, entry: Value, indent: int, newline: str = "\n") -> str:
    """An entry as it stands in a section: of a list where it has no name, else behind its key."""
    if not name and isinstance(entry, Mapping):
        return _block(entry, indent, newline)
    return f"{' ' * indent}{_scalar(name)}: {_flow(entry)}{newline}"


def _flow(value: Value) -> str:
    if isinstance(value, str | int):
        return _scalar(str(value))
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(_flow, value)) + "]"


def _scalar(text: str) -> str:
    """A word as other readers of YAML would understand it, too: in quotes where there is any doubt."""
    plain = _PLAIN.fullmatch(text) and text == text.strip()
    return text if plain and text.lower() not in _NO_WORDS else json.dumps(text, ensure_ascii=False)


_NO_WORDS = frozenset({"null", "true", "false", "yes", "no", "on", "off", "y", "n"})
