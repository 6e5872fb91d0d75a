"""allauth's pages under addresses of ours. No namespace: allauth reverses these names itself."""

from __future__ import annotations

from allauth.account import views
from allauth.mfa.base import views as two_factor
from django.urls import include, path, re_path

from projects.views import entrance

urlpatterns = [
    path("login/", entrance.login, name="account_login"),
    path("login/two-factor/", two_factor.authenticate, name="mfa_authenticate"),
    path("logout/", views.logout, name="account_logout"),
    path("signup/", views.signup, name="account_signup"),
    path("account/inactive/", views.account_inactive, name="account_inactive"),
    path("account/confirm/", views.reauthenticate, name="account_reauthenticate"),
    path("account/confirm/code/", two_factor.reauthenticate, name="mfa_reauthenticate"),
    path("account/password/", views.password_change, name="account_change_password"),
    path("account/password/set/", views.password_set, name="account_set_password"),
    path("account/two-factor/", two_factor.index, name="mfa_index"),
    path("account/two-factor/app/", include("allauth.mfa.totp.urls")),
    path("account/two-factor/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("password/reset/", entrance.password_reset, name="account_reset_password"),
    path("password/reset/done/", views.password_reset_done, name="account_reset_password_done"),
    path("password/reset/key/done/", views.password_reset_from_key_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        entrance.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
]
