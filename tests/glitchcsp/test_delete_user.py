"""manage.py delete_user: the account goes, the history stays without a name."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from issues import actions
from issues.models import Activity, Issue
from projects.models import User
from tests.factories import make_issue, make_token


def test_the_history_stays_without_the_name(shop, owner, member):
    issue = make_issue(shop)
    member.name = "Jordan Unmistakable"
    member.save()
    make_token(member)
    actions.resolve(shop, member, [issue.pk])
    actions.correct(shop, member, [issue.pk], "extension")
    call_command("delete_user", member.email)
    assert not User.objects.filter(pk=member.pk).exists()
    assert Activity.objects.filter(issue=issue, actor=None).count() == 2
    kept = [*Issue.objects.values_list("reason", flat=True), *Activity.objects.values_list("words", flat=True)]
    assert not [text for text in kept if "Jordan" in text or member.email in text]


def test_the_last_owner_stays(owner):
    with pytest.raises(CommandError, match="without an owner"):
        call_command("delete_user", owner.email)


def test_nobody_of_that_name(db):
    with pytest.raises(CommandError, match="no account"):
        call_command("delete_user", "nobody@acme.example")
