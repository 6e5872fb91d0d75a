"""What the suggestions say: advice that is no edit, the widening of each option in words, cost and risk."""

from __future__ import annotations

from typing import Literal

Risk = Literal["low", "medium", "high"]

ADVICE_WORDS = {
    "noise": "These reports are noise. Nothing has to be allowed.",
    "already-allowed": "The policy allows this already; the reports come from another policy or from before a change.",
    "redirect-suspected": "The reported address is allowed; a redirect led to one that is not, and the report does not say where. "
    "Open the address in the browser's network panel and allow where it ends.",
    "move-to-file": "Best: move the code into a file of your own, or into the element that has the nonce.",
    "add-nonce": "Your policy has a nonce: write it on this tag in the template. The policy stays as it is.",
    "use-nonce": "Give each response a fresh nonce, in the policy and on your own tags.",
    "sample-cut": "The report holds only the start of the code, so no hash can be computed from it. The browser's console prints the "
    "hash it needs, or paste the whole text.",
    "sample-missing": "The report holds no sample. Add 'report-sample' to the directive to see what is blocked.",
    "unsafe-inline-useless": "'unsafe-inline' would do nothing here: browsers ignore it beside a nonce, a hash or 'strict-dynamic'.",
    "hosts-useless": "Under 'strict-dynamic' browsers ignore hosts: put the nonce on the tag, or have a trusted script add it.",
    "move-handlers": "Best: replace event handlers and style attributes with listeners and classes.",
    "fix-eval": "Best: update or configure the library so that it needs no eval.",
    "attack-surface": "Such addresses let anybody who can inject a tag bring the code along; allow none of them here.",
    "odd-scheme": "This kind of address belongs to the browser, an app or an extension. It is not yours to allow.",
    "ancestor-unknown": "The report does not say who frames the page. Ask your partners, then name them in frame-ancestors.",
    "base-unknown": "The report does not say which address <base> was to set. Look for a <base> tag in your pages.",
    "types-sink": "Create a Trusted Types policy and pass its values to the sink; do not take the directive away.",
    "types-elsewhere": "This policy asks for no Trusted Types, so another one of the page did: a second header, or a "
    "<meta> element. Look there.",
    "upgrade": "Do not add an http: address: change the link to https:, or add upgrade-insecure-requests to the policy, which turns such "
    "links by itself.",
    "default-only": "There is no suggestion, because the reports name only default-src and so do not say what kind of load this was. Find "
    "the host in your pages, or wait for a report of a browser that says it, and allow it in that one directive.",
    "name-unknown": "The report does not name the policy. Newer browsers send it in the sample.",
    "several-directives": "The reports do not say which directive is meant; wait for reports of newer browsers.",
    "ip-host": "By the specification an IP address matches no source. Give the machine a name.",
    "what-unknown": "The reports do not say what was blocked.",
}

COST = {
    "self": 1, "exact": 1, "nonce": 1, "directory": 2, "hash": 2, "host": 3, "name": 5, "data": 8, "wildcard": 10, "unsafe-hashes": 20,
    "attribute-inline": 25, "scheme": 30, "wasm-unsafe-eval": 30, "unsafe-eval": 60, "unsafe-inline": 100,
}
"""How much an option widens (policy-lab.md 2.3, step 8); three times as much for scripts."""

OPENS = {
    "self": "Everything your own site serves at this directive.",
    "exact": "Only this address; after a redirect, everything on its host.",
    "directory": "Everything under this directory; after a redirect, everything on its host.",
    "host": "Everything this host serves, now and later.",
    "wildcard": "Every name under this domain, whoever will run it.",
    "scheme": "Every site on the web.",
    "data": "Everything of this scheme, which whoever can write into your page can make.",
    "nonce": "Nothing else: only tags your server marks.",
    "hash": "Only this very text, on every page that has this policy.",
    "unsafe-hashes": "Event handlers, style attributes and javascript: links with exactly this text.",
    "attribute-inline": "Every attribute of this kind, injected ones too; not elements.",
    "wasm-unsafe-eval": "Compiling WebAssembly, not eval.",
    "unsafe-eval": "eval, Function and string timers, for every script on the page.",
    "unsafe-inline": "All inline code, injected code too: the directive no longer stops cross-site scripting.",
    "name": "Trusted Types policies of this name, made by any script.",
}

_RISK: dict[str, tuple[Risk, Risk, Risk]] = {
    # for images, fonts and media; for styles, connections, frames and the like; for scripts
    "self": ("low", "low", "low"), "exact": ("low", "low", "low"), "directory": ("low", "low", "low"), "host": ("low", "low", "medium"),
    "wildcard": ("low", "medium", "high"), "scheme": ("medium", "high", "high"), "data": ("low", "medium", "high"),
    "nonce": ("low", "low", "low"), "hash": ("low", "low", "low"), "unsafe-hashes": ("low", "low", "medium"),
    "attribute-inline": ("low", "low", "high"), "wasm-unsafe-eval": ("low", "low", "low"), "unsafe-eval": ("medium", "medium", "medium"),
    "unsafe-inline": ("medium", "medium", "high"), "name": ("low", "medium", "medium"),
}
_PASSIVE = frozenset({"img-src", "font-src", "media-src", "manifest-src"})


def is_script(directive: str) -> bool:
    """Whether code runs from what the directive lets in."""
    return directive.startswith("script-src") or directive in ("default-src", "worker-src", "object-src")


def risk_of(code: str, directive: str) -> Risk:
    """How much the option would help an attacker."""
    return _RISK[code][2 if is_script(directive) else 0 if directive in _PASSIVE else 1]


def cost_of(code: str, directive: str, values: int) -> int:
    """The widening as one number, to order and to sum."""
    return COST[code] * max(values, 1) * (3 if is_script(directive) else 1)
