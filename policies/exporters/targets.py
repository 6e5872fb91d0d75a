"""One function for each place a policy can be written to: safe policies in, text and what was left out of it."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from policies.exporters.safe import FLAGS, NONCE, Exported, LeftOut, SafeDirective, SafePolicy

# django-csp drops settings for directives it does not know.
DJANGO_CSP_DIRECTIVES = frozenset(
    """base-uri block-all-mixed-content child-src connect-src default-src font-src form-action frame-ancestors
    frame-src img-src manifest-src media-src navigate-to object-src plugin-types prefetch-src report-to report-uri
    require-sri-for require-trusted-types-for sandbox script-src script-src-attr script-src-elem style-src
    style-src-attr style-src-elem trusted-types upgrade-insecure-requests worker-src""".split()
)
NOT_IN_META = frozenset({"report-uri", "report-to", "frame-ancestors", "sandbox"})
CLOUDFLARE_LINE = 2000

NONCE_BY_HAND = "Replace {NONCE} with 16 random bytes in base64, new in every response, and put the same text into each tag."
_NO_NONCE = "a nonce must be new in every response, which a fixed text cannot be"

Writer = Callable[[Sequence[SafePolicy]], Exported]


@dataclass(frozen=True, slots=True)
class Target:
    """A place a policy can be written to: its slug, its name for people, and where the text goes."""

    slug: str
    title: str
    where: str
    write: Writer


def _exported(target: str, lines: Sequence[str], policies: Sequence[SafePolicy], *notes: str) -> Exported:
    left_out = tuple(dict.fromkeys(item for policy in policies for item in policy.left_out))
    return Exported(target, "\n".join(lines), left_out, tuple(note for note in notes if note))


def _nonce_note(policies: Sequence[SafePolicy], note: str) -> str:
    return note if any(policy.has_nonce for policy in policies) else ""


def _without_nonces(policies: Sequence[SafePolicy]) -> list[SafePolicy]:
    return [policy.rewritten(lambda word: LeftOut(word, _NO_NONCE) if word == NONCE else word) for policy in policies]


def write_value(policies: Sequence[SafePolicy]) -> Exported:
    """The value of one header; commas part the policies. All must have one disposition, so the first one's counts."""
    same = [policy for policy in policies if policy.disposition == policies[0].disposition]
    others = tuple(LeftOut(str(policy), f"belongs into {policy.header_name}") for policy in policies if policy not in same)
    text = _exported("value", [", ".join(str(policy) for policy in same)], same, _nonce_note(same, NONCE_BY_HAND))
    return Exported(text.target, text.text, (*text.left_out, *others), text.notes)


def write_headers(policies: Sequence[SafePolicy]) -> Exported:
    """`Name: value`, a line for each policy."""
    lines = [f"{policy.header_name}: {policy}" for policy in policies]
    return _exported("headers", lines, policies, _nonce_note(policies, NONCE_BY_HAND))


def write_meta(policies: Sequence[SafePolicy]) -> Exported:
    """<meta> elements (CSP3 3.3): no report-only, no nonce in a fixed text, four directives less."""
    kept = [
        policy.without(NOT_IN_META, "browsers ignore it in <meta>")
        if policy.disposition == "enforce"
        else SafePolicy((), policy.disposition, (*policy.left_out, LeftOut(str(policy), "<meta> knows no report-only policy")))
        for policy in _without_nonces(policies)
    ]
    texts = [html.escape(str(policy)).replace("&#x27;", "'") for policy in kept if policy.directives]
    lines = [f'<meta http-equiv="Content-Security-Policy" content="{text}">' for text in texts]
    return _exported("meta", lines, kept, "Put it first in <head>: it does not reach back to what stands before it.")


