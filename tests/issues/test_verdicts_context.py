from __future__ import annotations

import pytest

from issues.verdicts import RULES, Context, rejudge
from issues.verdicts.context import GUESSES
from policies.words import NOISE_SLUGS

NARROW = Context(reports=300, visitors=1, days=1, browsers=1, pages=1, networks=1)
BROAD = Context(reports=9000, visitors=400, days=3, browsers=4, pages=60, networks=90)


def test_breadth_lifts_a_guess_to_unsure_and_narrowness_brings_it_back() -> None:
    assert rejudge(("ext-font",), "extension", "likely", NARROW) == ("extension", "likely", "")
    verdict, confidence, reason = rejudge(("ext-font",), "extension", "likely", BROAD)
    assert (verdict, confidence) == ("unsure", "hint")
    assert "400 visitors" in reason
    assert rejudge(("ext-font",), "extension", "likely", NARROW)[0] == "extension"


@pytest.mark.parametrize(
    "rule", [rule for rule in RULES.values() if rule.verdict in NOISE_SLUGS and rule.confidence == "certain"], ids=lambda rule: rule.id
)
def test_a_certain_mark_is_never_moved(rule: object) -> None:
    found = RULES[rule.id]  # type: ignore[attr-defined]
    line = Context(visitors=400, browsers=4, networks=90, pages=1, first_party_source=True, constant_line=True)
    for context in (BROAD, line):
        assert rejudge((found.id,), found.verdict, "certain", context) == (found.verdict, "certain", "")


def test_a_well_known_extension_stays_one_however_many_have_it() -> None:
    assert rejudge(("ext-host",), "extension", "likely", BROAD)[0] == "extension"
    assert rejudge(("doc-foreign",), "foreign", "likely", BROAD)[0] == "foreign"


def test_one_line_of_an_own_file_speaks_for_the_page() -> None:
    line = Context(visitors=12, browsers=2, networks=9, pages=1, first_party_source=True, constant_line=True)
    assert rejudge(("ext-sample",), "extension", "likely", line)[0] == "unsure"


def test_a_policy_nobody_knows_is_no_breadth() -> None:
    unknown = Context(visitors=400, browsers=4, networks=90, pages=60, policy_known=False)
    assert rejudge(("policy-tampered",), "stale", "likely", unknown)[0] == "stale"


def test_eval_from_nowhere_is_the_pages_when_many_see_it() -> None:
    assert rejudge(("eval-unplaced",), "unsure", "hint", BROAD)[0] == "own"
    assert rejudge(("eval-unplaced",), "unsure", "hint", NARROW)[0] == "unsure"


def test_signal_is_never_moved_to_noise() -> None:
    for verdict in ("attack", "own", "third-party", "policy", "framing"):
        for context in (NARROW, BROAD, Context()):
            assert rejudge(("third-party",), verdict, "likely", context)[0] == verdict


def test_guesses_are_rules() -> None:
    assert set(RULES) >= GUESSES
