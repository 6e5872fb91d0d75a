"""What to do about an issue: one card per class of signal or noise, as a table of words. Pure; extend it by adding a row.

The ids S1 to S25 are the shapes of the rules in issues.verdicts; where no rule with one fired, the verdict and what was blocked choose.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from policies.words import VERDICTS


@dataclass(frozen=True, slots=True)
class Advice:
    """`lead` is the answer, `steps` how; `may_allow` is false where adding a source to the policy must not be the first idea."""

    lead: str
    steps: tuple[str, ...]
    may_allow: bool = False


S = {
    "S1": Advice(
        "Decide whether your pages need this service. If they do, allow the narrowest source that covers it.",
        ("Ask who added it: look for the host in your templates and in your tag manager.",
         "Needed: add its host to the directive that blocked it, not to default-src.",
         "Look under Also seen as, too: what else the same vendor was blocked for may be needed with it.",
         "Nobody knows it: remove the tag instead of allowing it."), True),
    "S2": Advice(
        "Move the inline script into a file, or give it a nonce or a hash. Never add 'unsafe-inline'.",
        ("Find it in the page's source; where browsers named a line, it stands under Where.",
         "Best: a file of your own, which 'self' already allows.",
         "It must stay inline: a nonce that is new for every answer, or the hash of exactly this text.")),
    "S3": Advice(
        "Replace the inline style: a class, a nonce, or for a whole <style> element a hash.",
        ("From a library (CSS-in-JS): most have a nonce option.",
         "From an editor or CMS (style= attributes): classes. 'unsafe-hashes' with the exact hash is the last resort.")),
    "S4": Advice(
        "Replace the inline handler by addEventListener in a file of your own.",
        ("Look for onclick=, onload= and their like, and for javascript: links, in the markup of the page.",
         "Attach the handler in a script: element.addEventListener(\"click\", …).")),
    "S5": Advice(
        "Find out which library turns text into code, and configure it not to.",
        ("Template libraries: precompile, or use the build without a compiler.",
         "Google Tag Manager: replace custom JavaScript variables by templates.",
         "setTimeout and setInterval with a string count as eval: pass a function.",
         "'unsafe-eval' is the last resort; it gives an attacker's injected text the same power.")),
    "S6": Advice(
        "Allow WebAssembly alone with 'wasm-unsafe-eval' in script-src; 'unsafe-eval' is not needed for it.",
        ("Check that the module is yours.",), True),
    "S7": Advice(
        "Allowing data: for images and fonts is low risk; never allow it for scripts, objects or frames.",
        ("Look whether the image can be a file instead.", "Otherwise add data: to img-src or font-src only."), True),
    "S8": Advice(
        "Allow blob: for the one directive that needs it, such as worker-src.",
        ("Find the code that calls URL.createObjectURL.", "Never allow blob: in script-src."), True),
    "S9": Advice(
        "Load it over https. A policy with upgrade-insecure-requests turns the old links for you.",
        ("Change http: to https: in the page, template or CSS that names it.", "Many old links: add upgrade-insecure-requests.")),
    "S10": Advice(
        "One tag of a vendor that calls many hosts. Decide once for the vendor, not for each host.",
        ("CSP has no wildcard for the end of a host name, so country domains can't be listed with one entry.",
         "Options: server-side tagging, https: for img-src only, or ignoring this issue.",
         "The container named in the reason says which tag manager loads it."), True),
    "S11": Advice(
        "Look at this first: text from the page's address was about to run as code. Do not allow it.",
        ("Open the page named under Where and look at how it writes the query into HTML.",
         "Encode on output; a policy only stops those who have already got in.",
         "Keep the samples: they are the evidence.")),
    "S12": Advice(
        "Do not allow this host until somebody knows it. It may be a card skimmer.",
        ("Look at the page's source, and at when the script that sent it last changed; files that browsers named stand under Where.",
         "Compare the deployed bundle and the tag manager's container with what you released.",
         "Not yours: tell your incident team, and keep the samples.")),
    "S13": Advice(
        "The policy itself is wrong; the visitor did nothing special.",
        ("Compare the directive below with what you meant: 'self' needs its quotes, directives are parted by ;",
         "Two policies count together: the stricter one wins. Look for a second header from a proxy.")),
    "S14": Advice(
        "A host name is misspelt, in the page or in the policy, or somebody imitates it. Do not allow it before you know which.",
        ("Compare it letter by letter with the one you meant, and correct it where it is written.",
         "Nobody of yours wrote it: take it for an attack, and look at what put it into the page.")),
    "S15": Advice(
        "Your own site under a neighbouring name. www and the bare domain are different hosts to CSP.",
        ("Add exactly this host, or redirect it so that pages need one name only.",), True),
    "S16": Advice("The host is allowed, its port is not.", ("Add host:port, or serve it on the usual port.",), True),
    "S17": Advice(
        "A WebSocket needs its own entry: add the wss: address to connect-src.", ("'self' covers it in newer browsers only.",), True),
    "S18": Advice(
        "frame-ancestors did its work: somebody else's page tried to show yours.",
        ("One of your own sites or a partner's: add it to frame-ancestors.",
         "A stranger's: nothing to do. That is what the directive is for."), True),
    "S19": Advice(
        "A form goes somewhere form-action does not name, perhaps after a redirect.",
        ("Payment and sign-in forms are redirected: Chrome checks every stop. Add the final host too.",
         "Not yours: look at what changed the form's address."), True),
    "S20": Advice(
        "The address shown is allowed, so it was redirected to one that is not.",
        ("Browsers hide where a redirect went. Open the network panel on the page named under Where and follow it.",
         "Allow the final host."), True),
    "S21": Advice("An extension or app scheme that this project declared as its own.", ("Allow it or ignore it, as you like.",), True),
    "S22": Advice("Your site's own translation or reading widget.", ("Add the vendor's hosts, or remove the widget.",), True),
    "S23": Advice(
        "The script is known to the policy by nonce or hash, and this one does not match.",
        ("Nonce: this template forgot nonce=, or a cache serves an old page with a new header.",
         "Hash: the script's text changed. Compute it again, also for white space.")),
    "S24": Advice(
        "Code passes a string to a DOM function that may run it.",
        ("Use textContent or createElement where there is no markup.",
         "There is: make a Trusted Types policy that cleans it, and name it in trusted-types.",
         "A policy was refused: the samples hold its name; add that to trusted-types if the script named here is yours.")),
    "S25": Advice("Seen on a development machine that this project declared as its own.", ("Fix it before it is deployed.",)),
}  # fmt: skip

NOISE = Advice(
    "Most likely nothing. It comes from the visitor's side, not from your pages, and your policy need not change.",
    ("Never allow it in the policy: that would open your site for it everywhere.",
     "It is kept under Noise and counted. Say so if you think it is yours after all.",
     "Ignore it if you don't want to see it there either."),
)  # fmt: skip
FORGED = Advice(
    "Nothing to do: no browser met this on your site. Anybody can post a report, and somebody did.",
    ("Never allow it in the policy.", "It is kept under Noise and counted. Ignore it if you don't want to see it there either."),
)  # fmt: skip
FOREIGN = Advice(
    "Nothing to do, unless the page is yours: it is on none of this project's sites.",
    ("Yours: add its host to the sites of this project, in Settings.",
     "Not yours: it copied your page, or sends your header along. It is kept under Noise and counted."),
)  # fmt: skip
NOISE_OF = {"forged": FORGED, "foreign": FOREIGN}
UNSURE = Advice(
    "One look will tell: is this something your pages load?",
    ("Search your templates, bundles and tag manager for it.",
     "Yours: say so above, and the card here will say how to allow or fix it.",
     "Not yours: say what it is, or ignore it until it spreads to a new page."),
)  # fmt: skip
BY_KIND = {"inline": "S2", "eval": "S5", "wasm-eval": "S6", "trusted-types-sink": "S24", "trusted-types-policy": "S24"}
BY_VERDICT = {"attack": "S12", "third-party": "S1", "policy": "S13", "framing": "S18"}


def advice_for(verdict: str, directive: str, kind: str, rules: Iterable[str], shapes: Mapping[str, str]) -> Advice:
    """`shapes` maps rule ids to S1..S25 or noise classes. A person's or context's verdict outranks what a rule once said."""
    if VERDICTS[verdict].noise:
        return NOISE_OF.get(verdict, NOISE)
    for rule in rules:
        chosen = S.get(shapes.get(rule, ""))
        if chosen and _fits(verdict, chosen):
            return chosen
    if verdict in BY_VERDICT:
        return S[BY_VERDICT[verdict]]
    if verdict == "own" or kind in BY_KIND:
        return S[_own_shape(directive, kind)]
    return UNSURE


def _fits(verdict: str, advice: Advice) -> bool:
    """Advice to allow something is never given on a likely attack (trust.md)."""
    return verdict != "attack" or not advice.may_allow


def _own_shape(directive: str, kind: str) -> str:
    if directive == "script-src-attr":
        return "S4"
    if directive.startswith("style-src") and kind == "inline":
        return "S3"
    return BY_KIND.get(kind, "S13")
