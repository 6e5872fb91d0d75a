"""The documents name only what exists: files, commands, make targets, paths of the API."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FILE = re.compile(r"`((?:[a-z_]+/)+[\w.]*|[A-Za-z_-]+\.(?:md|yaml|toml|in|lock))`")


def ids(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_links_lead_to_files(document):
    links = re.findall(r"\]\(([^)#:]+)\)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if path.name != "api.md"], ids=ids)
def test_files_and_folders_exist(document):
    """Paths from the root of the checkout; `data/` is made at the first start, and a bare module name is next to the one just named."""
    named = [name for name in FILE.findall(document.read_text()) if not name.startswith("data/")]
    assert [name for name in named if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=ids)
def test_commands_and_targets_exist(document):
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:`|^|\n)make ([a-z]+)", text)) <= targets
    assert set(re.findall(r"manage\.py ([a-z_]+)", text)) <= set(get_commands())


def test_the_apis_paths_are_those_of_the_table():
    table = re.findall(r"^\| (`.*?) \| (?:GET|POST|PUT|DELETE)", (ROOT / "docs/api.md").read_text(), re.M)
    paths = [path for cell in table for path in re.findall(r"`([\w/{}-]+/)`", cell)]
    assert len(paths) > 12
    for path in paths:
        filled = path.replace("{org}", "acme").replace("{project}", "shop").replace("{id}", "1").replace("{key}", "page")
        address = filled if filled.startswith("/api/0/") else f"/api/0/{filled}"
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"{path} leads nowhere")


def test_nothing_names_the_place_where_it_was_written():
    for document in DOCUMENTS:
        assert not re.search(r"/work/|/tmp/|/root/", document.read_text()), document


# Tables that hold numbers, settings and places in the buffer, and nothing that a visitor or member said or did.
NOT_ABOUT_PEOPLE = {
    "Organization", "Project", "Site", "ProjectKey", "Instance", "HourlyCount", "ProjectHour", "Position", "SpoolPosition", "IntakeCount",
    "Incident", "Told", "LabSettings",
}  # fmt: skip


def test_every_table_is_in_the_privacy_document():
    ours = {model.__name__ for model in apps.get_models() if model._meta.app_label in ("projects", "issues", "ingest", "alerts")}
    named = set(re.findall(r"`([A-Z]\w+)`", (ROOT / "docs/privacy.md").read_text()))
    assert ours - NOT_ABOUT_PEOPLE <= named, "say what it stores, why and for how long, in docs/privacy.md"
    assert not NOT_ABOUT_PEOPLE - ours
