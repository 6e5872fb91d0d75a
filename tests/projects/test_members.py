"""Who may make whom what: invitations, roles, the last owner (trust.md, "People")."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from projects import members
from projects.actions import Refused
from projects.models import Invitation, Membership, Organization, Role, User
from tests.factories import add_member, make_user


def of(user: User, organization: Organization) -> Membership:
    return Membership.objects.get(user=user, organization=organization)


def test_an_invitation_makes_a_member_once(acme: Organization, owner: User) -> None:
    token = members.invite(acme, of(owner, acme), "New@Acme.example", Role.MEMBER)
    assert Invitation.objects.get().token_hash == members.hash_of(token)
    newcomer = make_user("new@acme.example")
    assert members.accept(token, newcomer).role == Role.MEMBER
    with pytest.raises(Refused):
        members.accept(token, newcomer)


def test_an_invitation_is_bound_to_its_address(acme: Organization, owner: User, stranger: User) -> None:
    token = members.invite(acme, of(owner, acme), "new@acme.example", Role.MEMBER)
    with pytest.raises(Refused, match="This invitation is for"):
        members.accept(token, stranger)
    assert not acme.memberships.filter(user=stranger).exists()


def test_an_invitation_lasts_seven_days(acme: Organization, owner: User) -> None:
    token = members.invite(acme, of(owner, acme), "new@acme.example", Role.MEMBER)
    Invitation.objects.update(created_at=timezone.now() - timedelta(days=7, seconds=1))
    with pytest.raises(Refused):
        members.accept_with_new_account(token, "", "a sentence to keep")
    assert not User.objects.filter(email="new@acme.example").exists()


def test_nobody_hands_out_more_than_they_hold(acme: Organization, owner: User, admin: User) -> None:
    with pytest.raises(Refused):
        members.invite(acme, of(admin, acme), "new@acme.example", Role.OWNER)
    token = members.invite(acme, of(owner, acme), "new@acme.example", Role.ADMIN)
    add_member(acme, make_user("second@acme.example"), Role.OWNER)
    members.change_role(of(owner, acme), of(owner, acme), Role.VIEWER)
    assert members.accept_with_new_account(token, "New", "a sentence to keep").role == Role.VIEWER


def test_an_invitation_dies_with_its_inviter(acme: Organization, owner: User, admin: User) -> None:
    token = members.invite(acme, of(admin, acme), "new@acme.example", Role.MEMBER)
    members.remove(of(owner, acme), of(admin, acme))
    with pytest.raises(Refused):
        members.accept_with_new_account(token, "", "a sentence to keep")


def test_the_last_owner_stays(acme: Organization, owner: User) -> None:
    me = of(owner, acme)
    with pytest.raises(Refused, match="last owner"):
        members.remove(me, me)
    with pytest.raises(Refused, match="last owner"):
        members.change_role(me, me, Role.ADMIN)


def test_an_admin_can_not_touch_an_owner(acme: Organization, owner: User, admin: User) -> None:
    add_member(acme, make_user("second@acme.example"), Role.OWNER)
    with pytest.raises(Refused):
        members.change_role(of(admin, acme), of(owner, acme), Role.VIEWER)
    with pytest.raises(Refused):
        members.remove(of(admin, acme), of(owner, acme))


def test_a_stale_role_counts_for_nothing(acme: Organization, owner: User, admin: User, member: User) -> None:
    """The admin's page was open while the owner made them a viewer."""
    before = of(admin, acme)
    members.change_role(of(owner, acme), before, Role.VIEWER)
    stale = Membership(pk=before.pk, organization=acme, user=admin, role=Role.ADMIN)
    with pytest.raises(Refused):
        members.change_role(stale, of(member, acme), Role.ADMIN)


def test_anybody_may_leave(acme: Organization, owner: User, viewer: User) -> None:
    members.remove(of(viewer, acme), of(viewer, acme))
    assert not acme.memberships.filter(user=viewer).exists()
