"""Values that nobody changes, held to that by mypy and by nothing at run time.

A frozen dataclass guards each of its fields when it is made, which costs seven times as much as making it.
A login makes some thirty values, so those that packets make are of this kind; others are frozen dataclasses.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def value(kind: type[T]) -> type[T]:
    """Return kind as a dataclass with slots, equal and hashed by its fields."""
    make: Callable[..., Any] = dataclass(slots=True, unsafe_hash=True)
    made: type[T] = make(kind)
    return made
