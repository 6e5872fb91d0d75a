"""The thinking half of the road: read, normalise, judge, key and scrub, for reports seen before and for new ones."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

from bench.figure import Figure
from ingest.normalise import normalise
from ingest.wire import RawReport, read
from issues.fingerprint import fingerprint
from issues.scrub import page_template, scrub
from issues.verdicts import ProjectFacts, judge

CASES = Path(__file__).parent.parent / "tests" / "cases" / "reports.json"
LIMIT_NEW = 250.0
LIMIT_SEEN = 60.0
FACTS = ProjectFacts(sites=("www.brackenshop.example", "brackenshop.example"))


def reports(marker: str) -> list[tuple[RawReport, str]]:
    """The labelled reports, each made new by `marker` in page, own addresses and sample."""
    found = []
    for case in json.loads(CASES.read_bytes()):
        text = json.dumps(case["body"])
        if marker:
            text = text.replace(".example/", f".example/{marker}/").replace('sample": "', f'sample": "{marker} ')
        found += [(report, case["headers"].get("user-agent", "")) for report in read(text.encode()).reports]
    return found


def think(report: RawReport, agent: str) -> None:
    violation = normalise(report, user_agent=agent)
    judgement = judge(violation, FACTS)
    fingerprint(violation, judgement)
    page_template(scrub(violation).document)


def measure(batch: list[tuple[RawReport, str]], work: Callable[[RawReport, str], None] = think) -> float:
    """Microseconds of processor time per report: other processes on the machine don't count."""
    begun = time.process_time()
    for report, agent in batch:
        work(report, agent)
    return (time.process_time() - begun) / len(batch) * 1e6


def run(rounds: int) -> dict[str, float]:
    """Median of the rounds. A new report has words in it that no cache has seen; the code itself is warm."""
    measure(reports("warm"))
    new = [measure(reports(f"r{number}x")) for number in range(rounds)]
    again = reports("")
    measure(again)
    seen = [measure(again) for _ in range(rounds)]
    return {"new_us": statistics.median(new), "seen_us": statistics.median(seen)}


def figures() -> list[Figure]:
    found = run(rounds=5)
    return [
        Figure("a new report", found["new_us"], "us", LIMIT_NEW),
        Figure("a report seen before", found["seen_us"], "us", LIMIT_SEEN),
    ]
