"""MDN HTTP Observatory, offline: the same results, score and grade for a header set, with the fix for each loss.

Facts from mdn/mdn-http-observatory 94042bb (algorithm version 6). Nothing is fetched, so what a header set cannot show
(redirects, the preload list, scripts in the HTML) counts as neutral and is named in `Report.not_seen`.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from policies.observatory import headers as judged
from policies.observatory.csp import CspResult, judge_csp
from policies.observatory.reading import PolicyInvalid, merge
from policies.observatory.scores import SCORES, Score, grade_of, total
from policies.target import target_of

__all__ = [
    "CspResult", "PolicyInvalid", "Report", "Response", "Test", "grade_csp", "grade_of", "judge_csp", "merge", "observe", "scan_link",
]

NOT_SEEN = ("redirection", "subresource-integrity", "hsts-preload")


@dataclass(frozen=True, slots=True)
class Response:
    """What the Observatory would have fetched: header fields in order, contents of <meta http-equiv> by lower-case name."""

    headers: tuple[tuple[str, str], ...] = ()
    meta: tuple[tuple[str, str], ...] = ()
    site: str = "https://example.com/"

    def header(self, name: str) -> list[str]:
        return [value for field, value in self.headers if field.lower() == name]

    def http_equiv(self, name: str) -> list[str]:
        return [value for field, value in self.meta if field.lower() == name]

    @property
    def https(self) -> bool:
        return not self.site.lower().startswith("http://")


@dataclass(frozen=True, slots=True)
class Test:
    """One test's result with what it costs or earns."""

    __test__ = False

    name: str
    result: str

    @property
    def score(self) -> Score:
        return SCORES[self.result]


@dataclass(frozen=True, slots=True)
class Report:
    """Score and grade of a header set; `csp` holds the details of the first test."""

    tests: tuple[Test, ...]
    csp: CspResult
    not_seen: tuple[str, ...] = NOT_SEEN

    @property
    def score(self) -> int:
        return total(test.score.modifier for test in self.tests)

    @property
    def grade(self) -> str:
        return grade_of(self.score)


def observe(response: Response) -> Report:
    """Judge a whole header set."""
    csp = judge_csp(
        response.header("content-security-policy"),
        response.http_equiv("content-security-policy"),
        report_only=any(response.header("content-security-policy-report-only")),
        https=response.https,
    )
    hsts = judged.hsts(response.header("strict-transport-security"), https=response.https)
    results = {
        "content-security-policy": csp.result,
        "cookies": judged.cookies(
            response.header("set-cookie"),
            protected_by_hsts=hsts == "hsts-implemented-max-age-at-least-six-months",
            host=target_of(response.site).host,
        ),
        "strict-transport-security": hsts,
        **_embedding(response, csp),
        "referrer-policy": judged.referrer_policy(response.header("referrer-policy"), response.http_equiv("referrer-policy")),
        "x-content-type-options": judged.x_content_type_options(response.header("x-content-type-options")),
    }
    return Report(tuple(Test(name, result) for name, result in results.items()), csp)


def _embedding(response: Response, csp: CspResult) -> dict[str, str]:
    corp, coep, coop = (f"cross-origin-{what}-policy" for what in ("resource", "embedder", "opener"))
    return {
        "x-frame-options": judged.x_frame_options(
            response.header("x-frame-options"), frame_ancestors="frame-ancestors" in (csp.parsed or {})
        ),
        corp: judged.cross_origin_resource_policy(response.header(corp), response.http_equiv(corp)),
        coep: judged.cross_origin_embedder_policy(response.header(coep)),
        coop: judged.cross_origin_opener_policy(response.header(coop)),
        "cross-origin-resource-sharing": judged.cross_origin_resource_sharing(
            response.header("access-control-allow-origin"), response.header("access-control-allow-credentials")
        ),
    }


def grade_csp(csp: CspResult) -> tuple[int, int, str]:
    """(modifier, score, grade) of the policy alone: the site's grade if all else is neutral."""
    modifier = SCORES[csp.result].modifier
    score = total([modifier])
    return modifier, score, grade_of(score)


def scan_link(host: str) -> str:
    """MDN's live scan of a host, for a person to open; nothing here opens it."""
    return f"https://developer.mozilla.org/en-US/observatory/analyze?host={quote(host, safe='')}"


