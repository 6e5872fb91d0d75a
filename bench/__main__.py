"""Run every benchmark (or those named), print their tables, write bench.json. Exits 1 when a figure misses its limit."""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from dataclasses import asdict
from pathlib import Path

import bench
from bench.figure import Figure, print_table

ROOT = Path(__file__).resolve().parent.parent


def main(wanted: list[str]) -> int:
    names = wanted or sorted(module.name for module in pkgutil.iter_modules(bench.__path__) if module.name != "__main__")
    figures: list[Figure] = []
    for module in (importlib.import_module(f"bench.{name}") for name in names):
        if hasattr(module, "figures"):
            print(f"\n{(module.__doc__ or '').splitlines()[0]}", flush=True)
            found = module.figures()
            print_table(found)
            figures += found
    (ROOT / "bench.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1) + "\n")
    missed = [figure.name for figure in figures if not figure.good]
    print(f"\nMissed: {', '.join(missed)}" if missed else "\nEvery figure is within its limit.")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
