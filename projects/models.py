"""Who may see what: people, organizations, projects, their sites and keys. Knows nothing of issues."""

from __future__ import annotations

import hashlib
import secrets
from typing import ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils import timezone

from projects.querysets import OrganizationQuerySet, ProjectQuerySet


class Role(models.TextChoices):
    """What a member may do, each including what stands below it in `RANK`."""

    OWNER = "owner", "Owner"
    ADMIN = "admin", "Admin"
    MEMBER = "member", "Member"
    VIEWER = "viewer", "Viewer"


RANK: dict[str, int] = {Role.VIEWER: 1, Role.MEMBER: 2, Role.ADMIN: 3, Role.OWNER: 4}


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> User:
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> User:
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person, known by e-mail address."""

    email = models.EmailField("e-mail", unique=True, max_length=254)
    name = models.CharField(max_length=120, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(default=timezone.now)
    time_zone = models.CharField(max_length=64, blank=True, default="")
    theme = models.CharField(max_length=8, blank=True, default="", choices=[("", "As my system"), ("light", "Light"), ("dark", "Dark")])
    shortcuts = models.BooleanField("single-key shortcuts", default=True)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return self.name or self.email


class Organization(models.Model):
    slug = models.SlugField(unique=True, max_length=50)
    name = models.CharField(max_length=100)
    requires_two_factor = models.BooleanField(default=False)
    own_extensions = models.JSONField(default=list, blank=True, help_text="Of all its projects, beside their own.")
    own_schemes = models.JSONField(default=list, blank=True, help_text="Of all its projects, beside their own.")
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="Its projects are deleted in the background, then it goes too.")
    created_at = models.DateTimeField(default=timezone.now)
    members: models.ManyToManyField[User, Membership] = models.ManyToManyField(User, through="Membership", related_name="organizations")

    objects = OrganizationQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:organization", args=[self.slug])


class Membership(models.Model):
    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="one_membership")]

    def __str__(self) -> str:
        return f"{self.user} is {self.role} of {self.organization}"


class Invitation(models.Model):
    """An invitation to an organization; only the token's hash is kept (trust.md, "People")."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=8, choices=Role.choices, default=Role.MEMBER)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"


class Project(models.Model):
    """One or more sites that share a security endpoint. `settings_version` grows with every change that a verdict depends on."""

    organization = models.ForeignKey(Organization, on_delete=models.CASCADE, related_name="projects")
    slug = models.SlugField(max_length=50)
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, help_text="The word before an issue's number: SHOP-42.")
    label = models.CharField(max_length=40, blank=True, default="", help_text="“This app” on the project that watches GlitchCSP itself.")
    own_extensions = models.JSONField(default=list, blank=True)
    own_schemes = models.JSONField(default=list, blank=True)
    sensitive_pages = models.JSONField(default=list, blank=True)
    keep_query = models.BooleanField(default=False)
    sample_percent = models.PositiveSmallIntegerField(default=100, validators=[MinValueValidator(1), MaxValueValidator(100)])
    daily_quota = models.PositiveBigIntegerField(default=0, help_text="Reports a day; 0 is no limit.")
    settings_version = models.PositiveIntegerField(default=1)
    judged_version = models.PositiveIntegerField(default=1, help_text="The settings its issues were judged under.")
    last_number = models.PositiveBigIntegerField(default=0)
    first_report_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = ProjectQuerySet.as_manager()
    role: str
    """The asking person's, where projects.access gave the project."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="one_project_slug")]

    def __str__(self) -> str:
        return f"{self.organization.slug} / {self.slug}"

    def get_absolute_url(self) -> str:
        return reverse("issues:list", args=[self.organization.slug, self.slug])

    @property
    def key(self) -> ProjectKey | None:
        """The key that set-up shows: the oldest one still active."""
        return self.keys.filter(is_active=True).order_by("id").first()


class Site(models.Model):
    """A host that is the project's own: `shop.example`, `*.shop.example`, `localhost:3000`. Lower-case punycode."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="sites")
    host = models.CharField(max_length=255)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "host"], name="one_site")]
        ordering = ["host"]

    def __str__(self) -> str:
        return self.host


def new_public_key() -> str:
    return secrets.token_hex(16)


class ProjectKey(models.Model):
    """The key in a security endpoint. It is public by nature: every visitor's browser sees it."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="keys")
    public_key = models.CharField(max_length=32, unique=True, default=new_public_key)
    label = models.CharField(max_length=60, default="Default")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{self.label} of {self.project}"

    @property
    def security_endpoint(self) -> str:
        return f"{settings.INGEST_URL}/api/{self.project_id}/security/?glitchtip_key={self.public_key}"


class ApiToken(models.Model):
    """A bearer token. Hashed; never more than its owner's role now; dies with the membership."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=60)
    token_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()


class Instance(models.Model):
    """The one row of this installation. Inserting it is the lock of first run: its key is fixed, so only one transaction can."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    own_project = models.OneToOneField(Project, on_delete=models.SET_NULL, null=True, blank=True, related_name="watches_instance")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_instance")]

    def __str__(self) -> str:
        return "This installation"


class Shared(models.Model):
    """Django's database cache: what processes on all machines have to know of each other for minutes, which is sign-in attempts.

    A key is a keyed hash (projects.shared), since django-allauth's own holds the client's address.
    """

    cache_key = models.CharField(primary_key=True, max_length=255)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "projects_shared"

    def __str__(self) -> str:
        return self.cache_key
