"""Pure: which nonce came from several client networks, and so is not new in every response. No nonce is kept.

A nonce is a promise that nobody can guess it: made anew for every response (CSP3 #security-nonces). One that two visitors
got is a constant in a template, or a page out of a cache, and whoever reads it once can use it in an injection. Policies are
stored with their nonces masked; beside each stand a few marks, keyed hashes of the nonces seen last, each with the bits of the
networks that sent it on one day (bits of two days are strangers, see issues.sketch).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from issues.sketch import networks

MOST_MARKS = 16
"""Kept of one policy. A nonce that comes back at least as often as every sixteenth page view is noticed."""
MOST_SEEN = 256
"""Looked at in one batch of one policy: where nonces are new each time there are as many as page views."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One nonce, unreadable. `day` is the last on which it came (days since 1970), `bits` that day's networks, `most` the most on a day."""

    name: str
    day: int = 0
    bits: int = 0
    most: int = 0

    def seen(self, day: int, bits: int) -> Mark:
        """After `bits` more on this day. Of an older day only the number counts: its bits mean other networks."""
        if day < self.day:
            return replace(self, most=max(self.most, networks(bits)))
        together = bits | self.bits if day == self.day else bits
        return Mark(self.name, day, together, max(self.most, networks(together)))

    @property
    def columns(self) -> list[str | int]:
        """As JSON keeps it."""
        return [self.name, self.day, self.bits, self.most]


def marks_of(nonces: Iterable[str], project_id: int, key: bytes) -> tuple[str, ...]:
    """64 bits of a keyed hash of each, different in every project: enough to see that two are equal, not to learn what they were."""
    secret = hashlib.blake2b(b"glitchcsp nonce\0" + key, digest_size=32).digest()
    return tuple(hashlib.blake2b(f"{project_id} {nonce}".encode(), key=secret, digest_size=8).hexdigest() for nonce in nonces)


def merged(kept: Iterable[Mark], seen: Mapping[str, Mapping[int, int]]) -> list[Mark]:
    """`kept` with what a batch saw, mark -> day -> bits of networks. Over the limit those stay that most networks sent, then the newest."""
    found = {mark.name: mark for mark in kept}
    for name, days in seen.items():
        mark = found.pop(name, Mark(name))
        for day, bits in sorted(days.items()):
            mark = mark.seen(day, bits)
        found[name] = mark
    marks = list(found.values())
    best = sorted(range(len(marks)), key=lambda place: (marks[place].most, place))[-MOST_MARKS:]
    return [marks[place] for place in sorted(best)]


def most_networks(kept: Iterable[Mark]) -> int:
    """The most networks that sent one and the same nonce on one day."""
    return max((mark.most for mark in kept), default=0)
