"""Score verdicts and keys on labelled reports: what noise is caught, what signal is lost, how well signal is grouped."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from ingest.normalise import normalise
from ingest.wire import read
from issues.fingerprint import fingerprint
from issues.verdicts import Judgement, ProjectFacts, judge
from policies.words import NOISE_SLUGS


@dataclass(frozen=True)
class Scored:
    case: dict[str, Any]
    judgement: Judgement
    key: tuple[Any, ...]

    @property
    def is_noise(self) -> bool:
        return self.judgement.verdict in NOISE_SLUGS


@dataclass(frozen=True)
class Score:
    """Shares from 0 to 1; `mixed` counts the issues that hold both noise and signal."""

    noise_caught: float
    noise_caught_open: float
    signal_lost: float
    precision: float
    recall: float
    mixed: int

    @property
    def pair_f1(self) -> float:
        return 2 * self.precision * self.recall / (self.precision + self.recall)

    def __str__(self) -> str:
        return (
            f"noise caught: {self.noise_caught:.1%} of the decidable, {self.noise_caught_open:.1%} of needs_context; "
            f"signal lost: {self.signal_lost:.1%}; pair F1: {self.pair_f1:.4f} (precision {self.precision:.4f}, recall {self.recall:.4f}); "
            f"issues mixing noise and signal: {self.mixed}"
        )


def run(case: dict[str, Any]) -> Scored:
    """The case as it would arrive at a project that declares its sites."""
    agent = case["headers"].get("user-agent", "")
    report = read(json.dumps(case["body"]).encode()).reports[0]
    violation = normalise(report, user_agent=agent)
    judgement = judge(violation, ProjectFacts(sites=tuple(case["site_hosts"])))
    project = tuple(sorted({host.removeprefix("www.") for host in case["site_hosts"]}))
    return Scored(case, judgement, (project, fingerprint(violation, judgement).key))


def score(cases: list[Scored]) -> Score:
    def share(rows: list[Scored]) -> float:
        return sum(row.is_noise for row in rows) / len(rows) if rows else 0.0

    noise = [row for row in cases if row.case["label"] == "noise"]
    signal = [row for row in cases if row.case["label"] == "signal"]
    precision, recall = pairs(signal)
    return Score(
        share([row for row in noise if not row.case["needs_context"]]), share([row for row in noise if row.case["needs_context"]]),
        share(signal), precision, recall, len(mixed(cases)),
    )  # fmt: skip


def pairs(signal: list[Scored]) -> tuple[float, float]:
    """Precision and recall over the pairs of signal reports that belong to one issue."""
    same = {(a.case["id"], b.case["id"]) for a, b in combinations(signal, 2) if a.case["group"] == b.case["group"]}
    joined = {(a.case["id"], b.case["id"]) for a, b in combinations(signal, 2) if a.key == b.key}
    return len(same & joined) / len(joined), len(same & joined) / len(same)


def mixed(cases: list[Scored]) -> list[tuple[Any, ...]]:
    """Keys that hold both noise and signal."""
    labels: dict[tuple[Any, ...], Counter[str]] = defaultdict(Counter)
    for row in cases:
        labels[row.key][row.case["label"]] += 1
    return [key for key, held in labels.items() if len(held) > 1]
