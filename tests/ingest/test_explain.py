from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from issues.verdicts import RULES

DOCS = Path(__file__).parent.parent.parent / "docs" / "verdicts.md"
REPORT = {
    "document-uri": "https://shop.example/",
    "effective-directive": "font-src",
    "blocked-uri": "moz-extension",
    "disposition": "report",
}
ENTRY = {
    "type": "csp-violation",
    "age": 5,
    "body": {"documentURL": "https://blog.example/", "effectiveDirective": "img-src", "blockedURL": "https://x.io/a.png"},
}


def explained(text: str, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    out = io.StringIO()
    call_command("explain", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def line(body: object, **more: object) -> str:
    return (
        json.dumps({"content_type": "application/csp-report", "user_agent": "Mozilla/5.0 Firefox/143.0", "body": json.dumps(body), **more})
        + "\n"
    )


def test_one_line_for_each_report(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = explained(line({"csp-report": REPORT}) + "\n" + line([ENTRY, ENTRY], sites=["shop.example"]), monkeypatch)
    assert (first["verdict"], first["noise"], first["confidence"], first["rules"]) == ("extension", True, "certain", ["ext-scheme"])
    assert first["title"] == "Font from an extension would be blocked"
    assert (second["verdict"], second["directive"], second["source"]) == ("foreign", "img-src", "x.io")
    assert second["fingerprint"] == third["fingerprint"]
    assert set(first) >= {"directive", "source", "verdict", "noise", "confidence", "reason", "rules", "tags", "fingerprint", "title"}


def test_a_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "requests.jsonl"
    path.write_text(line({"csp-report": REPORT}))
    out = io.StringIO()
    call_command("explain", str(path), stdout=out)
    assert json.loads(out.getvalue())["verdict"] == "extension"


@pytest.mark.parametrize(
    "text, words",
    [
        ("{", "line 1: this is no JSON"),
        ("[]", "line 1: this is no JSON object"),
        ("{}", 'line 1: "body" is missing: the raw text of the request'),
        ('{"body": "x"}', "line 1: the body holds no report (not-json)"),
        ('{"body": "{}"}', "line 1: the body holds no report (not-a-report)"),
        (line({"csp-report": REPORT}, sites="shop.example"), 'line 1: "sites" is not a list of texts'),
        (line({"csp-report": REPORT}, user_agent=7), 'line 1: "user_agent" is not text'),
        (line({"csp-report": REPORT}) + "x", "line 2: this is no JSON"),
    ],
)
def test_bad_input_is_one_clear_line(text: str, words: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CommandError) as problem:
        explained(text, monkeypatch)
    assert str(problem.value) == words


def test_a_missing_file_is_one_clear_line() -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("explain", "/no/such/file")


def test_every_rule_is_explained_in_the_documentation() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert [rule for rule in RULES if f"| `{rule}` |" not in text] == []
