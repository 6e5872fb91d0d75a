"""The two issues of a project that gather what came over the hour's budget of new issues (issues.budget)."""

from __future__ import annotations

from issues.fingerprint import Fingerprint

VERSION = 32_000
"""No version of the fingerprint will ever be this, so nothing that brings keys up to date touches them."""
NOISE, SIGNAL = "overflow-noise", "overflow-signal"
_TITLES = {
    NOISE: "Noise beyond the hourly limit of new issues",
    SIGNAL: "Loads beyond the hourly limit of new issues",
}


def key_of_overflow(project_id: int, noise: bool) -> tuple[int, int, str]:
    return project_id, VERSION, NOISE if noise else SIGNAL


def is_overflow(key: tuple[int, int, str]) -> bool:
    return key[1] == VERSION


def words_of(key: tuple[int, int, str]) -> Fingerprint:
    return Fingerprint(key[2], VERSION, "other", "", "many hosts", _TITLES[key[2]], "what came over the hourly limit of new issues")
