"""The API's organizations, projects and keys, with the union of GlitchTip's and Sentry's field names."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from projects import actions
from projects.access import get_organization, get_project, user_of
from projects.api_access import ApiView
from projects.api_paging import Cursor, limit_of, linked, page_of
from projects.models import Organization, Project, ProjectKey, Role, User

PAGING = [OpenApiParameter("cursor", str), OpenApiParameter("limit", int)]


class OrganizationFields(serializers.ModelSerializer[Organization]):
    id = serializers.CharField()
    dateCreated = serializers.DateTimeField(source="created_at")
    status = serializers.SerializerMethodField()
    isEarlyAdopter = serializers.SerializerMethodField()
    require2FA = serializers.BooleanField(source="requires_two_factor")
    avatar = serializers.SerializerMethodField()

    class Meta:
        model = Organization
        fields = ["id", "slug", "name", "dateCreated", "status", "isEarlyAdopter", "require2FA", "avatar"]

    def get_status(self, organization: Organization) -> dict[str, str]:
        return {"id": "active", "name": "active"}

    def get_isEarlyAdopter(self, organization: Organization) -> bool:
        return False

    def get_avatar(self, organization: Organization) -> dict[str, str | None]:
        return {"avatarType": "letter_avatar", "avatarUuid": None}


class ProjectFields(serializers.ModelSerializer[Project]):
    id = serializers.CharField()
    platform = serializers.SerializerMethodField()
    dateCreated = serializers.DateTimeField(source="created_at")
    firstEvent = serializers.DateTimeField(source="first_report_at", allow_null=True)
    organization = OrganizationFields()
    isMember = serializers.SerializerMethodField()
    hasAccess = serializers.SerializerMethodField()
    securityEndpoint = serializers.SerializerMethodField()
    sites = serializers.SerializerMethodField()

    class Meta:
        model = Project
        fields = [
            "id", "slug", "name", "platform", "label", "dateCreated", "firstEvent", "organization", "isMember", "hasAccess",
            "securityEndpoint", "sites",
        ]  # fmt: skip

    def get_platform(self, project: Project) -> str:
        return "csp"

    def get_isMember(self, project: Project) -> bool:
        return True

    def get_hasAccess(self, project: Project) -> bool:
        return True

    def get_securityEndpoint(self, project: Project) -> str | None:
        active = [key for key in project.keys.all() if key.is_active]
        return active[0].security_endpoint if active else None

    def get_sites(self, project: Project) -> list[str]:
        return [site.host for site in project.sites.all()]


class KeyFields(serializers.ModelSerializer[ProjectKey]):
    """A key as both families of clients read it. It is public by nature, so `secret` is the same word."""

    id = serializers.CharField(source="public_key")
    name = serializers.CharField(source="label")
    public = serializers.CharField(source="public_key")
    secret = serializers.CharField(source="public_key")
    projectId = serializers.IntegerField(source="project_id")
    projectID = serializers.IntegerField(source="project_id")
    isActive = serializers.BooleanField(source="is_active")
    dateCreated = serializers.DateTimeField(source="created_at")
    rateLimit = serializers.SerializerMethodField()
    dsn = serializers.SerializerMethodField()

    class Meta:
        model = ProjectKey
        fields = ["id", "name", "label", "public", "secret", "projectId", "projectID", "isActive", "dateCreated", "rateLimit", "dsn"]

    @extend_schema_field({"type": "object", "nullable": True})
    def get_rateLimit(self, key: ProjectKey) -> None:
        return None

    def get_dsn(self, key: ProjectKey) -> dict[str, str]:
        scheme, _, host = settings.INGEST_URL.partition("://")
        dsn = f"{scheme}://{key.public_key}@{host}/{key.project_id}"
        road = f"{settings.INGEST_URL}/api/{key.project_id}"
        return {
            "public": dsn,
            "secret": dsn,
            "security": f"{road}/security/?sentry_key={key.public_key}",
            "csp": f"{road}/csp-report/?sentry_key={key.public_key}",
        }


class KeyChange(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=60, required=False)
    label = serializers.CharField(max_length=60, required=False)
    isActive = serializers.BooleanField(required=False)

    def apply_to(self, key: ProjectKey) -> None:
        given = self.validated_data
        label = given.get("name") or given.get("label")
        if label:
            actions.rename_key(key, label)
        if given.get("isActive", key.is_active) != key.is_active:
            actions.set_key_active(key, given["isActive"])


class RootFields(serializers.Serializer[Any]):
    version = serializers.CharField()
    user = serializers.DictField()
    auth = serializers.DictField(allow_null=True)


class Root(ApiView):
    @extend_schema(responses=RootFields)
    def get(self, request: Request) -> Response:
        user = cast(User, request.user)
        person = {"id": str(user.pk), "email": user.email, "username": user.email, "name": user.name}
        auth = {"scopes": request.auth.scopes} if request.auth else None
        return Response({"version": "0", "user": person, "auth": auth})


class Organizations(ApiView):
    @extend_schema(responses=OrganizationFields(many=True), parameters=PAGING)
    def get(self, request: Request) -> Response:
        visible = Organization.objects.visible_to(user_of(request))
        page = page_of(visible, _cursor(request), limit_of(request))
        return linked(request, page, OrganizationFields(page.rows, many=True).data)


class OrganizationDetail(ApiView):
    @extend_schema(responses=OrganizationFields)
    def get(self, request: Request, org: str) -> Response:
        return Response(OrganizationFields(get_organization(request, org)).data)


class Projects(ApiView):
    """All projects of the person, or those of one organization."""

    @extend_schema(responses=ProjectFields(many=True), parameters=PAGING)
    def get(self, request: Request, org: str = "") -> Response:
        visible = _complete(Project.objects.visible_to(user_of(request)))
        if org:
            visible = visible.filter(organization=get_organization(request, org))
        page = page_of(visible, _cursor(request), limit_of(request))
        return linked(request, page, ProjectFields(page.rows, many=True).data)


class ProjectDetail(ApiView):
    @extend_schema(responses=ProjectFields)
    def get(self, request: Request, org: str, project: str) -> Response:
        return Response(ProjectFields(get_project(request, org, project)).data)


class Keys(ApiView):
    token_only = True

    @extend_schema(responses=KeyFields(many=True), parameters=PAGING)
    def get(self, request: Request, org: str, project: str) -> Response:
        keys = ProjectKey.objects.filter(project=get_project(request, org, project))
        page = page_of(keys, _cursor(request), limit_of(request))
        return linked(request, page, KeyFields(page.rows, many=True).data)

    @extend_schema(request=KeyChange, responses={201: KeyFields})
    def post(self, request: Request, org: str, project: str) -> Response:
        found = get_project(request, org, project, Role.ADMIN)
        if ProjectKey.objects.filter(project=found).count() >= 100:
            raise ValidationError({"detail": "A project has at most 100 keys; revoke one first."})
        change = _valid(request)
        key = actions.add_key(found, "Default")
        change.apply_to(key)
        key.refresh_from_db()
        return Response(KeyFields(key).data, status=status.HTTP_201_CREATED)


class KeyDetail(ApiView):
    token_only = True

    @extend_schema(responses=KeyFields)
    def get(self, request: Request, org: str, project: str, key: str) -> Response:
        return Response(KeyFields(_key(get_project(request, org, project), key)).data)

    @extend_schema(request=KeyChange, responses=KeyFields)
    def put(self, request: Request, org: str, project: str, key: str) -> Response:
        found = _key(get_project(request, org, project, Role.ADMIN), key)
        _valid(request).apply_to(found)
        found.refresh_from_db()
        return Response(KeyFields(found).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, org: str, project: str, key: str) -> Response:
        found = _key(get_project(request, org, project, Role.ADMIN), key)
        actions.set_key_active(found, False)
        found.delete()
        return Response(status=status.HTTP_204_NO_CONTENT)


def _cursor(request: Request) -> Cursor | None:
    return Cursor.read(request.query_params.get("cursor", ""))


def _complete(projects: QuerySet[Project]) -> QuerySet[Project]:
    keys = Prefetch("keys", ProjectKey.objects.order_by("id"))
    return projects.select_related("organization").prefetch_related(keys, "sites")


def _valid(request: Request) -> KeyChange:
    change = KeyChange(data=request.data)
    change.is_valid(raise_exception=True)
    return change


def _key(project: Project, key: str) -> ProjectKey:
    """GlitchTip writes the key as a UUID, with dashes."""
    found = ProjectKey.objects.filter(project=project, public_key=key.replace("-", "").lower()).first()
    if found is None:
        raise Http404("This project has no such key.")
    return found
