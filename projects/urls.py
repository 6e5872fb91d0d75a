"""People, organizations, projects, set-up. The map reads from the whole installation down to one project."""

from __future__ import annotations

from django.urls import path

from projects.views import (
    account,
    help_page,
    invitations,
    keys,
    members,
    observatory,
    organizations,
    own_policy,
    project_settings,
    setup,
    test_report,
    trial,
    two_factor,
    welcome,
)

app_name = "projects"

everybody_urls = [
    path("welcome/", welcome.welcome, name="welcome"),
    path("help/", help_page.help_page, name="help"),
    path("own-policy/", own_policy.own_policy, name="own_policy"),
    path("invite/", invitations.invitation, name="invitation"),
    path("invite/<str:token>/", invitations.swap_token, name="invitation_token"),
    path("try/<slug:which>/", trial.trial, name="try"),
    path("try/<slug:which>/picture.svg", trial.picture, name="try_picture"),
]

person_urls = [
    path("account/", account.account, name="account"),
    path("account/delete/", account.delete, name="delete_account"),
    path("account/tokens/", account.create_token, name="create_token"),
    path("account/tokens/<int:pk>/delete/", account.delete_token, name="delete_token"),
    path("new/", organizations.new, name="new"),
    path("observatory/", observatory.observatory, name="observatory"),
]

organization_urls = [
    path("<slug:org>/", organizations.organization, name="organization"),
    path("<slug:org>/new/", organizations.new_project, name="new_project"),
    path("<slug:org>/settings/", organizations.organization_settings, name="organization_settings"),
    path("<slug:org>/delete/", organizations.delete_organization, name="delete_organization"),
    path("<slug:org>/two-factor-needed/", two_factor.two_factor_needed, name="two_factor_needed"),
    path("<slug:org>/members/", members.members, name="members"),
    path("<slug:org>/members/invite/", members.invite, name="invite"),
    path("<slug:org>/members/<int:pk>/role/", members.change_role, name="change_role"),
    path("<slug:org>/members/<int:pk>/remove/", members.remove, name="remove_member"),
    path("<slug:org>/invitations/<int:pk>/withdraw/", members.withdraw, name="withdraw_invitation"),
]

project_urls = [
    path("<slug:org>/<slug:project>/setup/", setup.setup_page, name="setup"),
    path("<slug:org>/<slug:project>/setup/status/", setup.status, name="setup_status"),
    path("<slug:org>/<slug:project>/setup/policy/", setup.add_reporting, name="setup_policy"),
    path("<slug:org>/<slug:project>/setup/test/", test_report.send, name="send_test_report"),
    path("<slug:org>/<slug:project>/settings/", project_settings.project_settings, name="settings"),
    path("<slug:org>/<slug:project>/settings/delete/", project_settings.delete, name="delete_project"),
    path("<slug:org>/<slug:project>/settings/keys/", keys.keys, name="keys"),
    path("<slug:org>/<slug:project>/settings/keys/<int:pk>/rename/", keys.rename, name="rename_key"),
    path("<slug:org>/<slug:project>/settings/keys/<int:pk>/switch/", keys.switch, name="switch_key"),
]

urlpatterns = everybody_urls + person_urls + organization_urls + project_urls
