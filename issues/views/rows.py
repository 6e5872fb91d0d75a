"""One issue as a row with its sparkline, as the list, the overview's search and the noise page show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from issues import charts, counts, words
from issues.models import Issue


@dataclass(frozen=True, slots=True)
class Line:
    """`line` is set on the first row that was there at the last visit: how many above it are new."""

    issue: Issue
    chart: charts.Chart
    new: bool = False
    first_day: bool = False
    line: int = 0

    @property
    def aside(self) -> str:
        """What tells two inline scripts apart: the part of the key that the title leaves out."""
        named = any(mark in self.issue.source for mark in ".:")
        if named or self.issue.noise:
            return ""
        return ", ".join(part for part in self.issue.grouped_by.split(", ")[1:] if not part.startswith("noise: "))


def lines_of(issues: Sequence[Issue]) -> list[Line]:
    """Rows with their sparklines: one query for all of them."""
    series = counts.hours_of_issues([issue.pk for issue in issues])
    return [Line(issue, day_chart(series[issue.pk])) for issue in issues]


def day_chart(series: Sequence[int], size: tuple[int, int] = charts.ROW) -> charts.Chart:
    """24 hours, the running one last."""
    hours_ago = len(series) - 1 - charts.peak_of(series)
    peak_at = f"{hours_ago} h ago" if hours_ago else "this hour"
    return charts.bars(series, *size, label=words.trend(sum(series), "24 hours", max(series), peak_at))
