"""What each term of a search means to the database."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q

from issues.models import Evidence, Facet
from issues.search import Term, age_of

NEW = timedelta(hours=24)
FACETS = {"page": "page", "browser": "browser", "os": "os", "environment": "environment", "release": "release"}
LOOKUPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "=": "exact"}


def conditions_of(terms: list[Term], now: datetime) -> Q:
    """Terms of one key widen, different keys narrow; words, comparisons and negations always narrow."""
    whole, widening = Q(), dict[str, list[Q]]()
    for term in terms:
        condition = condition_of(term, now)
        if term.negated:
            whole &= ~condition
        elif term.op or not term.key or term.key == "is":
            whole &= condition
        else:
            widening.setdefault(term.key, []).append(condition)
    for conditions in widening.values():
        whole &= reduce(or_, conditions)
    return whole


def condition_of(term: Term, now: datetime) -> Q:
    return _BY_KEY[term.key](term, now)


def _is(term: Term, now: datetime) -> Q:
    if term.value == "new":
        return Q(first_seen__gte=now - NEW)
    if term.value == "suspect":
        return Q(suspect__gt=0)
    return Q(**{term.value: True})  # regressed, breaking, test


def _directive(term: Term, now: datetime) -> Q:
    return Q(directive__startswith=term.value) | Q(family=term.value)


def _host(term: Term, now: datetime) -> Q:
    if "*" in term.value:
        return Q(source__iregex=f"^([a-z]+://)?{_pattern(term.value)}(:[0-9]+)?$")
    # The source of an issue names the scheme where it is not https, and the port where it is not the usual one.
    named = [scheme + term.value for scheme in ("", "http://", "ws://", "wss://")]
    return Q(source__in=named) | Q(source__gt=f"{term.value}:", source__lt=f"{term.value};")


def _pattern(text: str) -> str:
    return ".*".join(re.escape(part) for part in text.split("*")[:4])


def _facet(term: Term, now: datetime) -> Q:
    values = Facet.objects.filter(issue=OuterRef("pk"), kind=FACETS[term.key])
    if "*" in term.value:
        return Q(Exists(values.filter(value__iregex=_pattern(term.value))))
    if term.key == "page":
        return Q(Exists(values.filter(value__contains=term.value)))
    return Q(Exists(values.filter(value__icontains=term.value)))


def _mode(term: Term, now: datetime) -> Q:
    return Q(enforced__gt=0) if term.value == "enforce" else Q(reports__gt=F("enforced") + F("unsaid"))


def _number(term: Term, now: datetime) -> Q:
    return Q(**{f"{term.key}__{LOOKUPS[term.op]}": int(term.value)})


def _age(term: Term, now: datetime) -> Q:
    """`first:<7d` is less than seven days ago, so later than then."""
    turned = {"<": "gt", "<=": "gte", ">": "lt", ">=": "lte"}[term.op]
    return Q(**{f"{term.key}_seen__{turned}": now - age_of(term.value)})


def _word(term: Term, now: datetime) -> Q:
    """Noise is named after who did it ("an extension"), so there the addresses that were blocked are looked at too."""
    blocked = Evidence.objects.filter(issue=OuterRef("pk"), blocked__icontains=term.value)
    return Q(title__icontains=term.value) | Q(source__icontains=term.value) | (Q(noise__in=(True,)) & Q(Exists(blocked)))


_BY_KEY: dict[str, Callable[[Term, datetime], Q]] = {
    "": _word, "is": _is, "directive": _directive, "host": _host, "mode": _mode, "reports": _number, "pages": _number, "first": _age,
    "last": _age, "verdict": lambda term, now: Q(verdict=term.value), "tag": lambda term, now: Q(tags__icontains=f'"{term.value}"'),
    "rule": lambda term, now: Q(rules__icontains=f'"{term.value}"'),
    **dict.fromkeys(FACETS, _facet),
}  # fmt: skip
