"""A person's correction wins for good, and must not hide what comes later (trust.md).

A corrected issue keeps its verdict whatever is reported. Reports that alone look like a likely attack, by a rule that had not
fired when the person decided, are counted beside it: the issue says so on its page and in the list, wakes if it was closed,
and the owners are told. Deciding again, knowing them, takes the mark away; calling it noise again needs an admin then.
"""

from __future__ import annotations

from collections.abc import Iterable

from issues.rows import Row

MOST = 500  # characters


def excused_by(rules: Iterable[str]) -> str:
    """What a person who corrects an issue had before them."""
    return ",".join(rules)[:MOST]


def suspects(row: Row) -> int:
    """Reports of this batch that look like an attack though a person said what their issue is."""
    if row.known:
        verdict, excused = (row.known.verdict, row.known.excused) if row.known.corrected else ("attack", "")
    else:
        verdict, excused = (row.correction.verdict, row.correction.excused) if row.correction else ("attack", "")
    if verdict == "attack":
        return 0
    seen = set(excused.split(","))
    judged = ((tally.unit.judgement, tally.reports) for tally in row.tallies)
    return sum(reports for judgement, reports in judged if judgement.verdict == "attack" and judgement.marks[0].rule not in seen)
