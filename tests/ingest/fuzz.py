"""The coverage-guided fuzzer: bytes that find a new way through the code are kept and changed further (libFuzzer, by atheris).

`python -m tests.ingest.fuzz FOLDER -max_total_time=60` writes seeds into FOLDER and goes on from there; test_fuzz.py runs it.
Half of the changes are made to one value of the JSON, since changes to bytes alone seldom get past the parser.
"""

from __future__ import annotations

import base64
import gzip
import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import atheris

CASES = Path(__file__).parent.parent / "cases"
OURS = ["ingest", "policies", "issues.verdicts", "issues.fingerprint", "issues.scrub"]

with atheris.instrument_imports(include=OURS, enable_loader_override=False):
    from tests.ingest.holds import ENCODINGS, check

from tests.recorded import all_recorded  # noqa: E402  # not instrumented

AGENTS = (
    "",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:42.0) Gecko/20100101 Firefox/42.0",
    "Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 Mobile/15E148 [FBAN/FBIOS;FBAV/528.0.0.38.107;FBBV/785021844]",
)
MOST_SEED = 4096
PIECES = (
    "https://", "wss://", "data:", "blob:", "chrome-extension://", "moz-extension:", "javascript:", "//", "/", "?q=", "#", "@", ":80",
    ":99999", "[::1]", "127.0.0.1", "xn--", ".", "*", "\u0000", "\ud83d", "\ufffd", "\u202e", "\u0430", "%00", "%2e%2e", "%40", "\r\n",
    "\t", " ", ";", ",", "'self'", "'nonce-abc'", "'unsafe-inline'", "script-src", "style-src-attr", "default-src", "frame-ancestors",
    "inline", "eval", "self", "null", "a@b.example", "token=secret", "/reset/AbCdEf123456", "shop.example", "<script>", "{}", "…",
    "...", "call to eval() or related function",
)  # fmt: skip
"""Said by browsers, or odd in addresses, policies and code."""
VALUES: tuple[Any, ...] = (None, True, -1, 0, 3.7, 2**31, 2**64, 1e308, "", "0", [], {}, "x" * 300)


def one_input(data: bytes) -> None:
    """The first byte chooses what the headers say."""
    if data:
        check(data[1:], ENCODINGS[data[0] >> 6], AGENTS[data[0] & 3], "https://shop.example" if data[0] & 4 else "")


def mutated(data: bytes, most: int, seed: int) -> bytes:
    chance = random.Random(seed)
    if chance.random() < 0.5:
        return atheris.Mutate(data, most)
    try:
        found = json.loads(data[1:])
    except (ValueError, RecursionError):
        return atheris.Mutate(data, most)
    places = list(_places(found))
    if not places:
        return atheris.Mutate(data, most)
    holder, key = chance.choice(places)
    holder[key] = _other(holder[key], chance)
    body = json.dumps(found, ensure_ascii=chance.random() < 0.8).encode("utf-8", "surrogatepass")
    return (data[:1] + body)[:most]


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Whatever can be replaced in some JSON."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield value, key
        yield from _places(one)


def _other(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, str) or chance.random() < 0.1:
        return chance.choice(VALUES)
    place, piece = chance.randint(0, len(value)), chance.choice(PIECES)
    way = chance.randrange(4)
    if way == 0:
        return value[:place] + piece + value[place:]
    if way == 1:
        return value[:place] + piece
    if way == 2:
        return piece + value[place:]
    return atheris.Mutate(value.encode("utf-8", "surrogatepass"), len(value) + 20).decode("utf-8", "surrogateescape")


def write_seeds(folder: Path) -> int:
    """Every recorded request, the malformed cases and the labelled reports, the small ones of each."""
    bodies = {request.body for request in all_recorded()}
    bodies |= {
        base64.b64decode(case["body_base64"]) for case in json.loads(gzip.decompress((CASES / "malformed.json.gz").read_bytes()))["cases"]
    }
    labelled = json.loads((CASES / "reports.json").read_text())
    cases = labelled if isinstance(labelled, list) else next(value for value in labelled.values() if isinstance(value, list))
    bodies |= {json.dumps(case["body"]).encode() for case in cases}
    seeds = sorted(body for body in bodies if body and len(body) <= MOST_SEED)
    for number, body in enumerate(seeds):
        (folder / f"{number:04d}").write_bytes(bytes([number % 8]) + body)
    return len(seeds)


if __name__ == "__main__":
    write_seeds(Path(sys.argv[1]))
    atheris.Setup([sys.argv[0], *sys.argv[1:]], one_input, custom_mutator=mutated)
    atheris.Fuzz()
