"""What alerts listen to. Sent when the transaction that recorded it has been committed; `issues` is a list of ids."""

from __future__ import annotations

from django.dispatch import Signal

issues_opened = Signal()
issues_regressed = Signal()
issues_breaking = Signal()
issues_suspected = Signal()  # a person corrected them, and some of their reports look like an attack since
attacks_hidden = Signal()  # somebody ignored likely attacks, called them noise, or let a rule hide them
