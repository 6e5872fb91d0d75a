"""`manage.py policy`: files in, lines out, exit codes a CI job can rely on."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

CASE = {"id": 1, "kind": "eval", "policy": "script-src 'self'", "directive": "script-src"}
REPORT = {"document_url": "https://shop.test/", "effective_directive": "img-src", "blocked": "https://cdn.test/a.png", "sample": ""}


def run(*arguments: str | Path) -> list[str]:
    out = io.StringIO()
    call_command("policy", *map(str, arguments), stdout=out)
    return out.getvalue().splitlines()


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_match(tmp_path: Path) -> None:
    [line] = run("match", written(tmp_path, "cases.jsonl", json.dumps(CASE)), "--profile", "chromium")
    assert json.loads(line) == {"id": 1, "verdict": "blocked", "reason": "keyword-missing", "item": ""}


def test_check_json_lines(tmp_path: Path) -> None:
    [line] = run("check", written(tmp_path, "policies.jsonl", '{"id": "x", "policy": "default-src *"}\n'))
    assert json.loads(line)["observatory"]["grade"] == "B+"


def test_check_fails_on_high_findings_and_passes_without(tmp_path: Path) -> None:
    loose = written(tmp_path, "loose.txt", "script-src *")
    with pytest.raises(CommandError, match="of severity HIGH or worse") as raised:
        run("check", "--fail-on", "high", loose)
    assert raised.value.returncode == 1
    strict = "default-src 'none'; script-src 'nonce-abcdefgh'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    assert run("check", "--fail-on", "high", written(tmp_path, "strict.txt", strict))[-1].startswith("Observatory: ")


def test_diff_replay_and_suggest(tmp_path: Path) -> None:
    old, new = written(tmp_path, "old", "img-src 'self'"), written(tmp_path, "new", 'add_header Content-Security-Policy "img-src https:";')
    reports = written(tmp_path, "reports.jsonl", json.dumps(REPORT))
    assert run("diff", old, new)[0] == "- img-src 'self'"
    assert json.loads(run("replay", new, reports)[-1]) == {"total": {"allowed": 1, "blocked": 0, "unknown": 0}}
    assert json.loads(run("suggest", old, reports)[0])["fixes"] == 1


def test_bad_input_is_one_line(tmp_path: Path) -> None:
    bad, no = written(tmp_path, "bad", "{"), written(tmp_path, "no", "hello")
    for arguments in (["match", tmp_path / "missing"], ["match", bad], ["check", no]):
        with pytest.raises(CommandError) as raised:
            run(*arguments)
        assert "\n" not in str(raised.value)
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CommandError, match="not UTF-8"):
        run("check", tmp_path / "binary")