def write_nginx(policies: Sequence[SafePolicy]) -> Exported:
    """`add_header`. nginx has no escape for `$`, so in a path it becomes %24, which CSP compares as the same."""
    safe = [policy.rewritten(_for_nginx) for policy in policies]
    lines = [f'add_header {policy.header_name} "{policy}" always;' for policy in safe]
    inherit = "A block with an add_header of its own inherits none: repeat the line there."
    nonce = "$request_id is 16 random bytes for each request: put it into the tags, by sub_filter or your application."
    return _exported("nginx", lines, safe, inherit, _nonce_note(policies, nonce))


def _for_nginx(word: str) -> str | LeftOut:
    if word == NONCE:
        return "'nonce-$request_id'"
    if "$" not in word:
        return word
    return LeftOut(word, "nginx would read $ as a variable") if "?" in word else word.replace("$", "%24")


def write_apache(policies: Sequence[SafePolicy]) -> Exported:
    """mod_headers: `%` begins a format, so it is doubled. `set` first, `add` for further policies of the same name."""
    safe = [policy.rewritten(lambda word: word.replace("%", "%%")) for policy in _without_nonces(policies)]
    seen: set[str] = set()
    lines = []
    for policy in safe:
        lines.append(f'Header always {"add" if policy.header_name in seen else "set"} {policy.header_name} "{policy}"')
        seen.add(policy.header_name)
    return _exported("apache", lines, safe)


def write_caddy(policies: Sequence[SafePolicy]) -> Exported:
    """A `header` block; `+` adds where the name was set already."""
    safe = [policy.rewritten(lambda word: "'nonce-{http.request.uuid}'" if word == NONCE else word) for policy in policies]
    seen: set[str] = set()
    lines = ["header {"]
    for policy in safe:
        lines.append(f'\t{"+" if policy.header_name in seen else ""}{policy.header_name} "{policy}"')
        seen.add(policy.header_name)
    note = "{http.request.uuid} is random for each request: put it into the tags with the templates directive."
    return _exported("caddy", [*lines, "}"], safe, _nonce_note(policies, note))


def write_cloudflare(policies: Sequence[SafePolicy]) -> Exported:
    """A `_headers` file (Pages, Workers assets; Netlify reads it too). `:splat` is a placeholder there."""
    safe = [policy.rewritten(_for_cloudflare) for policy in _without_nonces(policies)]
    lines = ["/*", *(f"  {policy.header_name}: {policy}" for policy in safe)]
    long = any(len(line) > CLOUDFLARE_LINE for line in lines)
    return _exported("cloudflare", lines, safe, f"A line is longer than the {CLOUDFLARE_LINE} characters that are read." if long else "")


def _for_cloudflare(word: str) -> str | LeftOut:
    return LeftOut(word, "_headers would read :splat as a placeholder") if ":splat" in word.lower() else word


def write_django_csp(policies: Sequence[SafePolicy]) -> Exported:
    """django-csp 4 settings, in plain strings; only NONCE needs an import."""
    kept, gone = _one_of_each(policies, "django-csp sends one policy for each header")
    unknown = frozenset(directive.name for policy in kept for directive in policy.directives) - DJANGO_CSP_DIRECTIVES
    kept = [policy.without(unknown, "django-csp drops directives it does not know") for policy in kept]
    nonce = any(policy.has_nonce for policy in kept)
    lines = ["from csp.constants import NONCE", ""] if nonce else []
    for policy in kept:
        lines.append(f"CONTENT_SECURITY_POLICY{'_REPORT_ONLY' if policy.disposition == 'report' else ''} = {{")
        lines.append('    "DIRECTIVES": {')
        lines.extend(f"        {_python_item(directive, 'NONCE')}" for directive in _with_default(policy))
        lines.extend(["    },", "}"])
    note = "Read request.csp_nonce in the template: the nonce is only sent when it was read." if nonce else ""
    return _exported("django-csp", lines, [*kept, gone], note)


def _with_default(policy: SafePolicy) -> list[SafeDirective]:
    """django-csp adds default-src 'self' when the setting has none; `None` says that there is none."""
    has_default = any(directive.name == "default-src" for directive in policy.directives)
    return [*policy.directives] if has_default else [SafeDirective("default-src", ()), *policy.directives]


