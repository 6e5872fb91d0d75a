"""Keyset paging as GlitchTip and Sentry clients follow it: a Link header with rel="previous" and rel="next"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

MOST = 100
Row = TypeVar("Row", bound=Model)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The row that a page starts after (or, going back, ends before). Times are microseconds since 1970."""

    value: int
    id: int
    back: bool = False

    def __str__(self) -> str:
        return f"{self.value}:{self.id}:{int(self.back)}"

    @classmethod
    def read(cls, text: str) -> Cursor | None:
        """None for the first page, which clients also ask for with Sentry's `0:0:0`."""
        if text in ("", "0:0:0"):
            return None
        try:
            value, id_, back = (int(part) for part in text.split(":"))
            return cls(min(max(value, -(10**17)), 10**17), min(max(id_, 0), 2**62), bool(back))
        except ValueError:
            raise ValidationError({"detail": "This cursor was not made here; take it from the Link header."}) from None


@dataclass(frozen=True, slots=True)
class Order:
    """By one column, the id breaking ties, both in the same direction."""

    field: str = "id"
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    previous: Cursor
    next: Cursor
    has_previous: bool
    has_next: bool


def limit_of(request: Request, usual: int = MOST) -> int:
    text = request.query_params.get("limit") or request.query_params.get("per_page") or str(usual)
    if not (text.isascii() and text.isdigit()) or int(text[:9]) == 0:
        raise ValidationError({"detail": f"limit is a number from 1 to {MOST}."})
    return min(int(text[:9]), MOST)


def page_of(querysets: Sequence[QuerySet[Row]], order: Order, cursor: Cursor | None, limit: int) -> Page[Row]:
    """One page over one or several querysets. Each is read by its own index and gives at most a page; the merge is done here."""
    back = cursor is not None and cursor.back
    descending = order.descending != back
    rows: list[Row] = []
    for queryset in querysets:
        found = queryset if cursor is None else queryset.filter(_beyond(order.field, cursor, descending))
        sign = "-" if descending else ""
        names = (order.field, "id") if order.field != "id" else ("id",)
        rows.extend(found.order_by(*(sign + name for name in names))[: limit + 1])
    rows.sort(key=lambda row: _place(row, order.field), reverse=descending)
    more, rows = len(rows) > limit, rows[:limit]
    if back:
        rows.reverse()
    first = Cursor(*_place(rows[0], order.field), back=True) if rows else Cursor(0, 0, True)
    last = Cursor(*_place(rows[-1], order.field)) if rows else cursor or Cursor(0, 0)
    return Page(rows, first, last, has_previous=more if back else cursor is not None and bool(rows), has_next=bool(rows) if back else more)


def _place(row: Model, field: str) -> tuple[int, int]:
    value = getattr(row, field)
    return ((value - _EPOCH) // _MICROSECOND if isinstance(value, datetime) else value), row.pk


def _beyond(field: str, cursor: Cursor, descending: bool) -> Q:
    compare = "lt" if descending else "gt"
    if field == "id":
        return Q(**{f"id__{compare}": cursor.id})
    value: Any = _EPOCH + cursor.value * _MICROSECOND if field.endswith("_seen") else cursor.value
    # Written so that the index on (column, id) bounds the scan from one side.
    return Q(**{f"{field}__{compare}e": value}) & (Q(**{f"{field}__{compare}": value}) | Q(**{f"id__{compare}": cursor.id}))


def linked(request: Request, page: Page[Row], body: Any) -> Response:
    response = Response(body)
    links = ((page.previous, "previous", page.has_previous), (page.next, "next", page.has_next))
    response["Link"] = ", ".join(_link(request, *link) for link in links)
    return response


def _link(request: Request, cursor: Cursor, rel: str, results: bool) -> str:
    query = [(name, value) for name, values in request.query_params.lists() for value in values if name != "cursor"]
    address = f"{settings.PUBLIC_URL}{request.path}?{urlencode([*query, ('cursor', str(cursor))])}"
    return f'<{address}>; rel="{rel}"; results="{str(results).lower()}"; cursor="{cursor}"'
