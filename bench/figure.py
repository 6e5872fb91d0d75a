"""One measured figure, and the table they are printed in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`limit` is what the product promises; None where nothing is promised. `best` says on which side of it is good."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    best: Literal["low", "high"] = "low"

    @property
    def good(self) -> bool:
        if self.limit is None:
            return True
        return self.value <= self.limit if self.best == "low" else self.value >= self.limit


def print_table(figures: Iterable[Figure]) -> None:
    for figure in figures:
        sign = "≤" if figure.best == "low" else "≥"
        promise = "" if figure.limit is None else f"{sign} {figure.limit:,g}{'' if figure.good else '   MISSED'}"
        value = f"{figure.value:,.{2 if figure.value < 10 else 0}f}"
        print(f"  {figure.name:<66} {value:>12} {figure.unit:<10} {promise}", flush=True)
