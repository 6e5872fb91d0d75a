"""Reading evidence: what the database adds up is what single days would say, and no issue hides another by its number of rows."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from issues import lab, lab_rows
from issues.lab_trust import Scale
from issues.models import Issue
from tests.issues.lab_seed import report

NETWORKS, DAYS = 3, 2
days_of_a_row = st.dictionaries(st.integers(0, 95), st.integers(0, 2**63 - 1).map(lambda bits: bits & 0b111011), max_size=5)
rows_of_a_project = st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.sampled_from([None, 1, 2]), days_of_a_row), max_size=8)


def wide_days(bitmaps: list[dict[int, int]]) -> set[int]:
    together: dict[int, int] = defaultdict(int)
    for days in bitmaps:
        for day, networks in days.items():
            together[day] |= networks
    return {day for day, networks in together.items() if networks.bit_count() >= NETWORKS}


@settings(deadline=None, max_examples=200)
@given(rows_of_a_project)
def test_the_scale_says_what_every_single_day_would_say(rows):
    scale = Scale(NETWORKS, DAYS)
    for number, (claim, policy, days) in enumerate(rows):
        wide = sum(1 << day for day, networks in days.items() if networks.bit_count() >= NETWORKS)
        scale.put(number, claim, policy, (len(days), 0, sum(1 << day for day in days), wide))
    unsure = set(scale.unsure())
    scale.weigh((number, day, bits) for number, row in enumerate(rows) if number in unsure for day, bits in row[2].items())
    ours = [row for row in rows if row[0] is not None]
    assert {day for day in range(96) if scale.busy_days >> day & 1} == wide_days([row[2] for row in ours])
    for number, (claim, _, _) in enumerate(rows):
        enough = claim is not None and len(wide_days([row[2] for row in ours if row[0] == claim])) >= DAYS
        assert scale.of(number)[3] == enough
    assert scale.policies == {one for one in (1, 2) if len(wide_days([row[2] for row in ours if row[1] == one])) >= DAYS}


@pytest.mark.django_db
def test_the_database_adds_up_what_was_reported(shop):
    report(shop, networks=[1, 2, 3], days=[0, 1, 50, 89])
    piece = lab.read(shop, 90).pieces[0]
    assert (piece.reports, piece.networks, piece.trusted) == (12, 3, True)
    assert piece.days == sum(1 << 90 - ago for ago in (0, 1, 50, 89))


@pytest.mark.django_db
def test_an_issue_of_many_rows_hides_no_other(shop, monkeypatch):
    report(shop, "https://small.example/s.js", networks=[1, 2, 3], days=[1, 2])
    for page in range(12):
        report(shop, "https://flood.example/f.js", networks=[9] * 10, days=[0], page=f"https://shop.example/page-{page}")
    Issue.objects.update(noise=False)
    assert lab.read(shop).cut == ""
    for name, most in {"MOST_ROWS": 9, "MOST_NOISE": 1, "MOST_FIRST": 4}.items():
        monkeypatch.setattr(lab_rows, name, most)
    reading = lab.read(shop)
    assert {piece.issue.source for piece in reading.trusted} == {"small.example"}
    assert len(reading.pieces) == 5
    assert "they hold 36 % of all reports" in reading.cut
