"""Django's admin for the installation's superusers: to look, and to lend a hand. Roles, keys and tokens change on their own pages,
which ask for a fresh sign-in; here they are read-only."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest

from projects.models import ApiToken, Invitation, Membership, Organization, Project, ProjectKey, Site, User

# Their forms would show secrets of second factors, and change what signing in rests on; groups mean nothing here.
admin.site.unregister([Authenticator, EmailAddress, Group])


class ReadOnly(admin.ModelAdmin):
    """Rows to look at. Counting them all is left out: some tables are large."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ["email", "name", "is_active", "is_superuser", "date_joined", "last_login"]
    search_fields = ["email", "name"]
    fields = ["email", "name", "is_active", "time_zone", "theme", "last_login", "date_joined"]
    readonly_fields = ["email", "last_login", "date_joined"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False


@admin.register(Organization)
class OrganizationAdmin(ReadOnly):
    list_display = ["slug", "name", "requires_two_factor", "created_at"]
    search_fields = ["slug", "name"]


@admin.register(Membership)
class MembershipAdmin(ReadOnly):
    list_display = ["user", "organization", "role", "created_at"]
    list_select_related = ["user", "organization"]


@admin.register(Invitation)
class InvitationAdmin(ReadOnly):
    list_display = ["email", "organization", "role", "created_at", "accepted_at"]
    list_select_related = ["organization"]
    exclude = ["token_hash"]


@admin.register(Project)
class ProjectAdmin(ReadOnly):
    list_display = ["slug", "organization", "label", "first_report_at", "deleted_at"]
    list_select_related = ["organization"]
    search_fields = ["slug", "name"]


@admin.register(Site)
class SiteAdmin(ReadOnly):
    list_display = ["host", "project"]
    list_select_related = ["project__organization"]


@admin.register(ProjectKey)
class ProjectKeyAdmin(ReadOnly):
    list_display = ["label", "project", "is_active", "created_at"]
    list_select_related = ["project__organization"]


@admin.register(ApiToken)
class ApiTokenAdmin(ReadOnly):
    list_display = ["name", "user", "created_at", "last_used_at"]
    list_select_related = ["user"]
    exclude = ["token_hash"]
