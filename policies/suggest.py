"""The smallest change that fixes reported violations: options from narrow to wide (policy-lab.md 2.3).

Every option is proved by replay: `fixes` counts what its policy would allow. Options only ever add; they are made so
that nothing the policy allows becomes blocked. Whether an option may be shown at all (enough networks and days, no
likely attack) is the caller's to decide, see trust.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from policies import suggest_code, suggest_sources
from policies.bypasses import find_reason
from policies.edits import Edit, apply_edits
from policies.evidence import Evidence
from policies.policy import Policy, PolicyList
from policies.replay import decide, replay
from policies.subsume import compare
from policies.suggest_groups import Draft, Group, groups_of, is_suggestible
from policies.suggest_words import ADVICE_WORDS, COST, OPENS, Risk, cost_of, is_script, risk_of
from policies.target import target_of

_RISKS: tuple[Risk, ...] = ("low", "medium", "high")
_SCHEME_FOR_ALL = frozenset({"img-src", "font-src", "media-src"})
_DATA_OK = {
    "data": frozenset({"img-src", "font-src", "media-src", "connect-src", "manifest-src", "style-src", "style-src-elem"}),
    "blob": frozenset({"img-src", "font-src", "media-src", "connect-src", "worker-src", "style-src", "style-src-elem"}),
    "mediastream": frozenset({"media-src"}),
}


@dataclass(frozen=True, slots=True)
class Option:
    """One way to let the violations pass.

    `edits` make `policy` from the one in hand (none for a change of a template); `fixes` of `of` pieces of evidence
    are then allowed. `condition` is "nonce-on-tag" where it holds only once the tag carries the nonce. `also` names
    the other kinds of load that it widens, `warnings` say what makes a script host dangerous, with the reference.
    """

    code: str
    values: tuple[str, ...]
    edits: tuple[Edit, ...]
    policy: Policy
    opens: str
    also: tuple[str, ...]
    risk: Risk
    cost: int
    fixes: int
    of: int
    condition: str = ""
    warnings: tuple[str, ...] = ()
    default: bool = False

    @property
    def header(self) -> str:
        """The resulting header's value."""
        return str(self.policy)


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Options from narrow to wide, and advice (keys of ADVICE_WORDS) that is no edit of the policy."""

    options: tuple[Option, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def advice_words(self) -> tuple[str, ...]:
        """The advice as sentences."""
        return tuple(ADVICE_WORDS[code] for code in self.advice)


def suggest(policy: Policy, evidence: Sequence[Evidence]) -> Suggestions:
    """Options for making these violations of this policy allowed. With several policies ask for each that blocks."""
    wanted = [piece for piece in evidence if is_suggestible(piece)]
    if not wanted:
        return Suggestions(advice=("noise",) if evidence else ())
    closed = [piece for piece in wanted if decide(policy, piece).verdict != "allowed"]
    if not closed:
        return Suggestions(advice=(_why_allowed(wanted),))
    advice: dict[str, None] = {}
    options: list[Option] = []
    for group in groups_of(policy, closed):
        drafts = list(_drafts(policy, group))
        advice.update(dict.fromkeys(note for draft in drafts for note in draft.advice))
        options += _proved(policy, group, drafts, closed)
    if not options and any(map(_is_redirect, closed)):
        advice["redirect-suspected"] = None
    if not options and not advice:
        only_default = all(piece.directives == ("default-src",) for piece in closed)
        advice["default-only" if only_default else "several-directives"] = None
    return Suggestions(_with_default(sorted(options, key=lambda option: (COST[option.code], option.cost))), tuple(advice))


def in_every(policies: PolicyList, policy: Policy, option: Option, evidence: Sequence[Evidence]) -> PolicyList:
    """The list with an option in the policy that it was made for, and its like in every other one that refuses the same.

    A load must pass all (CSP3 #parse-response-csp), so a source in one of them alone opens nothing.
    """
    return PolicyList(tuple(option.policy if one is policy else _with_like(one, option.code, evidence) for one in policies))


def _with_like(policy: Policy, code: str, evidence: Sequence[Evidence]) -> Policy:
    return next((one.policy for one in suggest(policy, evidence).options if one.code == code and not one.condition), policy)


def _why_allowed(pieces: Sequence[Evidence]) -> str:
    if all(piece.blocked_kind.startswith("trusted-types") for piece in pieces):
        return "types-elsewhere"
    return "redirect-suspected" if any(map(_is_redirect, pieces)) else "already-allowed"


def _is_redirect(piece: Evidence) -> bool:
    """Asked of the empty policy, which allows everything that can be proved."""
    return replay(Policy(), piece).reason == "redirect-suspected"


def _drafts(policy: Policy, group: Group) -> Iterator[Draft]:
    if group.kind == "url" and group.effective != "frame-ancestors":
        return _address_drafts(group)
    if group.kind == "scheme":
        return _scheme_drafts(group)
    return suggest_code.drafts(policy, group)


def _address_drafts(group: Group) -> Iterator[Draft]:
    """Policy-lab.md 2.3, steps 2 and 7."""
    if group.dynamic:
        yield suggest_code.nonce_on_tag(group)
        yield Draft(advice=("hosts-useless",))
        return
    addresses = list(dict.fromkeys(piece.blocked for piece in group.evidence))
    if not all(suggest_sources.is_network(address) for address in addresses):
        yield Draft(advice=("odd-scheme",))
        return
    if all(_is_own_insecure(piece) for piece in group.evidence):
        yield Draft(advice=("upgrade",))
        return
    if group.has_nonce and is_script(group.effective):
        yield suggest_code.nonce_on_tag(group)
    if all(piece.blocked.origin == target_of(piece.document).origin for piece in group.evidence):
        yield group.draft("self", ["'self'"])
    yield group.draft("exact", suggest_sources.exact(addresses))
    yield group.draft("directory", suggest_sources.directories(addresses))
    yield group.draft("host", suggest_sources.hosts(addresses))
    yield group.draft("wildcard", suggest_sources.wildcards(addresses))
    if group.effective in _SCHEME_FOR_ALL:
        yield group.draft("scheme", suggest_sources.schemes(addresses))
    if any(address.host.startswith("[") or address.host.rpartition(".")[2].isdigit() for address in addresses):
        yield Draft(advice=("ip-host",))


def _is_own_insecure(piece: Evidence) -> bool:
    """The site's own http: address on one of its https: pages: the link is wrong, not the policy."""
    own = target_of(piece.document).host.removeprefix("www.")
    insecure = piece.blocked.scheme == "http" and piece.document.startswith("https:")
    return insecure and bool(own) and f".{piece.blocked.host}".endswith(f".{own}")


def _scheme_drafts(group: Group) -> Iterator[Draft]:
    """Step 3: data: where it holds no code, blob: where pages make files of their own."""
    for scheme in sorted({piece.blocked.scheme for piece in group.evidence}):
        if scheme not in _DATA_OK:
            yield Draft(advice=("odd-scheme",))
        elif group.effective in _DATA_OK[scheme]:
            yield group.draft("data", [f"{scheme}:"])
        else:
            yield Draft(advice=("attack-surface",))


def _proved(policy: Policy, group: Group, drafts: Iterable[Draft], closed: Sequence[Evidence]) -> Iterator[Option]:
    """The drafts that do fix something, each policy once."""
    seen: set[tuple[str, str]] = set()
    for draft in drafts:
        if not draft.code:
            continue
        changed = apply_edits(policy, draft.edits)
        fixes = len(group.evidence) if draft.condition else sum(replay(changed, piece).verdict == "allowed" for piece in closed)
        if fixes and (str(changed), draft.condition) not in seen:
            seen.add((str(changed), draft.condition))
            yield _option(policy, changed, group, draft, fixes, len(closed))


def _option(policy: Policy, changed: Policy, group: Group, draft: Draft, fixes: int, of: int) -> Option:
    warnings = tuple(_gadget_warnings(group, draft))
    risk = "high" if warnings else risk_of(draft.code, group.effective)
    return Option(
        code=draft.code, values=draft.values, edits=draft.edits, policy=changed, opens=OPENS[draft.code],
        also=_also(policy, changed, group) if draft.edits else (), risk=risk,
        cost=cost_of(draft.code, group.effective, len(draft.values)), fixes=fixes, of=of, condition=draft.condition, warnings=warnings,
    )


def _also(policy: Policy, changed: Policy, group: Group) -> tuple[str, ...]:
    """Prefetches go with everything, and no worker carries a nonce or a hash: neither is worth a word."""
    document = next((piece.document for piece in group.evidence if piece.document), None)
    effective = dict.fromkeys(
        name for change in compare(changed, policy, document).looser for name in change.effective
        if name != "default-src" and not (name == "worker-src" and change.ability in ("nonce", "hash"))
    )
    return tuple(name for name in effective if name not in group.meant)


def _gadget_warnings(group: Group, draft: Draft) -> Iterator[str]:
    """Hosts that void an allow-list of scripts."""
    if draft.code not in ("exact", "directory", "host", "wildcard") or not is_script(group.effective):
        return
    for value in draft.values:
        gadget = find_reason(value.partition("://")[2], with_eval=group.has_eval)
        if gadget:
            yield f"{value} offers {gadget.what}, which voids an allow-list of scripts ({gadget.reference})"


def _with_default(options: list[Option]) -> tuple[Option, ...]:
    """Marks the one to offer first: the safest that fixes most; a directory for scripts, else a whole host."""
    if not options:
        return ()
    preferred = ("nonce", "self", "directory", "host", "hash", "name", "data", "attribute-inline", "wasm-unsafe-eval")

    def rank(option: Option) -> tuple[int, int, int]:
        place = preferred.index(option.code) if option.code in preferred else len(preferred)
        if option.code == "directory" and not any(is_script(edit.directive) for edit in option.edits):
            place = len(preferred)
        return _RISKS.index(option.risk) if option.risk == "high" else 0, -option.fixes, place

    best = min(options, key=rank)
    return tuple(replace(option, default=option is best) for option in options)
