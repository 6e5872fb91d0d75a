"""Deleting one's own account: a fresh sign-in, the address typed by hand, and a history without the name."""

from __future__ import annotations

from issues import actions
from issues.models import Activity, Issue
from projects.models import ApiToken, Invitation, Membership, Role, User
from tests.factories import make_issue, make_token
from tests.projects.signing import fresh_client


def delete(user: User, name: str, seconds_ago: float = 0):
    client = fresh_client(user, seconds_ago)
    return client, client.post("/account/delete/", {"name": name})


def test_a_person_deletes_the_account(shop, member, owner, acme):
    make_token(member)
    issue = make_issue(shop)
    actions.resolve(shop, member, [issue.pk])
    Invitation.objects.create(organization=acme, email=member.email, token_hash="x")
    client, answer = delete(member, member.email)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/")
    assert not User.objects.filter(pk=member.pk).exists()
    assert not ApiToken.objects.exists()
    assert not Invitation.objects.exists()
    assert Activity.objects.get(issue=issue).actor is None
    assert client.get("/account/").headers["Location"].startswith("/login/")


def test_the_address_has_to_be_typed(member):
    _, answer = delete(member, "somebody else")
    assert answer.status_code == 422
    assert User.objects.filter(pk=member.pk).exists()


def test_an_old_sign_in_is_asked_for_the_password(member):
    _, answer = delete(member, member.email, seconds_ago=3600)
    assert "/account/confirm/" in answer.headers["Location"]
    assert User.objects.filter(pk=member.pk).exists()


def test_the_last_owner_stays(owner):
    _, answer = delete(owner, owner.email)
    assert answer.status_code == 422
    assert "without an owner" in answer.content.decode()
    assert Membership.objects.filter(user=owner, role=Role.OWNER).exists()


def test_what_a_deleted_person_did_can_still_be_undone(shop, member, owner):
    issue = make_issue(shop)
    actions.correct(shop, member, [issue.pk], "extension")
    done = actions.correct(shop, owner, [issue.pk], "own")
    delete(member, member.email)
    assert actions.undo(shop, owner, done.action, Role.OWNER).changed == 1
    issue = Issue.objects.get(pk=issue.pk)
    assert (issue.verdict, issue.corrected_by) == ("extension", None)
