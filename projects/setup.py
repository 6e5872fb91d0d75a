"""Ready configuration for each server: this project's endpoint in a policy, quoted as that server reads it. Pure.

Each comes twice, report-only first. report-uri is always sent; report-to and its Reporting-Endpoints only for an https
endpoint: browsers ignore an http one there, and those that know report-to then ignore report-uri too and send nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

GROUP = "csp"
REPORT_ONLY, ENFORCE = "Content-Security-Policy-Report-Only", "Content-Security-Policy"

Directives = tuple[tuple[str, tuple[str, ...]], ...]
"""Names and values of a policy in order, without where it reports to."""

SELF: Directives = (("default-src", ("'self'",)), ("object-src", ("'none'",)), ("base-uri", ("'self'",)))
LEARN: Directives = (("default-src", ("'none'",)),)

# RFC 9110 field text without the two characters that end a directive or a policy (CSP3 2.2.1, "directive-value").
_VALUE = re.compile(r"[!-+\--:<-~]+")
_NAME = re.compile(r"[a-z][a-z0-9-]*")


class Unwritable(ValueError):
    """A value that this server's configuration can't hold as text; nothing is written rather than something else."""


@dataclass(frozen=True, slots=True)
class Block:
    """One piece to copy: where it goes, and what."""

    where: str
    code: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be sent."""

    directives: Directives
    endpoint: str
    enforce: bool

    @property
    def https(self) -> bool:
        return self.endpoint.startswith("https://")

    @property
    def header(self) -> str:
        return ENFORCE if self.enforce else REPORT_ONLY

    @property
    def complete(self) -> Directives:
        reporting: Directives = (("report-uri", (self.endpoint,)),)
        return self.directives + reporting + ((("report-to", (GROUP,)),) if self.https else ())

    @property
    def policy(self) -> str:
        return "; ".join(" ".join((name, *values)) for name, values in self.complete)

    @property
    def reporting_endpoints(self) -> str:
        return f'{GROUP}="{self.endpoint}"' if self.https else ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        named = [("Reporting-Endpoints", self.reporting_endpoints)] if self.https else []
        return [*named, (self.header, self.policy)]


@dataclass(frozen=True, slots=True)
class Server:
    """`note` says only what bites."""

    slug: str
    name: str
    write: Callable[[Wish], list[Block]]
    note: str = ""


def blocks(server: Server, wish: Wish) -> list[Block]:
    """Raises Unwritable for a policy that is no policy or that this server can't express."""
    for name, values in wish.complete:
        bad = [value for value in values if not _VALUE.fullmatch(value)]
        if bad or not _NAME.fullmatch(name):
            raise Unwritable(f"{name} holds something that no header can carry.")
    return server.write(wish)


def _nginx(wish: Wish) -> list[Block]:
    if "$" in wish.policy + wish.endpoint:
        raise Unwritable("nginx reads $ as the start of a variable, and has no way to write one as it is.")
    lines = [f"add_header {name} {_nginx_quoted(value)} always;" for name, value in wish.headers]
    return [Block("in the server block", "\n".join(lines))]


def _nginx_quoted(value: str) -> str:
    mark = "'" if '"' in value and "'" not in value else '"'
    return mark + value.replace("\\", "\\\\").replace(mark, "\\" + mark) + mark


def _apache(wish: Wish) -> list[Block]:
    if "${" in wish.policy:
        raise Unwritable("Apache reads ${ as the start of a variable.")
    lines = [f"Header always set {name} {_double(value.replace('%', '%%'))}" for name, value in wish.headers]
    return [Block("in the VirtualHost or .htaccess", "\n".join(lines))]


def _caddy(wish: Wish) -> list[Block]:
    if set("{}`") & set(wish.policy):
        raise Unwritable("Caddy reads { } as placeholders.")
    lines = [f"\t{name} {'`' + value + '`' if chr(34) in value else _double(value)}" for name, value in wish.headers]
    return [Block("in the site block of the Caddyfile", "header {\n" + "\n".join(lines) + "\n}")]


