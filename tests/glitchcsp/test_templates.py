"""No template may hold what our own policy refuses: inline style, inline script, handlers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted(
    path
    for folder in [*engines["django"].template_dirs]
    for path in Path(folder).rglob("*")
    if path.is_file() and path.is_relative_to(ROOT) and ".venv" not in path.parts
)
FORBIDDEN = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "a style element": re.compile(r"<style\b", re.I),
    "an inline script": re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*type=[\"']application/(ld\+)?json[\"'])", re.I),
    "a handler attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "a javascript: address": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
}
COMMENT = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.S)
TAG = re.compile(r"{%.*?%}|{{.*?}}", re.S)


def offences(markup: str) -> list[str]:
    plain = TAG.sub("x", COMMENT.sub("", markup))
    return [f"{name}: {found.group(0)[:80]}" for name, pattern in FORBIDDEN.items() for found in pattern.finditer(plain)]


def test_there_are_templates_to_walk():
    assert any(path.name == "base.html" for path in TEMPLATES)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_holds_nothing_inline(path):
    assert offences(path.read_text()) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<p style="color:red">',
        '<rect width="{{ w }}" style=x>',
        "<style>p{}</style>",
        "<script>alert(1)</script>",
        '<script type="module">x()</script>',
        '<a onclick="x()">',
        "<img src=x\n onerror=y>",
        '<a href="javascript:x()">',
    ],
)
def test_each_kind_is_found(markup):
    assert offences(markup)


def test_what_is_allowed_is_not_found():
    assert offences('<script type="module" src="{% static "js/app.js" %}"></script><script type="application/json">{}</script>') == []
