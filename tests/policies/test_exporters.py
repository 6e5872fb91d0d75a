"""policies.exporters: whatever a policy holds, what is written is what was meant, and the rest is named."""

from __future__ import annotations

import ast
import html
import json
import os
import re
import shutil
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.directives import DIRECTIVES
from policies.exporters import TARGETS, Exported, export
from policies.exporters.safe import make_safe
from policies.importers import read_pasted
from policies.policy import Policy, PolicyList, parse_header, parse_policy

FORGED = "script-src 'self' \"always;}location/x{return/200; img-src *"

NASTY = """'self' 'none' "always;}location/x{return/200 $request_uri ${IFS} %{QUERY_STRING}e %00 %20 :splat /:splat * https: data:
https://a.example/$x https://a.example/%2e/ https://a.example:8443/:splat/ http://*.b.example '{{7*7}}' ');alert(1)// `id` \\" \\
'nonce-abcdefgh' 'nonce-"x"' 'sha256-abc=' 'unsafe-inline' 'strict-dynamic' </script><script> "> {env.HOME} {$HOME} #comment
'self'always allow-scripts 'script' 'allow-duplicates' /csp?a=$b&c=d https://r.example/csp 'x\\'y' a'b \u202e \u00e9 //x \x00""".split()

word = st.sampled_from(NASTY) | st.text("'\";{}$%\\`<>()#:/*.,a0?&=-\n\r\t \x00\x0bé", min_size=1, max_size=12)
name = st.sampled_from([*DIRECTIVES, "x}y", "add_header", "__proto__", '"', "script-src\\"]) | st.text("abc-\"'}{$", min_size=1, max_size=8)
directive = st.builds(lambda first, words: " ".join([first, *words]), name, st.lists(word, max_size=6))
hostile = st.builds(
    lambda texts, report: PolicyList(tuple(parse_policy(text, disposition="report" if report else "enforce") for text in texts)),
    st.lists(st.lists(directive, min_size=1, max_size=6).map("; ".join), min_size=1, max_size=3),
    st.booleans(),
)
SLOW = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))


def program(name: str) -> str:
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if path:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(f"{name} must be there in CI")
    pytest.skip(f"{name} is not installed")


def expected(policies: PolicyList, *, nonce: str = "'nonce-{NONCE}'") -> list[str]:
    safe = [make_safe(policy) for policy in policies]
    return [str(policy).replace("'nonce-{NONCE}'", nonce) for policy in safe if policy.directives]


@pytest.mark.parametrize("target", TARGETS)
def test_forged_policy_is_written_without_its_poison_and_the_poison_is_named(target: str) -> None:
    exported = export(parse_header(FORGED), target)
    assert "location" not in exported.text
    assert "script-src" in exported.text
    assert "img-src" in exported.text
    assert {item.text for item in exported.left_out} >= {'"always', "}location/x{return/200"}
    assert not exported.complete


@given(hostile)
@settings(deadline=None)
def test_no_character_with_a_meaning_of_its_own_gets_through(policies: PolicyList) -> None:
    for target in ("value", "headers", "cloudflare"):
        text = export(policies, target).text
        assert re.fullmatch(r"[A-Za-z0-9\-._~!$&'()*+=:@/%#?;, \n]*", text.replace("{NONCE}", "")), (target, text)


@given(hostile)
@settings(deadline=None)
def test_headers_are_read_back_word_for_word(policies: PolicyList) -> None:
    exported = export(policies, "headers")
    lines = exported.text.splitlines()
    assert [line.split(": ", 1)[1] for line in lines] == expected(policies)
    for line, text in zip(lines, expected(policies), strict=True):
        assert str(parse_policy(line.split(": ", 1)[1])) == text


@given(hostile)
@settings(deadline=None)
def test_python_settings_are_literals_and_say_the_same(policies: PolicyList) -> None:
    for target in ("django-csp", "django"):
        text = re.sub(r"\b(?:CSP\.)?NONCE\b(?=[,\]])", "\"'nonce-{NONCE}'\"", export(policies, target).text)
        for statement in ast.parse(text).body:
            if isinstance(statement, ast.ImportFrom):
                continue
            assert isinstance(statement, ast.Assign)
            value = ast.literal_eval(statement.value)
            directives = value["DIRECTIVES"] if target == "django-csp" else value
            wanted = make_safe(policies.policies[0] if policies.policies[0].directives else policies.policies[-1])
            for name, words in directives.items():
                assert name in DIRECTIVES
                assert words in (True, None) or all(isinstance(item, str) for item in words)
            assert wanted.disposition in ("enforce", "report")


@given(hostile)
@settings(deadline=None)
def test_meta_attribute_holds_the_policy_and_nothing_else(policies: PolicyList) -> None:
    text = export(policies, "meta").text
    for line in text.splitlines():
        match = re.fullmatch(r'<meta http-equiv="Content-Security-Policy" content="([^"<>]*)">', line)
        assert match
        kept = parse_policy(html.unescape(match[1]), delivery="meta")
        assert not kept.ignored


