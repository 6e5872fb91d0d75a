"""Forms of people, organizations and projects: what is asked, in which words, and what is accepted."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, QueryDict

from projects import firstrun, tokens
from projects.models import Membership, Organization, Project, Role, User
from projects.sites import as_lines, extension_of, page_of, read_lines, scheme_of, site_of


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: nothing unless it was sent, and then even if it was sent empty."""
    return request.POST if request.method == "POST" else None


def _choice(form: forms.BaseForm, name: str) -> forms.ChoiceField:
    return cast(forms.ChoiceField, form.fields[name])


class LinesField(forms.CharField):
    """A text area with an entry on each line; cleans to a list, each entry in the form we keep."""

    def __init__(self, *, read: Callable[[str], str], rows: int = 3, **options: Any) -> None:
        self.read = read
        widget = forms.Textarea(attrs={"rows": rows, "spellcheck": "false", "autocapitalize": "none"})
        super().__init__(required=options.pop("required", False), max_length=20_000, widget=widget, **options)

    def clean(self, value: Any) -> Any:
        try:
            return read_lines(super().clean(value), self.read)
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def prepare_value(self, value: Any) -> Any:
        return as_lines(value) if isinstance(value, list) else value


def sites_field(**options: Any) -> LinesField:
    help_text = "One a line: shop.example, *.shop.example, localhost:3000. Reports from anywhere else are listed as noise."
    return LinesField(read=site_of, label="Sites", **{"help_text": help_text, **options})


def _new_password(label: str = "Password") -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    return forms.CharField(
        label=label, widget=widget, strip=False, help_text="At least 10 characters. A sentence is easier to keep than a riddle."
    )


class WelcomeForm(forms.Form):
    code = forms.CharField(
        label="Code from the terminal",
        help_text="GlitchCSP printed it in the terminal or log when it started, so that nobody else can take this installation.",
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}),
    )
    email = forms.EmailField(label="Your e-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"}))
    password = _new_password()
    organization = forms.CharField(
        max_length=100, help_text="Your company or team.", widget=forms.TextInput(attrs={"autocomplete": "organization"})
    )
    project = forms.CharField(label="First project", max_length=100, help_text="What you want to watch: shop, blog, intranet.")
    sites = sites_field(help_text="Where it lives, one a line: shop.example. You can change it later.")

    def __init__(self, *args: Any, ask_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not ask_code:
            del self.fields["code"]

    def clean_code(self) -> str:
        if not firstrun.is_code(self.cleaned_data["code"]):
            raise ValidationError("That is not the code. Look for “first-run code” in the terminal or log; a restart prints it again.")
        return self.cleaned_data["code"]

    def clean_email(self) -> str:
        return self.cleaned_data["email"].lower()

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], User(email=self.cleaned_data.get("email", "")))
        return self.cleaned_data["password"]


class NewAccountForm(forms.Form):
    """An account made by accepting an invitation; the address is the invitation's."""

    name = forms.CharField(label="Your name", max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = _new_password()

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean_password(self) -> str:
        validate_password(self.cleaned_data["password"], User(email=self.email))
        return self.cleaned_data["password"]


class AccountForm(forms.ModelForm):
    time_zone = forms.ChoiceField(label="Time zone", required=False)
    theme = forms.ChoiceField(
        required=False, choices=[("", "As my system"), ("light", "Light"), ("dark", "Dark")], widget=forms.RadioSelect
    )

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme", "shortcuts"]
        help_texts = {
            "name": "Shown in the history of issues, in place of your e-mail.",
            "shortcuts": "j and k to move, e to resolve, ? for the list. They never fire while you type.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted(
            zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))
        )
        _choice(self, "time_zone").choices = [("", "UTC"), *((zone, zone.replace("_", " ")) for zone in zones)]
        self.fields["shortcuts"].label = "Single-key shortcuts"


class TokenForm(forms.Form):
    name = forms.CharField(max_length=60, help_text="What it is for: deploy script, dashboard.")
    scopes = forms.MultipleChoiceField(label="May", choices=tokens.SCOPES, initial=[tokens.READ], widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "token_%s", **kwargs})


def own_extensions_field() -> LinesField:
    words = "Ids of extensions your company made; their reports are not noise."
    return LinesField(read=extension_of, label="Own browser extensions", rows=2, help_text=words)


