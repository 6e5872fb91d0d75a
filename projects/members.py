"""Verbs on who belongs to an organization: invite, accept, change a role, remove (trust.md, "People")."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from projects.access import may
from projects.actions import Refused
from projects.models import Invitation, Membership, Organization, Role, User

INVITATION_LIFE = timedelta(days=7)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def invite(organization: Organization, inviter: Membership, email: str, role: str) -> str:
    """The token of a new invitation; only its hash is kept. An older one for the same address is withdrawn."""
    _demand_rank(inviter.role, role)
    email = email.lower()
    if Membership.objects.filter(organization=organization, user__email=email).exists():
        raise Refused(f"{email} is a member already.")
    organization.invitations.filter(email=email, accepted_at=None).delete()
    token = secrets.token_urlsafe(32)
    Invitation.objects.create(organization=organization, email=email, role=role, token_hash=hash_of(token), invited_by=inviter.user)
    return token


def open_invitation(token: str, *, lock: bool = False) -> Invitation | None:
    """The invitation of this token if it can still be accepted."""
    rows = Invitation.objects.select_for_update(of=("self",)) if lock else Invitation.objects.all()
    fresh = timezone.now() - INVITATION_LIFE
    return (
        rows.select_related("organization")
        .filter(token_hash=hash_of(token), accepted_at=None, created_at__gt=fresh, organization__deleted_at=None)
        .first()
    )


@transaction.atomic
def accept(token: str, user: User) -> Membership:
    """Single use: the row is locked, so of two clicks one finds it used."""
    invitation = open_invitation(token, lock=True)
    if invitation is None:
        raise Refused("This invitation was used already, withdrawn, or is older than 7 days. Ask for a new one.")
    if invitation.email != user.email.lower():
        raise Refused(f"This invitation is for {invitation.email}, and you are signed in as {user.email}. Sign out first.")
    invitation.accepted_at = timezone.now()
    invitation.save(update_fields=["accepted_at"])
    membership, _ = Membership.objects.get_or_create(
        organization=invitation.organization, user=user, defaults={"role": _role_now(invitation)}
    )
    return membership


@transaction.atomic
def accept_with_new_account(token: str, name: str, password: str) -> Membership:
    """The first sight of this person: the account bears the address that was invited."""
    invitation = open_invitation(token, lock=True)
    if invitation is None or User.objects.filter(email=invitation.email).exists():
        raise Refused("This invitation can't make an account any more. Sign in, or ask for a new one.")
    return accept(token, User.objects.create_user(invitation.email, password, name=name))


def _role_now(invitation: Invitation) -> str:
    """At most the inviter's role today: one demoted or removed since can't hand out what they no longer hold."""
    inviter = Membership.objects.filter(organization=invitation.organization, user=invitation.invited_by).first()
    if inviter is None:
        raise Refused("Whoever invited you has left this organization. Ask for a new invitation.")
    return invitation.role if may(inviter.role, invitation.role) else inviter.role


@transaction.atomic
def change_role(actor: Membership, membership: Membership, role: str) -> None:
    actor, membership = _locked(actor, membership)
    _demand_rank(actor.role, membership.role)
    _demand_rank(actor.role, role)
    if role != Role.OWNER:
        _keep_an_owner(membership)
    membership.role = role
    membership.save(update_fields=["role"])


@transaction.atomic
def remove(actor: Membership, membership: Membership) -> None:
    """Anybody may leave; the last owner stays. Invitations they handed out end with them (see `_role_now`)."""
    actor, membership = _locked(actor, membership)
    if actor.pk != membership.pk:
        _demand_rank(actor.role, membership.role)
    _keep_an_owner(membership)
    membership.delete()


@transaction.atomic
def delete_account(user: User) -> None:
    """With memberships, tokens, sent and open invitations to that address. What the person decided stays, without their name."""
    owned = Membership.objects.filter(user=user, role=Role.OWNER, organization__deleted_at=None).values_list("organization", flat=True)
    for organization in Organization.objects.select_for_update().filter(pk__in=list(owned)).order_by("pk"):
        if not Membership.objects.filter(organization=organization, role=Role.OWNER).exclude(user=user).exists():
            raise Refused(f"{organization} would be without an owner. Make somebody else one, or delete it, first.")
    Invitation.objects.filter(email=user.email.lower()).delete()
    user.delete()


def _locked(actor: Membership, membership: Membership) -> tuple[Membership, Membership]:
    """Both as they are now, with the organization's row locked: two owners can't demote each other at once."""
    Organization.objects.select_for_update().get(pk=membership.organization_id)
    rows = Membership.objects.select_related("user").in_bulk({actor.pk, membership.pk})
    if len(rows) != len({actor.pk, membership.pk}):
        raise Refused("This membership is gone already.")
    return rows[actor.pk], rows[membership.pk]


def _keep_an_owner(membership: Membership) -> None:
    others = Membership.objects.filter(organization_id=membership.organization_id, role=Role.OWNER).exclude(pk=membership.pk)
    if membership.role == Role.OWNER and not others.exists():
        raise Refused("This is the last owner. Make somebody else an owner first.")


def _demand_rank(held: str, asked: str) -> None:
    if not may(held, asked):
        raise Refused(f"You are {Role(held).label.lower()} here and can't hand out or change the role of {Role(asked).label.lower()}.")
