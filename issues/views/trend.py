"""The trend of an issue over a span: bars, marks for what changed, and the same as a table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.utils import timezone

from issues import charts, counts
from issues.models import Issue
from issues.words import trend


@dataclass(frozen=True, slots=True)
class Span:
    slug: str
    words: str
    step: int  # seconds a bar
    bars: int


SPANS = (
    Span("24h", "24 hours", counts.HOUR, 24),
    Span("7d", "7 days", 3 * counts.HOUR, 56),
    Span("30d", "30 days", counts.DAY, 30),
    Span("90d", "90 days", counts.DAY, 90),
)
DEFAULT = SPANS[1]


@dataclass(frozen=True, slots=True)
class Trend:
    span: Span
    chart: charts.Chart
    total: int
    rows: list[tuple[str, int]]
    start: str
    end: str


def trend_of(issue: Issue, slug: str, marks: Iterable[tuple[datetime, str]] = ()) -> Trend:
    """Hours for the short spans, days for the long ones: hourly counts are kept for 90 days, daily ones for 400."""
    span = next((each for each in SPANS if each.slug == slug), DEFAULT)
    series = _series(issue, span)
    times = _times(span)
    labels = [f"{_name(start, span)}: {reports:,}" for start, reports in zip(times, series, strict=True)]
    peak = charts.peak_of(series)
    words = trend(sum(series), span.words, series[peak], _name(times[peak], span))
    chart = charts.bars(series, *charts.PAGE, label=words, labels=labels, marks=_marks(marks, times, span))
    rows = [(_name(start, span), reports) for start, reports in zip(times, series, strict=True) if reports]
    return Trend(span, chart, sum(series), rows[::-1], _name(times[0], span), "now")


def _series(issue: Issue, span: Span) -> list[int]:
    if span.step == counts.DAY:
        return counts.daily(issue, span.bars)
    hours = span.step // counts.HOUR
    running = counts.this_hour() % hours + 1  # hours of the running bar
    series = counts.hourly(issue, (span.bars - 1) * hours + running)
    return [sum(series[place : place + hours]) for place in range(0, len(series), hours)]


def _times(span: Span) -> list[datetime]:
    last = int(timezone.now().timestamp()) // span.step
    return [datetime.fromtimestamp((last - span.bars + 1 + place) * span.step, UTC) for place in range(span.bars)]


def _name(start: datetime, span: Span) -> str:
    """Days are UTC days; hours are in the reader's zone."""
    if span.step == counts.DAY:
        return f"{start:%-d %b}"
    return f"{timezone.localtime(start):%a %-d %b, %H:%M}"


def _marks(marks: Iterable[tuple[datetime, str]], times: list[datetime], span: Span) -> list[charts.Mark]:
    whole = timedelta(seconds=span.step)
    places = [((at - times[0]) / whole, f"{words}, {timezone.localtime(at):%-d %b %H:%M}") for at, words in sorted(marks)]
    return [charts.mark_at(place, span.bars, charts.PAGE[0], words) for place, words in places if 0 <= place <= span.bars]
