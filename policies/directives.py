"""The directive table: family, fallback chain, and each directive in plain English (CSP3, "Directives")."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DirectiveFacts:
    """What is known of one directive.

    `family` joins the spellings browsers use for one thing (`script-src-elem`, `script-src-attr` and
    `script-src` are all "script"); issues are grouped by it. `fallback` is CSP3's fallback list, itself first
    (section "Get fetch directive fallback list"). `thing` is the noun of an issue's title ("Script from ...").
    `words` says what the directive controls.
    """

    name: str
    family: str
    fallback: tuple[str, ...]
    thing: str
    words: str


def _facts(name: str, family: str, fallback: tuple[str, ...], thing: str, words: str) -> DirectiveFacts:
    return DirectiveFacts(name, family, (name, *fallback), thing, words)


_ALL = (
    _facts("default-src", "default", (), "Resource", "what every fetch directive that is missing falls back to"),
    _facts("script-src", "script", ("default-src",), "Script", "where scripts may come from, and whether eval may run"),
    _facts("script-src-elem", "script", ("script-src", "default-src"), "Script", "which <script> elements may run"),
    _facts("script-src-attr", "script", ("script-src", "default-src"), "Inline event handler", "whether onclick= and its like may run"),
    _facts("style-src", "style", ("default-src",), "Style", "where styles may come from"),
    _facts("style-src-elem", "style", ("style-src", "default-src"), "Style", "which <style> and stylesheet <link> elements apply"),
    _facts("style-src-attr", "style", ("style-src", "default-src"), "Style attribute", "whether style= attributes apply"),
    _facts("img-src", "img", ("default-src",), "Image", "where images and favicons may come from"),
    _facts("font-src", "font", ("default-src",), "Font", "where fonts may come from"),
    _facts("connect-src", "connect", ("default-src",), "Connection", "where fetch, XHR, WebSocket, EventSource and beacons may go"),
    _facts("media-src", "media", ("default-src",), "Media", "where audio, video and text tracks may come from"),
    _facts("object-src", "object", ("default-src",), "Plugin content", "what <object> and <embed> may load"),
    _facts("frame-src", "frame", ("child-src", "default-src"), "Frame", "what may be shown in a frame on your pages"),
    _facts("child-src", "frame", ("default-src",), "Frame", "frames and workers, where frame-src or worker-src is missing"),
    _facts("fenced-frame-src", "frame", ("frame-src", "child-src", "default-src"), "Fenced frame", "what may be shown in a fenced frame"),
    _facts("worker-src", "worker", ("child-src", "script-src", "default-src"), "Worker", "where workers may come from"),
    _facts("manifest-src", "manifest", ("default-src",), "Manifest", "where the web app manifest may come from"),
    _facts("prefetch-src", "prefetch", ("default-src",), "Prefetch", "what may be prefetched (gone from the specification)"),
    _facts("base-uri", "base", (), "Base address", "what <base href> may set"),
    _facts("form-action", "form", (), "Form", "where forms may be sent"),
    _facts("frame-ancestors", "ancestors", (), "Framing", "which sites may show your pages in a frame"),
    _facts("navigate-to", "navigate", (), "Navigation", "where pages may navigate (gone from the specification)"),
    _facts("sandbox", "sandbox", (), "Sandbox", "restrictions like those of <iframe sandbox>"),
    _facts("require-trusted-types-for", "trusted-types", (), "Trusted Types sink", "that strings may not reach dangerous DOM functions"),
    _facts("trusted-types", "trusted-types", (), "Trusted Types policy", "which Trusted Types policies may be made"),
    _facts("upgrade-insecure-requests", "upgrade", (), "Insecure request", "that http: addresses on your pages are fetched by https:"),
    _facts("block-all-mixed-content", "mixed", (), "Mixed content", "that http: content on https: pages is blocked (deprecated)"),
    _facts("require-sri-for", "sri", (), "Resource without integrity", "that scripts or styles need an integrity attribute (gone)"),
    _facts("plugin-types", "object", (), "Plugin content", "which plugin types may run (gone)"),
    _facts("report-uri", "reporting", (), "Report", "where violations are reported (older browsers)"),
    _facts("report-to", "reporting", (), "Report", "which Reporting-Endpoints name violations are reported to"),
    _facts("webrtc", "webrtc", (), "WebRTC connection", "whether WebRTC may be used"),
    _facts("referrer", "referrer", (), "Referrer", "gone: use the Referrer-Policy header"),
    _facts("reflected-xss", "reflected-xss", (), "Reflected script", "gone"),
    _facts("disown-opener", "disown-opener", (), "Opener", "gone"),
)

DIRECTIVES: dict[str, DirectiveFacts] = {facts.name: facts for facts in _ALL}


def facts_of(directive: str) -> DirectiveFacts:
    """The facts of a directive; an unknown name is a family of its own, so that no report is lost to it."""
    known = DIRECTIVES.get(directive)
    return known or DirectiveFacts(directive, directive or "unknown", (directive,), "Resource", "a directive this version does not know")


def family_of(directive: str) -> str:
    """`script` for script-src, script-src-elem and script-src-attr; and so on."""
    return facts_of(directive).family
