"""Overview, issues, noise and rules. Included after projects.urls, whose fixed words win over slugs."""

from __future__ import annotations

from django.urls import path

from issues.views import act, detail, drafts, noise, overview, policy, readiness, setup_status, sources
from issues.views import list as list_views
from issues.views import rules as rule_views

app_name = "issues"

list_urls = [
    path("<slug:org>/<slug:project>/", list_views.issue_list, name="list"),
    path("<slug:org>/<slug:project>/news/", list_views.news, name="news"),
    path("<slug:org>/<slug:project>/actions/", act.act, name="act"),
    path("<slug:org>/<slug:project>/views/", act.save_view, name="save_view"),
    path("<slug:org>/<slug:project>/noise/", noise.noise, name="noise"),
    path("<slug:org>/<slug:project>/noise/pause/", noise.pause, name="pause_rule"),
    path("<slug:org>/<slug:project>/noise/declare/", noise.declare, name="declare"),
]

issue_urls = [
    path("<slug:org>/<slug:project>/issues/<int:number>/", detail.issue, name="detail"),
    path("<slug:org>/<slug:project>/issues/<int:number>/samples/<int:pk>/", detail.sample, name="sample"),
    path("<slug:org>/<slug:project>/issues/<int:number>/samples/<int:pk>/report.txt", detail.sample_file, name="sample_file"),
]

setup_urls = [
    path("<slug:org>/<slug:project>/setup/test/status/", setup_status.test_status, name="test_status"),
    path("<slug:org>/<slug:project>/setup/test/result/", setup_status.test_result, name="test_result"),
    path("<slug:org>/<slug:project>/setup/test/remove/", setup_status.remove_test, name="remove_test"),
]

rule_urls = [
    path("<slug:org>/<slug:project>/rules/", rule_views.rules, name="rules"),
    path("<slug:org>/<slug:project>/rules/new/", rule_views.new, name="new_rule"),
    path("<slug:org>/<slug:project>/rules/<int:pk>/", rule_views.edit, name="rule"),
    path("<slug:org>/<slug:project>/rules/<int:pk>/switch/", rule_views.switch, name="switch_rule"),
    path("<slug:org>/<slug:project>/rules/<int:pk>/delete/", rule_views.delete, name="delete_rule"),
]

policy_urls = [
    path("<slug:org>/<slug:project>/policy/", policy.policy, name="policy"),
    path("<slug:org>/<slug:project>/policy/compare/", policy.compare, name="compare_policies"),
    path("<slug:org>/<slug:project>/policy/confirm/", policy.confirm_page, name="confirm_policy"),
    path("<slug:org>/<slug:project>/policy/drafts/new/", drafts.new, name="new_draft"),
    path("<slug:org>/<slug:project>/policy/drafts/<int:pk>/", drafts.draft, name="draft"),
    path("<slug:org>/<slug:project>/policy/drafts/<int:pk>/delete/", drafts.delete, name="delete_draft"),
    path("<slug:org>/<slug:project>/policy/readiness/", readiness.thresholds, name="thresholds"),
    path("<slug:org>/<slug:project>/policy/enforce/<int:pk>/", readiness.enforce, name="enforce"),
    path("<slug:org>/<slug:project>/policy/sources/", sources.sources, name="sources"),
    path("<slug:org>/<slug:project>/policy/sources/decide/", sources.decide, name="decide_source"),
    path("<slug:org>/<slug:project>/policy/sources/sources.csv", sources.sources_file, name="sources_file"),
]

urlpatterns = [path("", overview.overview, name="overview"), *list_urls, *issue_urls, *setup_urls, *rule_urls, *policy_urls]
