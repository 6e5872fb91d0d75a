"""docs/storage.md has the figures that issues.bounds computes from the default settings."""

from __future__ import annotations

from pathlib import Path

from issues.bounds import bounds

TEXT = (Path(__file__).resolve().parents[2] / "docs/storage.md").read_text()


def test_every_bound_is_a_line_of_the_document():
    cells = [{cell.strip() for cell in line.split("|")} for line in TEXT.splitlines() if line.startswith("|")]
    for bound in bounds():
        assert any(f"{bound.rows:,}" in line for line in cells), bound
    assert f"**{sum(bound.bytes for bound in bounds()) / 1e9:.1f} GB**" in TEXT