def _double(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _django(wish: Wish) -> list[Block]:
    """One block serves both modes: enforcing is an environment variable, as is every directive."""
    if wish.enforce:
        return [Block("in the environment, then restart", "CSP_REPORT_ONLY=false")]
    entries = [f"    {name!r}: env.list({_variable(name)!r}, default={list(values)!r})," for name, values in wish.complete]
    middleware = ['MIDDLEWARE += ["csp.middleware.CSPMiddleware"]']
    if wish.https:
        middleware = ['MIDDLEWARE += ["csp.middleware.CSPMiddleware", "yourproject.reporting.reporting_endpoints"]']
    settings = [
        "import environ",
        "",
        "env = environ.Env()",
        'INSTALLED_APPS += ["csp"]',
        *middleware,
        "",
        "# Each directive can be replaced in the environment, without a deploy:",
        "#   CSP_SCRIPT_SRC=\"'self',https://cdn.example.com\"",
        'policy = {"DIRECTIVES": {',
        *entries,
        "}}",
        'if env.bool("CSP_REPORT_ONLY", default=True):',
        "    CONTENT_SECURITY_POLICY_REPORT_ONLY = policy",
        "else:",
        "    CONTENT_SECURITY_POLICY = policy",
    ]
    install = Block("in a terminal", 'pip install "django-csp>=4" django-environ')
    made = [install, Block("settings.py", "\n".join(settings))]
    return [*made, Block("yourproject/reporting.py", _django_middleware(wish))] if wish.https else made


def _django_middleware(wish: Wish) -> str:
    return "\n".join([
        "def reporting_endpoints(get_response):",
        "    def middleware(request):",
        "        response = get_response(request)",
        f'        response["Reporting-Endpoints"] = {wish.reporting_endpoints!r}',
        "        return response",
        "    return middleware",
    ])  # fmt: skip


def _variable(name: str) -> str:
    return "CSP_" + name.upper().replace("-", "_")


def _express(wish: Wish) -> list[Block]:
    directives = [f"    {_camel(name)}: {json.dumps(list(values))}," for name, values in wish.complete]
    helmet = [
        "app.use(helmet.contentSecurityPolicy({",
        "  useDefaults: false,",
        f"  reportOnly: {json.dumps(not wish.enforce)},",
        "  directives: {",
        *directives,
        "  },",
        "}));",
    ]
    if wish.https:
        helmet = [
            "app.use((req, res, next) => {",
            f'  res.set("Reporting-Endpoints", {json.dumps(wish.reporting_endpoints)});',
            "  next();",
            "});",
            *helmet,
        ]
    plain = [
        "app.use((req, res, next) => {",
        *(f"  res.set({json.dumps(name)}, {json.dumps(value)});" for name, value in wish.headers),
        "  next();",
        "});",
    ]
    return [Block("with helmet", "\n".join(helmet)), Block("or without a library", "\n".join(plain))]


def _camel(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _rails(wish: Wish) -> list[Block]:
    lines = [f"  policy.directives[{_ruby(name)}] = [{', '.join(map(_ruby, values))}]" for name, values in wish.complete]
    code = ["Rails.application.config.content_security_policy do |policy|", *lines, "end"]
    code.append(f"Rails.application.config.content_security_policy_report_only = {json.dumps(not wish.enforce)}")
    if wish.https:
        code.append(f'Rails.application.config.action_dispatch.default_headers["Reporting-Endpoints"] = {_ruby(wish.reporting_endpoints)}')
    return [Block("config/initializers/content_security_policy.rb", "\n".join(code))]


def _ruby(text: str) -> str:
    return json.dumps(text).replace("#", "\\#")


def _next(wish: Wish) -> list[Block]:
    lines = [f"        {{ key: {json.dumps(name)}, value: {json.dumps(value)} }}," for name, value in wish.headers]
    code = [
        "module.exports = {",
        "  async headers() {",
        "    return [{",
        '      source: "/(.*)",',
        "      headers: [",
        *lines,
        "      ],",
        "    }];",
        "  },",
        "};",
    ]
    return [Block("next.config.js", "\n".join(code))]


def _cloudflare(wish: Wish) -> list[Block]:
    where = "Rules › Transform Rules › Modify Response Header › Set static"
    return [block for name, value in wish.headers for block in (Block(f"{where}: header name", name), Block(f"{name}: value", value))]


def _other(wish: Wish) -> list[Block]:
    return [Block("send with every page", "\n".join(f"{name}: {value}" for name, value in wish.headers))]


SERVERS: tuple[Server, ...] = (
    Server(
        "nginx",
        "nginx",
        _nginx,
        "A location with an add_header of its own inherits none of these: repeat them there. always sends them with error pages too.",
    ),
    Server("apache", "Apache", _apache, "Needs mod_headers: a2enmod headers."),
    Server("caddy", "Caddy", _caddy),
    Server(
        "django",
        "Django",
        _django,
        "django-csp 4 sends no Reporting-Endpoints of its own, so a small middleware comes along where it helps.",
    ),
    Server(
        "express",
        "Express",
        _express,
        "helmet sends an enforced policy of its own unless reportOnly is set: keep one of the two, not both.",
    ),
    Server("rails", "Rails", _rails, "Restart the server: initializers are read once."),
    Server("next", "Next.js", _next, "Inline scripts of Next.js need a nonce before you enforce; report-only shows each of them."),
    Server("cloudflare", "Cloudflare", _cloudflare, "A rule with expression true covers every page of the zone."),
    Server("other", "Other", _other),
)
BY_SLUG = {server.slug: server for server in SERVERS}
