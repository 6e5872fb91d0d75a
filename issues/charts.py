"""Numbers to SVG geometry, drawn by the server. Pure: colour is the stylesheet's, words are the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar in the chart's own units; `label` is its tooltip."""

    x: str
    y: str
    width: str
    height: str
    label: str = ""
    hot: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """`path` holds every finished bar, `hot` the one still growing: two elements draw a whole row of the list."""

    width: int
    height: int
    path: str
    hot: str
    label: str
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment on the time axis, such as a policy change."""

    x: str
    label: str


ROW = (96, 24)
CARD = (480, 72)
PAGE = (720, 160)


def bars(series: Sequence[int], width: int, height: int, label: str = "", labels: Sequence[str] = (), marks: Sequence[Mark] = ()) -> Chart:
    """A chart scaled to its own peak. The last bar is the hour still running; a zero draws one unit, so that time shows."""
    if not series:
        return Chart(width, height, "", "", label)
    peak = max(max(series), 1)
    step = width / len(series)
    wide = max(step * 0.8, step - 1.5)
    boxes = [_box(index, value, step, wide, peak, height) for index, value in enumerate(series)]
    paths = [f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in boxes]
    drawn = tuple(
        Bar(*box, label=words, hot=index == len(boxes) - 1) for index, (box, words) in enumerate(zip(boxes, labels, strict=False))
    )  # fmt: skip
    return Chart(width, height, "".join(paths[:-1]), paths[-1], label, drawn, tuple(marks))


def mark_at(index: float, length: int, width: int, label: str) -> Mark:
    """A mark at a place of the series, which may lie between two bars."""
    return Mark(_short(width * index / length), label)


def share(part: int, whole: int, width: int = 100) -> str:
    """The length of a bar that stands for a part of the whole; what exists is at least one unit long."""
    if not part or whole <= 0:
        return "0"
    return _short(max(1.0, min(part / whole, 1.0) * width))


def peak_of(series: Sequence[int]) -> int:
    """The place of the highest value, the latest of equals."""
    return max(range(len(series)), key=lambda index: (series[index], index)) if series else 0


def _box(index: int, value: int, step: float, wide: float, peak: int, height: int) -> tuple[str, str, str, str]:
    tall = max(1.0, value / peak * height)
    return _short(index * step), _short(height - tall), _short(wide), _short(tall)


def _short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
