"""Whose access ends when and what no test guards, as pages show them. ◆"""

from collections.abc import Iterable

from access.console.languages import language
from access.policy.forward import End
from access.policy.mutations import Mutation


def lines(ends: Iterable[End]) -> list[tuple[float, str, dict[str, tuple[str, ...]]]]:
    """Each end with its moment, its words, and who loses what by it."""
    return [(each.at, each.to(language()), dict(each.loses)) for each in ends]


def by_rule(mutations: Iterable[Mutation]) -> dict[tuple[str, int], list[str]]:
    """What could be changed unnoticed, in words, by rule and its line."""
    found: dict[tuple[str, int], list[str]] = {}
    for each in mutations:
        found.setdefault((each.rule, each.line), []).append(each.to(language()))
    return found
