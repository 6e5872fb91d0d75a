"""The Policy Lab through the API: what is confirmed and ready; match, check, diff, suggest and replay as in `manage.py policy`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from issues.lab import read
from issues.lab_actions import MOST_TEXT, Refused, readable
from issues.lab_advice import add_issues
from issues.lab_policies import confirmed_of, parsed, versions_of
from issues.lab_replay import MOST_LINES, Replayed, replayed
from issues.standing import standings_of
from policies import command_line
from policies.command_line import BadInput
from projects.access import get_project
from projects.api_access import ApiView

MOST_CASES = 1_000
FREE = OpenApiTypes.OBJECT


class PolicyText(serializers.Serializer[object]):
    policy = serializers.CharField(max_length=MOST_TEXT)


class TwoPolicies(serializers.Serializer[object]):
    old = serializers.CharField(max_length=MOST_TEXT)
    new = serializers.CharField(max_length=MOST_TEXT)


class Cases(serializers.Serializer[object]):
    cases = serializers.ListField(child=serializers.DictField(), max_length=MOST_CASES)
    profile = serializers.ChoiceField(["spec", "chromium"], default="spec")


class Issues(serializers.Serializer[object]):
    policy = serializers.CharField(max_length=MOST_TEXT)
    issues = serializers.ListField(child=serializers.IntegerField(min_value=1), max_length=200)


class LabPolicy(ApiView):
    """What is confirmed, which versions enough client networks reported, and where each site stands."""

    @extend_schema(responses=FREE, operation_id="projects_policy_retrieve")
    def get(self, request: Request, org: str, project: str) -> Response:
        shop = get_project(request, org, project)
        reading, confirmed = read(shop), confirmed_of(shop)
        versions = [version for version in versions_of(reading, confirmed) if version.trusted or version.confirmed]
        return Response({
            "confirmed": [
                {"site": one.site, "disposition": one.disposition, "policy": one.text, "confirmedAt": one.confirmed_at} for one in confirmed
            ],
            "versions": [
                {
                    "name": version.name, "policy": version.policy.text, "share": version.share, "confirmed": version.confirmed,
                    "firstSeen": version.policy.first_seen, "lastSeen": version.policy.last_seen,
                    "sameNonceNetworks": version.policy.same_nonce_networks,
                }
                for version in versions[:MOST_LINES]
            ],
            "readiness": [
                {
                    "site": one.site, "disposition": one.policy.disposition if one.policy else None, "state": one.readiness.state,
                    "silent": one.readiness.is_silent, "breaking": one.breaking,
                    "reasons": [
                        {"words": reason.words, "counted": reason.counted, "wanted": reason.wanted, "met": reason.met}
                        for reason in one.readiness.reasons
                    ],
                }
                for one in standings_of(reading, confirmed)
            ],
        })  # fmt: skip


class LabMatch(ApiView):
    @extend_schema(request=Cases, responses=FREE)
    def post(self, request: Request, org: str, project: str) -> Response:
        get_project(request, org, project)
        given = _valid(Cases, request)
        return Response(_said(command_line.match_lines((json.dumps(case) for case in given["cases"]), given["profile"])))


class LabCheck(ApiView):
    @extend_schema(request=PolicyText, responses=FREE)
    def post(self, request: Request, org: str, project: str) -> Response:
        get_project(request, org, project)
        line = json.dumps({"id": None, "header": _valid(PolicyText, request)["policy"]})
        return Response(_said(line for line, _ in command_line.check_lines([line], "full"))[0])


class LabDiff(ApiView):
    @extend_schema(request=TwoPolicies, responses=FREE)
    def post(self, request: Request, org: str, project: str) -> Response:
        get_project(request, org, project)
        given = _valid(TwoPolicies, request)
        old, new = (parsed(_readable(given[name])) for name in ("old", "new"))
        return Response({"lines": command_line.diff_lines(old, new)})


class LabReplay(ApiView):
    """Over the stored evidence of the project, as the draft page does it."""

    @extend_schema(request=PolicyText, responses=FREE)
    def post(self, request: Request, org: str, project: str) -> Response:
        shop = get_project(request, org, project)
        text = _readable(_valid(PolicyText, request)["policy"])
        return Response(replay_as_json(replayed(parsed(text), read(shop).pieces)))


class LabSuggest(ApiView):
    """From trusted evidence of these issues alone; likely attacks are never answered with a change."""

    @extend_schema(request=Issues, responses=FREE)
    def post(self, request: Request, org: str, project: str) -> Response:
        shop = get_project(request, org, project)
        given = _valid(Issues, request)
        added = add_issues(_readable(given["policy"]), read(shop), given["issues"])
        options = [
            {"change": option.code, "values": option.values, "opens": option.opens, "risk": option.risk, "warnings": option.warnings}
            for option in added.options
        ]
        return Response({"policy": added.text, "options": options, "fixed": added.fixed, "left": added.left})


def replay_as_json(answered: Replayed) -> dict[str, Any]:
    """Sums by answer, then by verdict, issue and page."""
    return {
        "total": {answer: {"rows": sums.rows, "reports": sums.reports, "days": sums.days} for answer, sums in answered.totals.items()},
        "verdicts": {
            verdict.slug: {"allowed": weight.allowed, "blocked": weight.blocked, "unknown": weight.unknown}
            for verdict, weight in answered.verdicts
        },
        "issues": [
            {
                "number": line.issue.number, "title": line.issue.title, "verdict": line.issue.verdict, "allowed": line.weight.allowed,
                "blocked": line.weight.blocked, "unknown": line.weight.unknown, "reason": line.reason,
            }
            for line in answered.first_issues
        ],
        "pages": [{"page": page.page, "reports": page.reports} for page in answered.pages[:MOST_LINES]],
    }  # fmt: skip


def _valid(fields: type[serializers.Serializer[object]], request: Request) -> dict[str, Any]:
    given = fields(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


def _readable(text: str) -> str:
    try:
        return readable(text)
    except Refused as refused:
        raise ValidationError({"detail": str(refused)}) from refused


def _said(lines: Iterator[str]) -> list[Any]:
    try:
        return [json.loads(line) for line in lines]
    except BadInput as error:
        raise ValidationError({"detail": str(error)}) from error