def own_schemes_field() -> LinesField:
    return LinesField(read=scheme_of, label="Own app schemes", rows=2, help_text="Schemes your own apps load from, such as myapp.")


class OrganizationForm(forms.ModelForm):
    """What is declared here counts in every project of the organization, beside what the project declares itself."""

    own_extensions = own_extensions_field()
    own_schemes = own_schemes_field()

    class Meta:
        model = Organization
        fields = ["name", "requires_two_factor", "own_extensions", "own_schemes"]
        labels = {"requires_two_factor": "Members need two-factor"}
        help_texts = {"requires_two_factor": "Whoever has none is led to switch it on before they see anything here."}

    def _post_clean(self) -> None:
        """Left out: the instance is changed by projects.actions, which has to see what it was before."""


class NewForm(forms.Form):
    """A project, in an organization of one's own or a new one."""

    organization = forms.ChoiceField(required=False)
    organization_name = forms.CharField(label="New organization", max_length=100, required=False)
    name = forms.CharField(label="Project", max_length=100, help_text="What you want to watch: shop, blog, intranet.")
    sites = sites_field()

    def __init__(self, *args: Any, organizations: list[Organization], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organizations = {organization.slug: organization for organization in organizations}
        if organizations:
            names = [(organization.slug, organization.name) for organization in organizations]
            _choice(self, "organization").choices = [*names, ("", "A new one, named below")]
            self.fields["organization"].initial = names[0][0]
        else:
            del self.fields["organization"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("organization") and not cleaned.get("organization_name"):
            self.add_error("organization_name", "Give the new organization a name.")
        return cleaned


class NewProjectForm(forms.Form):
    name = forms.CharField(label="Project", max_length=100, help_text="What you want to watch: shop, blog, intranet.")
    sites = sites_field()


class ProjectForm(forms.ModelForm):
    sites = sites_field()
    sensitive_pages = LinesField(
        read=page_of, label="Sensitive pages",
        help_text="Paths such as /checkout/* where a strange script is likely an attack. Login and payment pages belong here.",
    )  # fmt: skip
    own_extensions = own_extensions_field()
    own_schemes = own_schemes_field()
    sample_percent = forms.IntegerField(
        min_value=1,
        max_value=100,
        label="Share of reports taken, in percent",
        help_text="Below 100 the figures are scaled and marked with ≈.",
    )

    class Meta:
        model = Project
        fields = ["name", "sites", "sensitive_pages", "own_extensions", "own_schemes", "keep_query", "sample_percent", "daily_quota"]
        labels = {"keep_query": "Keep queries of my own sites", "daily_quota": "Reports a day"}
        help_texts = {
            "keep_query": "Off, what follows the ? of an address is cut before it is stored. It often holds names, mails and tokens.",
            "daily_quota": "What is over is counted as shed, not stored. 0 is no limit.",
        }

    def changes(self) -> dict[str, object]:
        return {name: value for name, value in self.cleaned_data.items() if name != "sites"}

    def _post_clean(self) -> None:
        """Left out: the instance is changed by projects.actions, which has to see what it was before."""


class KeyForm(forms.Form):
    label = forms.CharField(max_length=60, help_text="Where it is used: production, staging, the old shop.")


class ConfirmForm(forms.Form):
    """Deletion: the name typed by hand."""

    name = forms.CharField(label="Type the name to confirm", widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, *args: Any, wanted: str, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "confirm_%s", **kwargs})
        self.wanted = wanted

    def clean_name(self) -> str:
        if self.cleaned_data["name"].strip() != self.wanted:
            raise ValidationError(f"That is not “{self.wanted}”. Nothing was deleted.")
        return self.wanted


def _roles_up_to(membership: Membership) -> list[tuple[str, str]]:
    order = [Role.VIEWER, Role.MEMBER, Role.ADMIN, Role.OWNER]
    return [(role.value, role.label) for role in order[: order.index(Role(membership.role)) + 1]]


class InviteForm(forms.Form):
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ChoiceField(initial=Role.MEMBER)

    def __init__(self, *args: Any, inviter: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choice(self, "role").choices = _roles_up_to(inviter)


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role.choices)


class PolicyForm(forms.Form):
    """A policy that exists already, as text of a header."""

    policy = forms.CharField(
        label="Your policy", max_length=16_384, widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "autocapitalize": "none"})
    )
