"""Keyset paging as GlitchTip and Sentry clients follow it: a Link header with rel="previous" and rel="next"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

MOST = 100
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row that a page starts after (or, going back, ends before)."""

    id: int
    back: bool = False

    def __str__(self) -> str:
        return f"0:{self.id}:{int(self.back)}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for the first page, which clients also ask for with Sentry's `0:0:0`."""
        if text in ("", "0:0:0"):
            return None
        found = re.fullmatch(r"0:(\d{1,18}):([01])", text)
        if not found:
            raise ValidationError({"detail": "This cursor was not made here; take it from the Link header."})
        return cls(int(found[1]), found[2] == "1")


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    previous: Cursor
    next: Cursor
    has_previous: bool
    has_next: bool


class AnyPage(Protocol):
    """What the Link header needs of a page. A cursor is given at the ends too: it leads to an empty page, not round again."""

    @property
    def previous(self) -> object: ...
    @property
    def next(self) -> object: ...
    @property
    def has_previous(self) -> bool: ...
    @property
    def has_next(self) -> bool: ...


def limit_of(request: Request, usual: int = MOST) -> int:
    text = request.query_params.get("limit") or request.query_params.get("per_page") or str(usual)
    if not (text.isascii() and text.isdigit()) or int(text[:9]) == 0:
        raise ValidationError({"detail": f"limit is a number from 1 to {MOST}."})
    return min(int(text[:9]), MOST)


def page_of(queryset: QuerySet[Row], cursor: Cursor | None, limit: int) -> Page[Row]:
    """One page, oldest row first."""
    back = cursor is not None and cursor.back
    if cursor is not None:
        queryset = queryset.filter(id__lt=cursor.id) if back else queryset.filter(id__gt=cursor.id)
    rows = list(queryset.order_by("-id" if back else "id")[: limit + 1])
    more, rows = len(rows) > limit, rows[:limit]
    if back:
        rows.reverse()
    first = Cursor(rows[0].pk, back=True) if rows else Cursor(0, back=True)
    last = Cursor(rows[-1].pk) if rows else cursor or Cursor(0)
    return Page(rows, first, last, has_previous=more if back else cursor is not None and bool(rows), has_next=bool(rows) if back else more)


def linked(request: Request, page: AnyPage, body: Any) -> Response:
    response = Response(body)
    links = ((page.previous, "previous", page.has_previous), (page.next, "next", page.has_next))
    response["Link"] = ", ".join(_link(request, str(cursor), rel, results) for cursor, rel, results in links)
    return response


def _link(request: Request, cursor: str, rel: str, results: bool) -> str:
    query = [(name, value) for name, values in request.query_params.lists() for value in values if name != "cursor"]
    address = f"{settings.PUBLIC_URL}{request.path}?{urlencode([*query, ('cursor', cursor)])}"
    return f'<{address}>; rel="{rel}"; results="{str(results).lower()}"; cursor="{cursor}"'
