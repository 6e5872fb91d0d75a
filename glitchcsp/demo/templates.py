"""The reports that the demo repeats, with {page}, {policy} and {agent} to be filled in. Pure.

reports.jsonl: recorded from real browsers or taken from labelled ones, moved to shop.example; what a deploy broke and what
the attackers did is written for the demo.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36"
AGENTS = (
    (CHROME, 40),
    ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Mobile Safari/537.36", 22),
    (
        "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
        "Version/18.5 Mobile/15E148 Safari/604.1",
        14,
    ),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:153.0) Gecko/20100101 Firefox/153.0", 10),
    ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15", 8),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", 6),
)  # fmt: skip

_BASE = (
    "default-src 'self'; script-src 'self' {scripts} 'report-sample'; style-src 'self' 'report-sample'; "
    "img-src 'self' https://images.shop.example; "
    "font-src 'self'; connect-src 'self' https://api.stripe.com; frame-src https://js.stripe.com; frame-ancestors 'none'; "
    "form-action 'self'; base-uri 'self'; report-uri https://csp.shop.example/r"
)
OLD_POLICY = _BASE.replace("{scripts}", "https://js.stripe.com https://www.googletagmanager.com")
POLICY = _BASE.replace("{scripts}", "https://static.shop.example https://js.stripe.com https://www.googletagmanager.com")
CANDIDATE = POLICY + "; require-trusted-types-for 'script'"
BLOG = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src https://fonts.gstatic.com; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri https://csp.shop.example/r"
)
OLD_BLOG = BLOG.replace("https://fonts.gstatic.com", "'self'")


@dataclass(frozen=True, slots=True)
class Template:
    """`agent` is "" for the usual mix; without `pages` it comes from the usual ones."""

    story: str
    weight: int
    body: str
    agent: str = ""
    pages: tuple[str, ...] = ()


@cache
def templates() -> dict[str, tuple[Template, ...]]:
    """By story."""
    lines = (Path(__file__).parent / "reports.jsonl").read_text().splitlines()
    read = [json.loads(line) for line in lines]
    known = [Template(one["story"], one["weight"], one["body"], one["agent"], tuple(one.get("pages", ()))) for one in read]
    stories = {template.story for template in known}
    return {story: tuple(template for template in known if template.story == story) for story in stories}
