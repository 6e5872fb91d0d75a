"""Taking a text out of everything that is stored of reports (`manage.py erase`): an address, a name, what somebody asks to be forgotten.

Counts stay: what a facet counted is counted under "other". What people wrote themselves (rules, notes, confirmed policies) is theirs.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from django.db import connection, models, transaction
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from issues.models import Activity, Evidence, Facet, Issue, ObservedPolicy, RuleHit, Sample
from issues.upsert import upsert

BITE = 500
GONE = "(erased)"
_LENGTHS = {"title": 300, "source": 255, "grouped_by": 300, "reason": 500}
_ISSUE_WORDS = tuple(_LENGTHS)


def spellings(text: str) -> tuple[str, ...]:
    """As it stands, as JSON writes it, and as an address does."""
    escaped = json.dumps(text)[1:-1]
    plain = json.dumps(text, ensure_ascii=False)[1:-1]
    return tuple(dict.fromkeys((text, escaped, plain, plain.replace("/", "\\/"), quote(text, safe="/:"), quote(text, safe=""))))


@dataclass(frozen=True, slots=True)
class Place:
    """Rows that hold the text, and how one bite of them is rid of it."""

    name: str
    rows: QuerySet[models.Model]
    clean: Callable[[list[int]], None]


def places(text: str) -> Iterator[Place]:
    words = spellings(text)
    yield Place("samples", _holding(Sample, words, "page", "snippet", "received", "normalised"), partial(_delete, Sample))
    yield Place("evidence", _holding(Evidence, words, "blocked", "origin", "page", "source", "sample"), partial(_delete, Evidence))
    yield Place("facets", _holding(Facet, words, "value"), _fold_facets)
    yield Place("observed policies", _holding(ObservedPolicy, words, "text"), partial(_delete, ObservedPolicy))
    yield Place("rule examples", _holding(RuleHit, words, "example"), _empty_examples)
    yield Place("issues' words", _holding(Issue, words, *_ISSUE_WORDS, "until", "judged"), partial(_reword_issues, words))
    yield Place("history", _holding(Activity, words, "words", "before"), partial(_reword_history, words))


def count(text: str) -> dict[str, int]:
    return {place.name: place.rows.count() for place in places(text)}


def erase(text: str) -> dict[str, int]:
    """Rows changed or deleted, by place; in bites, so that recording goes on meanwhile."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete = ON")  # else the text stays in the file's free pages
    return {place.name: _erase_in(place) for place in places(text)}


def _erase_in(place: Place) -> int:
    done, last = 0, 0
    while ids := list(place.rows.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BITE]):
        with transaction.atomic():
            place.clean(ids)
        done, last = done + len(ids), ids[-1]
    return done


def _holding(model: type[models.Model], words: tuple[str, ...], *columns: str) -> QuerySet[models.Model]:
    """A JSON column is looked through as text: its keys, too."""
    wanted, casts = Q(), {}
    for name in columns:
        as_json = isinstance(model._meta.get_field(name), models.JSONField)
        column = f"{name}_text" if as_json else name
        if as_json:
            casts[column] = Cast(name, TextField())
        for word in words:
            wanted |= Q(**{f"{column}__icontains": word})
    return model._default_manager.annotate(**casts).filter(wanted)


def _delete(model: type[models.Model], ids: list[int]) -> None:
    model._default_manager.filter(pk__in=ids).delete()


def _fold_facets(ids: list[int]) -> None:
    rows = list(Facet.objects.select_for_update().filter(pk__in=ids).order_by("issue_id", "kind", "value"))
    sums: dict[tuple[int, str], int] = {}
    for row in rows:
        sums[row.issue_id, row.kind] = sums.get((row.issue_id, row.kind), 0) + row.reports
    upsert(
        Facet, ("issue_id", "kind", "value", "reports"), [(*key, "", reports) for key, reports in sums.items()],
        key=("issue_id", "kind", "value"), how={"reports": "add"},
    )  # fmt: skip
    _delete(Facet, ids)


def _empty_examples(ids: list[int]) -> None:
    RuleHit.objects.filter(pk__in=ids).update(example="")


def _reword_issues(words: tuple[str, ...], ids: list[int]) -> None:
    """What an ignored issue waits for may name pages; a page that is forgotten counts as new when it comes again."""
    rows = list(Issue.objects.select_for_update().filter(pk__in=ids).order_by("project_id", "key_version", "key"))
    for row in rows:
        for name in _ISSUE_WORDS:
            setattr(row, name, _without(words, getattr(row, name))[: _LENGTHS[name]])
        row.until, row.judged = _without_in(words, row.until), _without_in(words, row.judged)
    Issue.objects.bulk_update(rows, [*_ISSUE_WORDS, "until", "judged"], batch_size=200)


def _reword_history(words: tuple[str, ...], ids: list[int]) -> None:
    rows = list(Activity.objects.filter(pk__in=ids))
    for row in rows:
        row.words, row.before = _without(words, row.words)[:300], _without_in(words, row.before)
    Activity.objects.bulk_update(rows, ["words", "before"], batch_size=200)


def _without(words: tuple[str, ...], text: str) -> str:
    return re.sub("|".join(map(re.escape, words)), GONE, text, flags=re.IGNORECASE)


def _without_in(words: tuple[str, ...], value: object) -> object:
    if isinstance(value, str):
        return _without(words, value)
    if isinstance(value, dict):
        return {key: _without_in(words, held) for key, held in value.items()}
    return [_without_in(words, held) for held in value] if isinstance(value, list) else value
