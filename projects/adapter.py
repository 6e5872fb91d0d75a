"""What we tell allauth: who may register, what mail is for, and which sign-in counts as fresh."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.http import HttpRequest

from projects.fresh import signed_in_just_now


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """The first account is made on /welcome/, further ones by invitation, unless REGISTRATION_OPEN."""
        return bool(settings.REGISTRATION_OPEN)

    def is_reauthentication_required(self, *, app: str, **kwargs: object) -> bool:
        """Two-factor asks as our own pages do: a sign-in of a minute ago is fresh."""
        return self.request is None or not signed_in_just_now(self.request)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, object]) -> None:
        """Without a mail server nothing is sent, and the pages say so."""
        if settings.HAS_MAIL:
            super().send_mail(template_prefix, email, context)
