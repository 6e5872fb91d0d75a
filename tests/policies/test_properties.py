"""What has to hold of any policy: reading back what is written, subsumption, and changes that only ever open."""

from __future__ import annotations

from ada_url import URL
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.edits import apply_edits
from policies.optimise import drop_needless, plan
from policies.policy import Policy, observed, parse_header, parse_policy
from policies.replay import decide, replay
from policies.sourcelist import Profile
from policies.subsume import is_subsumed, list_is_subsumed
from policies.suggest import suggest
from policies.target import make_target, target_of
from tests.policies.loads import code_answers, url_answers
from tests.policies.strategies import SELVES, evidence, hostile_texts, policy_texts, targets

profiles = st.sampled_from(["spec", "chromium"])


@given(st.one_of(policy_texts, hostile_texts))
def test_what_is_written_reads_back_the_same(text: str) -> None:
    policy = parse_policy(text)
    assert parse_policy(str(policy)) == policy
    assert parse_policy(policy.masked).masked == policy.masked


@given(hostile_texts)
def test_a_header_reads_back_the_same(text: str) -> None:
    policies = parse_header(text)
    assert parse_header(str(policies)) == policies


@given(st.one_of(policy_texts, hostile_texts.filter(lambda text: "," not in text)))
def test_the_recording_path_names_a_policy_as_the_model_does(text: str) -> None:
    policy = parse_policy(text)
    assert observed(text) == (policy.fingerprint, policy.masked)


@given(st.sampled_from(["http://", "https://", "ws://", "wss://", "HTTPS://", "https://a.b/"]),
       st.text(alphabet="abz019-.:/?#@%_~Ax \\[]\t'\"|;,", max_size=24))
@settings(max_examples=1000)
def test_plain_addresses_are_parsed_as_the_url_parser_does(start: str, rest: str) -> None:
    text = start + rest
    try:
        url = URL(text)
    except ValueError:
        assert not target_of(text).host
        return
    assert target_of(text) == make_target(url.protocol[:-1], url.hostname, int(url.port) if url.port else 0, url.pathname)


def subsumed_pairs(one: Policy, other: Policy, self_url: str) -> list[tuple[Policy, Policy]]:
    return [(a, b) for a, b in ((one, other), (other, one)) if is_subsumed(a, b, self_url)]


@given(policy_texts, policy_texts, targets, st.sampled_from(SELVES), profiles)
@settings(max_examples=300, deadline=None)
def test_what_the_stricter_policy_allows_the_looser_allows_too(one: str, other: str, url: str, self_url: str, profile: Profile) -> None:
    """Two policies at random, and each beside a policy with more in it, so that subsumption is common."""
    first, second = parse_policy(one), parse_policy(other)
    both = parse_policy("; ".join(f"{part} {' '.join((second.get(part.name) or part).values)}" for part in first.directives))
    for strict, loose in [*subsumed_pairs(first, second, self_url), *subsumed_pairs(first, both, self_url)]:
        wide = {**url_answers(loose, url, self_url, profile), **code_answers(loose, profile)}
        for load, answer in {**url_answers(strict, url, self_url, profile), **code_answers(strict, profile)}.items():
            assert answer.verdict == "blocked" or wide[load].verdict == "allowed", (load, str(strict), str(loose))


@given(st.lists(policy_texts, max_size=3), st.lists(policy_texts, min_size=1, max_size=2), targets, st.sampled_from(SELVES), profiles)
@settings(max_examples=150, deadline=None)
def test_a_subsumed_list_allows_nothing_more(ones: list[str], others: list[str], url: str, self_url: str, profile: Profile) -> None:
    """A load must pass every policy of a list. The second list is also compared with what both lists hold together."""
    base = parse_header(", ".join(others))
    for strict in (parse_header(", ".join(ones)), parse_header(", ".join([*ones, *others]))):
        if not list_is_subsumed(strict, base, self_url):
            continue
        answers = [{**url_answers(policy, url, self_url, profile), **code_answers(policy, profile)} for policy in strict]
        for policy in base:
            for load, answer in {**url_answers(policy, url, self_url, profile), **code_answers(policy, profile)}.items():
                assert answer.verdict == "allowed" or any(one[load].verdict == "blocked" for one in answers), (load, str(strict), str(base))


@given(policy_texts)
def test_every_policy_is_as_strict_as_itself_and_stricter_than_none(text: str) -> None:
    policy = parse_policy(text)
    assert is_subsumed(policy, policy)
    assert is_subsumed(policy, Policy())


@given(policy_texts, st.lists(evidence, min_size=1, max_size=4), evidence, targets, profiles)
@settings(max_examples=300, deadline=None)
def test_a_suggested_change_allows_its_violations_and_blocks_nothing_new(
    text: str, reported: list, other: object, url: str, profile: Profile
) -> None:
    policy = parse_policy(text)
    closed = [piece for piece in reported if decide(policy, piece).verdict != "allowed"]
    for option in suggest(policy, reported).options:
        assert option.policy == apply_edits(policy, option.edits)
        assert parse_policy(option.header) == option.policy
        if not option.condition:
            assert sum(replay(option.policy, piece).verdict == "allowed" for piece in closed) == option.fixes > 0
        self_url = reported[0].document
        before = {**url_answers(policy, url, self_url, profile), **code_answers(policy, profile)}
        after = {**url_answers(option.policy, url, self_url, profile), **code_answers(option.policy, profile)}
        for load, answer in before.items():
            assert answer.verdict == "blocked" or after[load].verdict == "allowed", (option.code, load)
        assert decide(policy, other).verdict != "allowed" or decide(option.policy, other).verdict == "allowed"


@given(policy_texts, targets, st.sampled_from(SELVES), profiles)
@settings(max_examples=200, deadline=None)
def test_dropping_needless_items_changes_no_answer(text: str, url: str, self_url: str, profile: Profile) -> None:
    policy = parse_policy(text)
    thin, _ = drop_needless(policy, self_url)
    assert {load: answer.verdict for load, answer in url_answers(thin, url, self_url, profile).items()} == {
        load: answer.verdict for load, answer in url_answers(policy, url, self_url, profile).items()
    }
    assert {load: answer.verdict for load, answer in code_answers(thin, profile).items()} == {
        load: answer.verdict for load, answer in code_answers(policy, profile).items()
    }


@given(policy_texts, st.lists(st.lists(evidence, min_size=1, max_size=2), min_size=1, max_size=3))
@settings(max_examples=150, deadline=None)
def test_a_plan_fixes_what_it_says(text: str, issues: list) -> None:
    policy = parse_policy(text)
    result = plan(policy, issues)
    assert all(replay(result.policy, piece).verdict == "allowed" for piece in result.fixed)
    assert all(replay(result.policy, piece).verdict != "allowed" for piece in result.left)
    proved = any(option.fixes and not option.condition for issue in issues for option in suggest(policy, issue).options)
    assert bool(result.fixed) == proved
