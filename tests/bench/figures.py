"""A figure of a benchmark: one measured value, one line."""

from dataclasses import dataclass


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