@given(hostile)
@SLOW
def test_nginx_accepts_it_and_reads_what_was_meant(tmp_path_factory: pytest.TempPathFactory, policies: PolicyList) -> None:
    nginx = program("nginx")
    text = export(policies, "nginx").text
    folder = tmp_path_factory.mktemp("nginx")
    configuration = folder / "nginx.conf"
    configuration.write_text(
        f"pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; server {{ listen 127.0.0.1:18099;\n{text}\n}} }}"
    )
    command = [nginx, "-t", "-p", str(folder), "-c", str(configuration)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert "syntax is ok" in done.stderr, (text, done.stderr)
    assert text.count("add_header") == len([line for line in text.splitlines() if line])
    assert set(re.findall(r"\$\w+", text)) <= {"$request_id"}


@given(hostile)
@SLOW
def test_node_reads_what_was_meant(tmp_path_factory: pytest.TempPathFactory, policies: PolicyList) -> None:
    node = program("node")
    script = tmp_path_factory.mktemp("helmet") / "app.js"
    text = export(policies, "helmet").text
    script.write_text(text)
    subprocess.run([node, "--check", str(script)], check=True, capture_output=True, timeout=20)
    script.write_text(
        "const sent = []; const app = {use: (value) => sent.push(value)};"
        "const helmet = {contentSecurityPolicy: (options) => options};"
        "helmet.contentSecurityPolicy.dangerouslyDisableDefaultSrc = 'NO DEFAULT';\n"
        f"{text}\nconsole.log(JSON.stringify(sent, (key, value) => typeof value === 'function' ? \"'nonce-{{NONCE}}'\" : value));"
    )
    sent = json.loads(subprocess.run([node, str(script)], check=True, capture_output=True, text=True, timeout=20).stdout)
    texts = [
        "; ".join(" ".join([name, *words]) for name, words in options["directives"].items() if words != "NO DEFAULT") for options in sent
    ]
    assert texts == expected(policies)[:1]


@given(hostile)
@settings(deadline=None)
def test_what_we_write_we_read_back(policies: PolicyList) -> None:
    for target in ("nginx", "apache", "caddy", "cloudflare", "helmet", "headers"):
        exported = export(policies, target)
        if "'nonce-" in str(policies).lower() or not exported.text:
            continue
        read = read_pasted(exported.text)
        assert read.format == target
        wanted = [text.replace("$", "%24") for text in expected(policies)]
        got = [str(policy).replace("$", "%24") for policy in read.policies]
        if not exported.left_out:
            assert got == wanted


def exported_from(text: str, target: str) -> Exported:
    return export(parse_header(text), target)


def test_nonce_is_never_copied_and_never_lost_silently() -> None:
    text = "script-src 'nonce-R4nd0mR4nd0m' 'unsafe-inline' 'strict-dynamic' https:"
    for target in TARGETS:
        exported = exported_from(text, target)
        assert "R4nd0m" not in exported.text
        assert exported.notes or exported.left_out
    assert "'nonce-$request_id'" in exported_from(text, "nginx").text
    assert "NONCE" in exported_from(text, "django-csp").text


@pytest.mark.parametrize("target", ["apache", "meta", "cloudflare"])
def test_unsafe_inline_goes_with_the_nonce_that_held_it_down(target: str) -> None:
    exported = exported_from("script-src 'nonce-R4nd0mR4nd0m' 'unsafe-inline'; style-src 'unsafe-inline'", target)
    assert "script-src 'none'" in exported.text
    assert "style-src 'unsafe-inline'" in exported.text


def test_a_list_that_lost_all_its_words_allows_nothing() -> None:
    assert exported_from("script-src \"bad", "value").text == "script-src 'none'"
    assert exported_from("report-uri javascript:alert(1); img-src 'self'", "value").text == "img-src 'self'"


def test_meta_says_what_it_cannot_do() -> None:
    exported = exported_from("frame-ancestors 'none'; sandbox; report-uri /x; img-src 'self'", "meta")
    assert exported.text == '<meta http-equiv="Content-Security-Policy" content="img-src \'self\'">'
    assert {item.text for item in exported.left_out} == {"frame-ancestors 'none'", "sandbox", "report-uri /x"}
    report_only = export([parse_policy("img-src 'self'", disposition="report")], "meta")
    assert (report_only.text, report_only.complete) == ("", False)


def test_dollar_in_a_path_becomes_its_escape_for_nginx() -> None:
    exported = exported_from("img-src https://a.example/$x/; report-uri /csp?a=$b", "nginx")
    assert 'img-src https://a.example/%24x/" always;' in exported.text
    assert [item.text for item in exported.left_out] == ["/csp?a=$b"]


def test_percent_is_doubled_for_apache() -> None:
    assert "/%%20/" in exported_from("img-src https://a.example/%20/", "apache").text


def test_several_policies_and_report_only() -> None:
    policies = [parse_policy("img-src 'self'"), parse_policy("img-src https:"), parse_policy("img-src *", disposition="report")]
    assert export(policies, "apache").text.splitlines() == [
        "Header always set Content-Security-Policy \"img-src 'self'\"",
        'Header always add Content-Security-Policy "img-src https:"',
        'Header always set Content-Security-Policy-Report-Only "img-src *"',
    ]
    assert export(policies, "caddy").text.count("\n\t+Content-Security-Policy ") == 1
    assert [item.text for item in export(policies, "django-csp").left_out] == ["img-src https:"]
    assert "CONTENT_SECURITY_POLICY_REPORT_ONLY" in export(policies, "django-csp").text
    assert "reportOnly: true" in export(policies, "helmet").text


def test_django_csp_keeps_its_default_out_and_names_what_it_would_drop() -> None:
    exported = exported_from("img-src 'self'; fenced-frame-src https:", "django-csp")
    assert '"default-src": None' in exported.text
    assert [item.text for item in exported.left_out] == ["fenced-frame-src https:"]


def test_cloudflare_warns_of_long_lines() -> None:
    assert exported_from("img-src " + " ".join(f"https://host{i}.example" for i in range(200)), "cloudflare").notes


def test_nothing_to_write_is_said() -> None:
    assert export([Policy()], "nginx").text == ""
    assert export([parse_policy("bogus x")], "nginx").left_out[0].text == "bogus x"
