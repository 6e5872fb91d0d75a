from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes.instance import ROOT

SHORT_SECONDS = 35
LONG_SECONDS = 900
FEWEST = 2_000
"""Inputs a run must have tried, on the slowest machine: else it found nothing because it did nothing."""


@pytest.mark.once
def test_the_fuzzer_finds_nothing(tmp_path: Path) -> None:
    """From one seed, so that it is a change of ours that it speaks of; the long run draws a new one."""
    fuzz(tmp_path, SHORT_SECONDS, "-seed=1")


@pytest.mark.once
@pytest.mark.long
@pytest.mark.timeout(LONG_SECONDS + 200)
def test_the_fuzzer_finds_nothing_in_a_quarter_of_an_hour(tmp_path: Path) -> None:
    fuzz(tmp_path, LONG_SECONDS)


def fuzz(folder: Path, seconds: int, *more: str) -> None:
    """What it found, it prints, as bytes that test_holds.py can keep."""
    pytest.importorskip("atheris")  # wheels for Linux on x86-64 only. Not at the module's top: CI fails skipped tests, not skipped modules
    corpus = folder / "corpus"
    corpus.mkdir()
    options = [f"-max_total_time={seconds}", "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024", f"-artifact_prefix={folder}/"]
    command = [sys.executable, "-m", "tests.ingest.fuzz", str(corpus), *options, *more, "-print_final_stats=1", "-verbosity=0"]
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"} | {"PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=False, timeout=seconds + 100)
    said = (done.stdout + done.stderr).decode(errors="replace")
    assert done.returncode == 0, said[-6000:] + "".join(f"\n{path.name}: {path.read_bytes()!r}" for path in folder.glob("*-*"))
    tried = int(said.rpartition("stat::number_of_executed_units:")[2].split()[0])
    assert tried > FEWEST, said[-2000:]
