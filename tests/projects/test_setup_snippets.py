"""Each server's snippet is complete, says the same policy, and reads back as what was meant with the target's own rules."""

from __future__ import annotations

import ast
import itertools
import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest
from csp.utils import build_policy

from policies.policy import parse_policy
from projects.setup import BY_SLUG, LEARN, SELF, SERVERS, Directives, Unwritable, Wish, blocks
from tests.services import free_port

HTTPS = "https://csp.example.com/api/3/security/?glitchtip_key=0123456789abcdef0123456789abcdef"
HTTP = HTTPS.replace("https://csp.example.com", "http://127.0.0.1:8000")
RICH: Directives = (*SELF, ("script-src", ("'self'", "'sha256-AbC+/09=='", "https://cdn.example/a%20b/")), ("img-src", ("*", "data:")))
CASES = list(itertools.product([server.slug for server in SERVERS], [HTTPS, HTTP], [False, True]))


def text_of(slug: str, wish: Wish) -> str:
    return "\n".join(block.code for block in blocks(BY_SLUG[slug], wish))


@pytest.mark.parametrize("slug, endpoint, enforce", CASES)
def test_every_snippet_is_complete(slug: str, endpoint: str, enforce: bool) -> None:
    text = text_of(slug, Wish(RICH, endpoint, enforce))
    if slug == "django" and enforce:
        assert text == "CSP_REPORT_ONLY=false"
        return
    assert endpoint in text
    assert ("Reporting-Endpoints" in text) == ("report-to" in text or "reportTo" in text) == endpoint.startswith("https://")


@pytest.mark.parametrize("directives, endpoint", itertools.product([SELF, LEARN, RICH], [HTTPS, HTTP]))
def test_the_policy_reads_back(directives: Directives, endpoint: str) -> None:
    wish = Wish(directives, endpoint, enforce=False)
    policy = parse_policy(wish.policy)
    assert tuple((directive.name, directive.values) for directive in policy.directives) == wish.complete
    assert not policy.ignored


def headers_of(slug: str, wish: Wish) -> dict[str, str]:
    """The headers that the target would send, read by the target's own grammar as far as Python has it."""
    text = text_of(slug, wish)
    if slug == "nginx":
        return {words[1]: words[2] for words in (shlex.split(line.rstrip(";")) for line in text.splitlines())}
    if slug == "apache":
        return {words[3]: words[4].replace("%%", "%") for words in map(shlex.split, text.splitlines())}
    if slug == "caddy":
        lines = [line.strip().split(" ", 1) for line in text.splitlines()[1:-1]]
        return {name: value.strip("`") if value.startswith("`") else ast.literal_eval(value) for name, value in lines}
    if slug == "next":
        return {
            entry["key"]: entry["value"]
            for entry in (
                json.loads(re.sub(r"(key|value): ", r'"\1": ', line.strip().rstrip(","))) for line in text.splitlines() if "key:" in line
            )
        }
    if slug == "cloudflare":
        codes = [block.code for block in blocks(BY_SLUG[slug], wish)]
        return dict(zip(codes[::2], codes[1::2], strict=True))
    return dict(line.split(": ", 1) for line in text.splitlines())


@pytest.mark.parametrize("slug", ["nginx", "apache", "caddy", "next", "cloudflare", "other"])
@pytest.mark.parametrize("endpoint", [HTTPS, HTTP])
@pytest.mark.parametrize("enforce", [False, True])
def test_headers_read_back(slug: str, endpoint: str, enforce: bool) -> None:
    wish = Wish(RICH, endpoint, enforce)
    assert headers_of(slug, wish) == dict(wish.headers)


