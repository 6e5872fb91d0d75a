"""Geometry is exact: a chart is read by people who will act on it."""

from __future__ import annotations

from issues import charts


def test_bars_are_scaled_to_the_peak_and_the_last_one_is_apart() -> None:
    chart = charts.bars([0, 5, 10], 30, 20)
    assert chart.path == "M0 19h8.5v1h-8.5zM10 10h8.5v10h-8.5z"
    assert chart.hot == "M20 0h8.5v20h-8.5z"


def test_a_quiet_day_still_shows_its_hours() -> None:
    chart = charts.bars([0, 0], 10, 20)
    assert chart.path == "M0 19h4v1h-4z"


def test_labelled_bars_know_which_is_running() -> None:
    bars = charts.bars([1, 2], 10, 20, labels=["one", "two"]).bars
    assert [(bar.label, bar.hot) for bar in bars] == [("one", False), ("two", True)]


def test_no_series_no_bars() -> None:
    assert charts.bars([], 10, 20).path == ""


def test_share_of_nothing_and_of_little() -> None:
    shares = [charts.share(part, whole) for part, whole in ((0, 10), (1, 100_000), (5, 10), (11, 10), (1, 0))]
    assert shares == ["0", "1", "50", "100", "0"]


def test_the_latest_of_equal_peaks() -> None:
    assert charts.peak_of([3, 1, 3]) == 2
    assert charts.peak_of([]) == 0


def test_a_mark_lies_between_bars() -> None:
    assert charts.mark_at(1.5, 3, 30, "x").x == "15"
