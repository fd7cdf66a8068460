"""Figures of the benchmarks: one line each, and the page that keeps the last run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

PAGE = """\
# Benchmarks

What `make bench` measured the last time it was run to the end. Each line is `name value unit budget` and
whether the budget was `met` or `missed`; `- info` is a figure without a budget. Ratios are of two servers
measured in one run by the same client on the same machine, so they mean more than the figures they are of.

```
{figures}
```

| on | |
|---|---|
{machine}
"""


@dataclass(frozen=True)
class Figure:
    """One measured value. budget is what it must not exceed, or with at_least what it must reach."""

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False

    @property
    def verdict(self) -> str:
        if self.budget is None:
            return "info"
        met = self.value >= self.budget if self.at_least else self.value <= self.budget
        return "met" if met else "missed"

    def line(self) -> str:
        budget = "-" if self.budget is None else f"{self.budget:g}"
        return f"{self.name} {self.value:.4g} {self.unit} {budget} {self.verdict}"


def write_page(figures: Iterable[Figure], machine: Mapping[str, str]) -> str:
    """The text of docs/benchmarks.md."""
    rows = "\n".join(f"| {name} | {value} |" for name, value in machine.items())
    return PAGE.format(figures="\n".join(figure.line() for figure in figures), machine=rows)