@pytest.mark.parametrize("endpoint", [HTTPS, HTTP])
@pytest.mark.parametrize("report_only", [True, False])
def test_the_django_settings_run_and_follow_the_environment(endpoint: str, report_only: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CSP_REPORT_ONLY", str(report_only))
    monkeypatch.setenv("CSP_IMG_SRC", "'self',https://pictures.example")
    code = {block.where: block.code for block in blocks(BY_SLUG["django"], Wish(RICH, endpoint, enforce=False))}
    settings: dict[str, object] = {"INSTALLED_APPS": [], "MIDDLEWARE": []}
    exec(code["settings.py"], settings)
    name = "CONTENT_SECURITY_POLICY_REPORT_ONLY" if report_only else "CONTENT_SECURITY_POLICY"
    sent = build_policy(config=settings[name]["DIRECTIVES"])  # type: ignore[index]
    wanted = tuple((key, ("'self'", "https://pictures.example") if key == "img-src" else values) for key, values in RICH)
    assert parse_policy(sent).by_name == parse_policy(Wish(wanted, endpoint, enforce=False).policy).by_name
    assert ("yourproject/reporting.py" in code) == endpoint.startswith("https://")


def test_the_django_middleware_sets_the_header() -> None:
    code = {block.where: block.code for block in blocks(BY_SLUG["django"], Wish(SELF, HTTPS, enforce=False))}
    module: dict[str, object] = {}
    exec(code["yourproject/reporting.py"], module)
    answer = module["reporting_endpoints"](lambda request: {})(None)  # type: ignore[operator]
    assert answer == {"Reporting-Endpoints": f'csp="{HTTPS}"'}


HOSTILE = ["always;}location/x{return/200", 'a"b', "a b", "a\nb", "ü", "a;b", "a,b", ""]


@pytest.mark.parametrize("slug, value", itertools.product([server.slug for server in SERVERS], HOSTILE))
def test_what_is_no_value_is_not_written(slug: str, value: str) -> None:
    """`"` is no character of a source, yet a header can carry it: then it is quoted, and reads back."""
    wish = Wish((("default-src", (value,)),), HTTPS, enforce=False)
    if value == 'a"b':
        assert slug not in ("nginx", "apache", "other") or headers_of(slug, wish) == dict(wish.headers)
        return
    with pytest.raises(Unwritable):
        blocks(BY_SLUG[slug], wish)


@pytest.mark.parametrize("slug, value", [("nginx", "https://$host"), ("apache", "${HOME}"), ("caddy", "{env.SECRET}"), ("caddy", "`")])
def test_variables_of_the_server_are_not_written(slug: str, value: str) -> None:
    with pytest.raises(Unwritable):
        blocks(BY_SLUG[slug], Wish((("img-src", (value,)),), HTTPS, enforce=False))


@pytest.mark.parametrize("slug", ["express", "next"])
def test_javascript_parses(slug: str, tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not on this machine")
    for number, block in enumerate(blocks(BY_SLUG[slug], Wish(RICH, HTTPS, enforce=False))):
        file = tmp_path / f"{number}.js"
        file.write_text(block.code)
        subprocess.run([node, "--check", str(file)], check=True, timeout=30)


def test_rails_writes_no_interpolation() -> None:
    text = text_of("rails", Wish((("img-src", ("#{x}",)),), HTTPS, enforce=False))
    assert r"\#{x}" in text


@pytest.mark.parametrize("endpoint", [HTTPS, HTTP])
def test_nginx_accepts_it(endpoint: str, tmp_path: Path) -> None:
    nginx = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if nginx is None:
        pytest.skip("nginx is not on this machine")
    server = text_of("nginx", Wish(RICH, endpoint, enforce=False))
    config = tmp_path / "nginx.conf"
    logs = f"pid {tmp_path}/pid; error_log stderr;"
    config.write_text(f"{logs} events {{}} http {{ access_log off; server {{ listen 127.0.0.1:{free_port()}; {server} }} }}")
    checked = subprocess.run([nginx, "-t", "-q", "-p", str(tmp_path), "-c", str(config)], capture_output=True, text=True, timeout=30)
    assert checked.returncode == 0, checked.stderr
