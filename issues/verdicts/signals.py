"""What is left when nothing says noise: whose work it is, and which line of page or policy to look at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from issues.verdicts.evidence import Evidence, registrable
from issues.verdicts.lists.services import KNOWN, TAG_MANAGERS
from issues.verdicts.lookalike import typo_of
from issues.verdicts.model import Mark
from issues.verdicts.signals_rules import RULES
from policies.directives import DIRECTIVES

_BY_ID = {rule.id: rule for rule in RULES}
_CONTAINER = re.compile(r"\b(?:GTM|G|AW|UA|DC)-[A-Z0-9\-]{1,16}\b")
_SOCKETS = frozenset({"ws", "wss"})
_UNQUOTED = frozenset({"self", "none", "unsafe-inline", "unsafe-eval", "strict-dynamic", "unsafe-hashes"})


def marks(evidence: Evidence) -> Iterator[Mark]:
    """The signal marks, the most telling first."""
    for find in _FINDERS:
        yield from find(evidence)


def _framing(evidence: Evidence) -> Iterator[Mark]:
    if evidence.violation.directive != "frame-ancestors":
        return
    blocked, referrer = evidence.violation.blocked, evidence.violation.referrer
    embedder = blocked.host if blocked.host and blocked.host != evidence.violation.document.host else referrer.host
    own = embedder and embedder != evidence.violation.document.host and evidence.is_own(embedder)
    yield _BY_ID["framing-own" if own else "framing"].mark(embedder or "another site")


def _trusted_types(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    if violation.blocked_kind == "trusted-types-policy" or violation.directive == "trusted-types":
        yield _BY_ID["trusted-types-policy"].mark(re.sub(r"[^\w.#\-]", "", violation.sample)[:40] or "unnamed")
    elif violation.blocked_kind == "trusted-types-sink" or violation.directive == "require-trusted-types-for":
        yield _BY_ID["trusted-types-sink"].mark(re.sub(r"[^\w .\-]", "", violation.sample.partition("|")[0])[:40] or "a sink")


def _policy_mistakes(evidence: Evidence) -> Iterator[Mark]:
    """Broken tokens in the directive that decided; only worth telling where the site's own host was blocked, or the token's."""
    words = evidence.sources_of(evidence.violation.directive)
    for word in words:
        if word in _UNQUOTED and (word != "self" or evidence.blocked_is_own):
            yield _BY_ID["policy-unquoted"].mark(word)
        elif word in DIRECTIVES:
            yield _BY_ID["policy-semicolon"].mark(word)


def _own_host(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    blocked, document = violation.blocked, violation.document
    if not blocked.host or not evidence.blocked_is_own or violation.directive == "frame-ancestors":
        return
    words = evidence.sources_of(violation.directive)
    if blocked.scheme in _SOCKETS:
        yield _BY_ID["websocket"].mark(blocked.origin)
    elif blocked.scheme == "http" and document.scheme == "https":
        yield _BY_ID["mixed-content"].mark(blocked.host)
    elif blocked.port and _named_elsewhere(words, blocked.host):
        yield _BY_ID["port"].mark(blocked.netloc)
    elif _wants_nonce(evidence, words):
        yield _BY_ID["nonce-missing"].mark()
    elif blocked.host != document.host:
        yield _BY_ID["sibling-host"].mark(blocked.netloc)
    elif "'self'" not in words:
        yield _BY_ID["self-missing"].mark(violation.directive)
    else:
        yield _BY_ID["own-host"].mark(blocked.host)


def _wants_nonce(evidence: Evidence, words: tuple[str, ...]) -> bool:
    strict = "'strict-dynamic'" in words or (any(word.startswith("'nonce-") for word in words) and "'self'" not in words)
    return evidence.family == "script" and strict


def _named_elsewhere(words: tuple[str, ...], host: str) -> bool:
    return any(host in word for word in words)


def _foreign_scheme(evidence: Evidence) -> Iterator[Mark]:
    blocked = evidence.violation.blocked
    if not blocked.host or evidence.blocked_is_own:
        return
    words = evidence.sources_of(evidence.violation.directive)
    if blocked.scheme == "http" and evidence.violation.document.scheme == "https" and _named_elsewhere(words, blocked.host):
        yield _BY_ID["mixed-content"].mark(blocked.host)
    elif blocked.port and _named_elsewhere(words, blocked.host):
        yield _BY_ID["port"].mark(blocked.netloc)
    elif not evidence.policy_names_blocked:
        meant = typo_of(blocked.host, evidence.own_domains | evidence.policy_domains)
        if meant:
            yield _BY_ID["host-typo"].mark(f"your own {meant}" if meant in evidence.own_domains else f"{meant}, which your policy names")


def _code(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    if violation.blocked_kind == "wasm-eval":
        yield _BY_ID["wasm"].mark()
    elif violation.blocked_kind == "eval":
        source = violation.source.host
        if source and (evidence.is_own(source) or source in TAG_MANAGERS):
            yield _BY_ID["eval"].mark(source)
        else:
            yield _BY_ID["eval-unplaced"].mark()
    elif evidence.inline:
        yield from _inline(evidence)


def _inline(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    words = evidence.sources_of(violation.directive)
    if violation.directive.endswith("-attr") or violation.sample.startswith("javascript:") or " attribute on " in violation.sample:
        yield _BY_ID["inline-attribute"].mark()
    elif any(word.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-")) for word in words):
        yield _BY_ID["nonce-or-hash"].mark()
    else:
        yield _BY_ID["inline-style" if evidence.family == "style" else "inline"].mark()


def _scheme(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    if violation.blocked_kind != "scheme":
        return
    scheme = violation.blocked.scheme
    if scheme in _SOCKETS:
        yield _BY_ID["websocket"].mark(f"{scheme}:")
    elif scheme in ("data", "blob", "filesystem", "mediastream") and (
        evidence.family != "media" or evidence.source_is_own or scheme != "data"
    ):
        yield _BY_ID["local-data"].mark(f"{scheme}:")
    elif evidence.source_is_own_file:
        yield _BY_ID["own-scheme"].mark(f"{scheme}:"[:40])


def _third_party(evidence: Evidence) -> Iterator[Mark]:
    violation = evidence.violation
    blocked, source = violation.blocked, violation.source
    if violation.blocked_kind not in ("url", "origin") or evidence.blocked_is_own or violation.directive in ("frame-ancestors", "base-uri"):
        return
    if evidence.policy_allows == "source-match":
        yield _BY_ID["redirect"].mark(blocked.netloc)
    elif violation.directive == "default-src":
        yield _BY_ID["default-src"].mark(blocked.netloc)
    elif source.host in TAG_MANAGERS and registrable(source.host) not in evidence.own_domains:
        container = _CONTAINER.search(source.query)
        yield _BY_ID["tag-cascade"].mark(TAG_MANAGERS[source.host] + (f" ({container[0]})" if container else ""))
    elif evidence.family == "form":
        yield _BY_ID["form-target"].mark(blocked.netloc)
    else:
        yield _BY_ID["third-party"].mark(_service(blocked.host) or blocked.netloc)


def _service(host: str) -> str:
    name, rest = "", host
    while rest and not name:
        name, rest = KNOWN.get(rest, ""), rest.partition(".")[2]
    return f"{name} ({host})" if name else ""


_FINDERS: tuple[Callable[[Evidence], Iterator[Mark]], ...] = (
    _framing,
    _trusted_types,
    _policy_mistakes,
    _own_host,
    _foreign_scheme,
    _code,
    _scheme,
    _third_party,
)
