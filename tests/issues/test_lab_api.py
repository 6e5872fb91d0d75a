"""The Policy Lab through the API and `manage.py policy --project`."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command

from issues.lab_actions import confirm
from issues.models import Issue
from tests.api.calls import api
from tests.issues.lab_seed import POLICY, report

pytestmark = pytest.mark.django_db
BASE = "/api/0/projects/acme/shop/policy/"
JSON = "application/json"


@pytest.fixture
def seen(shop, owner):
    report(shop)
    Issue.objects.update(verdict="third-party", noise=False)
    confirm(shop, owner, text=POLICY, disposition="enforce")
    return shop


def test_what_is_confirmed_and_how_far_it_is(seen, viewer):
    answer = api(viewer).get(BASE).json()
    assert answer["confirmed"][0]["policy"] == POLICY
    assert answer["versions"][0]["confirmed"]
    assert answer["readiness"][0]["state"] == "enforced", "what came before it was confirmed does not break it"


@pytest.mark.parametrize(
    "path, body, key, expected",
    [
        ("check/", {"policy": "default-src 'none'"}, "observatory", {"modifier": 10, "score": 110, "grade": "A+"}),
        ("diff/", {"old": "img-src *", "new": "img-src"}, "lines", ["- img-src *", "tighter: img-src * (for img-src)"]),
        ("replay/", {"policy": POLICY}, "total", {"blocked": {"rows": 1, "reports": 12, "days": 3}}),
        ("suggest/", {"policy": POLICY, "issues": [1]}, "policy", POLICY.replace("-sample'", "-sample' https://cdn.widgets.example")),
    ],
)  # fmt: skip
def test_each_verb(seen, viewer, path, body, key, expected):
    answer = api(viewer).post(BASE + path, body, JSON).json()
    found = answer[key]
    assert found == expected if not isinstance(expected, dict) else expected.items() <= found.items()


def test_match(seen, viewer):
    case = {"id": 1, "kind": "eval", "policy": "script-src 'self'", "directive": "script-src"}
    (answer,) = api(viewer).post(BASE + "match/", {"cases": [case]}, JSON).json()
    assert (answer["id"], answer["verdict"]) == (1, "blocked")


@pytest.mark.parametrize("path", ["check/", "diff/", "replay/", "suggest/", "match/"])
def test_nonsense_is_refused_in_words_and_strangers_find_nothing(seen, viewer, stranger, path):
    assert api(viewer).post(BASE + path, {"cases": 3}, JSON).status_code == 400
    assert api(stranger).post(BASE + path, {}, JSON).status_code == 404


def command(*words: str) -> list[dict]:
    out = io.StringIO()
    call_command("policy", *words, stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_replay_and_suggest_on_a_project(seen, tmp_path):
    path = tmp_path / "policy.txt"
    path.write_text(POLICY)
    *issues, total = command("replay", str(path), "--project", "acme/shop")
    assert issues[0]["blocked"] == 12
    assert total["total"]["allowed"]["reports"] == 0
    assert "https://cdn.widgets.example" in command("suggest", str(path), "--project", "acme/shop")[-1]["policy"]
    with pytest.raises(CommandError, match="no project"):
        command("replay", str(path), "--project", "acme/none")
