"""allauth's forms in our words: the same label on every page, and none repeated as a placeholder."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as two_factor
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.forms import BaseForm

WORDS = {
    "login": "E-mail",
    "email": "E-mail",
    "oldpassword": "Password now",
    "password1": "New password",
    "password2": "New password again",
    "code": "Code",
}


class OurWords:
    """Mixed in before a form of allauth's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _reword(self)  # type: ignore[arg-type]  # always mixed into a form


def _reword(form: BaseForm) -> None:
    for name, field in form.fields.items():
        field.widget.attrs.pop("placeholder", None)
        field.label = WORDS.get(name, field.label)


class SignInForm(OurWords, account.LoginForm):
    pass


class SignUpForm(OurWords, account.SignupForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].label = "Password"


class ChangePasswordForm(OurWords, account.ChangePasswordForm):
    pass


class AskForResetForm(OurWords, account.ResetPasswordForm):
    pass


class ResetPasswordForm(OurWords, account.ResetPasswordKeyForm):
    pass


class ConfirmForm(OurWords, account.ReauthenticateForm):
    pass


class CodeForm(OurWords, two_factor.AuthenticateForm):
    pass


class ConfirmCodeForm(OurWords, two_factor.ReauthenticateForm):
    pass


class SwitchOnForm(OurWords, ActivateTOTPForm):
    pass
