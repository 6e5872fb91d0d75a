"""What keeps facets and evidence bounded: known values are counted, new ones admitted up to a cap, the rest goes to "other"."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Container, Hashable, Iterable
from functools import partial
from typing import Any

from django.db import models, transaction
from django.db.models import Count

from issues.upsert import select_by_key

RESERVE = 0.5
"""Of a cap, on top of it."""

_all: list[Admission] = []


def forget() -> None:
    for admission in _all:
        admission.forget()


class Admission:
    """Which (owner, value) pairs have a row, or may get one. Remembers what it knows to have a row in this process.

    A remembered row that retention deleted meanwhile is inserted once more, which the cap allows for.
    """

    def __init__(self, model: type[models.Model], owner: tuple[str, ...], value: str, most: dict[str, int], size: int = 200_000) -> None:
        self.model, self.owner, self.value, self.most, self.size = model, owner, value, most, size
        self._known: OrderedDict[Hashable, None] = OrderedDict()
        _all.append(self)

    def forget(self) -> None:
        self._known.clear()

    def admit(
        self, wanted: Iterable[tuple[Any, ...]], wide: Container[tuple[Any, ...]] = ()
    ) -> tuple[set[tuple[Any, ...]], set[tuple[Any, ...]]]:
        """(admitted, new among them) of `wanted`, tuples of the owner's columns and the value.

        `wide` are those that more than one client network sent: RESERVE of the cap is theirs, so that a single sender of made-up
        values can't shut everybody else out.
        """
        asked = set(wanted)
        known = {key for key in asked if key in self._known}
        unknown = asked - known
        if unknown:
            columns = (*self.owner, self.value)
            known |= {tuple(row) for row in select_by_key(self.model, columns, list(unknown), columns)}
        new = self._below_cap(asked - known, wide)
        transaction.on_commit(partial(self._remember, known | new))
        return known | new, new

    def _remember(self, keys: set[tuple[Any, ...]]) -> None:
        """Only what was committed: after a rollback the new ones must be new again, or they would not be counted as pages."""
        for key in keys:
            self._known[key] = None
        while len(self._known) > self.size:
            self._known.popitem(last=False)

    def _below_cap(self, unknown: set[tuple[Any, ...]], wide: Container[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
        if not unknown:
            return set()
        owners = {key[0] for key in unknown}
        counted = self.model._default_manager.filter(**{f"{self.owner[0]}__in": owners}).values_list(*self.owner).annotate(n=Count("id"))
        held = {tuple(row[:-1]): row[-1] for row in counted.order_by()}
        admitted: set[tuple[Any, ...]] = set()
        for key in sorted(unknown):
            owner = key[:-1]
            most = self.most.get(str(owner[-1]), self.most[""])
            if held.get(owner, 0) < (most + int(most * RESERVE) if key in wide else most):
                held[owner] = held.get(owner, 0) + 1
                admitted.add(key)
        return admitted
