"""Every kind of load, to ask two policies the same questions."""

from __future__ import annotations

from itertools import product
from typing import get_args

from policies.decision import Decision
from policies.live import (
    InlineType,
    match_eval,
    match_inline,
    match_trusted_types_policy,
    match_trusted_types_sink,
    match_url,
    match_wasm,
)
from policies.policy import Policy
from policies.sourcelist import Profile
from policies.target import as_http, target_of
from tests.policies.strategies import CODE, HASHES, REQUEST_DIRECTIVES

NONCES = ["", "abc", "xyz"]
INTEGRITIES = ["", HASHES[0].strip("'"), " ".join(value.strip("'") for value in HASHES[:2])]


def url_answers(policy: Policy, url: str, self_url: str, profile: Profile) -> dict[tuple[object, ...], Decision]:
    """A request in every role; by the specification a WebSocket counts as http, as Fetch has it."""
    target = as_http(target_of(url)) if profile == "spec" else target_of(url)
    answers: dict[tuple[object, ...], Decision] = {}
    for directive, redirected in product([*REQUEST_DIRECTIVES, "default-src"], [False, True]):
        answers[directive, redirected] = match_url(policy, directive, target, self_url, redirected=redirected, profile=profile)
    answers["worker-src", "script-made"] = match_url(policy, "worker-src", target, self_url, parser_inserted=False, profile=profile)
    for nonce, integrity, inserted in product(NONCES, INTEGRITIES, [False, True]):
        for directive in ("script-src-elem", "style-src-elem"):
            answers[directive, nonce, integrity, inserted] = match_url(
                policy, directive, target, self_url, nonce=nonce, integrity=integrity, parser_inserted=inserted, profile=profile
            )
    return answers


def code_answers(policy: Policy, profile: Profile) -> dict[tuple[object, ...], Decision]:
    """Inline code of every type, eval, wasm and Trusted Types."""
    answers: dict[tuple[object, ...], Decision] = {
        ("eval",): match_eval(policy), ("eval", "trusted"): match_eval(policy, trusted_script=True), ("wasm",): match_wasm(policy),
        ("sink",): match_trusted_types_sink(policy),
    }
    for name, exists in product(["foo", "bar", "baz"], [False, True]):
        answers["type", name, exists] = match_trusted_types_policy(policy, name, exists=exists)
    for inline_type, code, nonce, inserted in product(get_args(InlineType), [*CODE, None], NONCES, [False, True]):
        answers[inline_type, code, nonce, inserted] = match_inline(
            policy, inline_type, code, nonce=nonce, parser_inserted=inserted, profile=profile
        )
    return answers