def write_django(policies: Sequence[SafePolicy]) -> Exported:
    """Django 6 settings (SECURE_CSP); the constants are plain strings, only CSP.NONCE needs the import."""
    kept, gone = _one_of_each(policies, "Django sends one policy for each header")
    nonce = any(policy.has_nonce for policy in kept)
    lines = ["from django.utils.csp import CSP", ""] if nonce else []
    for policy in kept:
        lines.append(f"SECURE_CSP{'_REPORT_ONLY' if policy.disposition == 'report' else ''} = {{")
        lines.extend(f"    {_python_item(directive, 'CSP.NONCE')}" for directive in policy.directives)
        lines.append("}")
    note = "Add the csp context processor and write nonce=\"{{ csp_nonce }}\" into the tags." if nonce else ""
    return _exported("django", lines, [*kept, gone], note)


def _python_item(directive: SafeDirective, nonce: str) -> str:
    if directive.name == "default-src" and not directive.words:
        return '"default-src": None,'
    if directive.name in FLAGS or (directive.name == "sandbox" and not directive.words):
        return f'"{directive.name}": True,'
    words = ", ".join(nonce if word == NONCE else f'"{word}"' for word in directive.words)
    return f'"{directive.name}": [{words}],'


def write_helmet(policies: Sequence[SafePolicy]) -> Exported:
    """helmet (Express): its own defaults are switched off, so that what is sent is what is shown."""
    kept, gone = _one_of_each(policies, "helmet sends one policy for each header")
    lines: list[str] = []
    for policy in kept:
        lines.extend(["app.use(helmet.contentSecurityPolicy({", "  useDefaults: false,"])
        lines.extend(["  reportOnly: true,"] if policy.disposition == "report" else [])
        lines.append("  directives: {")
        if not any(directive.name == "default-src" for directive in policy.directives):
            lines.append('    "default-src": helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc,')
        lines.extend(f'    "{directive.name}": [{_helmet_words(directive)}],' for directive in policy.directives)
        lines.extend(["  },", "}));"])
    note = "Before it, set res.locals.cspNonce = crypto.randomBytes(16).toString('base64') in a middleware."
    return _exported("helmet", lines, [*kept, gone], _nonce_note(kept, note))


def _helmet_words(directive: SafeDirective) -> str:
    nonce = "(req, res) => `'nonce-${res.locals.cspNonce}'`"
    return ", ".join(nonce if word == NONCE else f'"{word}"' for word in directive.words)


def _one_of_each(policies: Sequence[SafePolicy], reason: str) -> tuple[list[SafePolicy], SafePolicy]:
    """The first policy of each disposition, and an empty one that names the rest."""
    first: dict[str, SafePolicy] = {}
    rest = [policy for policy in policies if first.setdefault(policy.disposition, policy) is not policy]
    named = (LeftOut(str(policy), reason) for policy in rest)
    return list(first.values()), SafePolicy((), "", tuple(named))


TARGETS: dict[str, Target] = {
    target.slug: target
    for target in (
        Target("value", "Header value", "as the value of the header", write_value),
        Target("headers", "Headers", "into whatever sends your headers", write_headers),
        Target("meta", "<meta>", "first in <head>", write_meta),
        Target("nginx", "nginx", "into the server block", write_nginx),
        Target("apache", "Apache", "into the virtual host or .htaccess (mod_headers)", write_apache),
        Target("caddy", "Caddy", "into the site block of the Caddyfile", write_caddy),
        Target("cloudflare", "Cloudflare", "into the file _headers", write_cloudflare),
        Target("django-csp", "django-csp 4", "into settings.py", write_django_csp),
        Target("django", "Django 6", "into settings.py", write_django),
        Target("helmet", "helmet", "into your Express application", write_helmet),
    )
}
