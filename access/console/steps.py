"""The steps of a login as its record tells them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Step:
    """One step: where it happened, what came of it, how long it took, and its part of the whole (0-100)."""

    name: str
    outcome: str
    took_ms: float | None
    share: int = 0


def steps_of(detail: Mapping[str, Any]) -> tuple[Step, ...]:
    """Return the steps in their order. Unreadable ones are left out: a record may be of another version."""
    steps = tuple(_steps(detail.get("steps")))
    whole = sum(step.took_ms or 0.0 for step in steps)
    if whole <= 0:
        return steps
    return tuple(replace(step, share=round(100 * (step.took_ms or 0.0) / whole)) for step in steps)


def rest_of(detail: Mapping[str, Any], without: frozenset[str] = frozenset()) -> tuple[tuple[str, str], ...]:
    """Return what else a record says, name by name, but for some names."""
    left = {key: value for key, value in detail.items() if key not in without | {"steps"}}
    return tuple((str(key), _plain(value)) for key, value in left.items())


def _steps(told: Any) -> Iterator[Step]:
    for step in told if isinstance(told, list) else ():
        if isinstance(step, Mapping) and "name" in step:
            took: Any = step.get("ms")
            known = isinstance(took, int | float) and not isinstance(took, bool)
            yield Step(str(step["name"]), str(step.get("outcome") or ""), float(took) if known else None)


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={_plain(one)}" for key, one in value.items())
    return ", ".join(_plain(one) for one in value) if isinstance(value, list | tuple) else str(value)
