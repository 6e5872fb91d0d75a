"""The small words of every page: chips, times, numbers, and text from strangers made safe to look at."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django import template
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from policies.words import VERDICTS
from projects.models import Organization, Project
from projects.visible import lookalike, visible

register = template.Library()

SWITCHER_PROJECTS = 15


@register.simple_tag(takes_context=True)
def theme(context: template.Context) -> SafeString:
    """` data-theme="dark"` from the cookie, so that the first paint is right without a script. Error pages may have no request."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if request else ""
    return format_html(' data-theme="{}"', chosen) if chosen in ("light", "dark") else SafeString("")


@register.simple_tag
def verdict_chip(slug: str) -> SafeString:
    verdict = VERDICTS.get(slug) or VERDICTS["unsure"]
    return format_html(
        '<span class="chip" data-tone="{}" data-verdict="{}" title="{}"><span aria-hidden="true">{}</span> {}</span>',
        verdict.tone, verdict.slug, verdict.words, verdict.shape, verdict.chip,
    )  # fmt: skip


@register.filter
def number(value: Any) -> str:
    """1204 -> 1,204; what is no number stays as it is."""
    try:
        return f"{int(value):,}"
    except (TypeError, ValueError):
        return str(value)


@register.filter
def count(value: int | None) -> str:
    """A counter that was only read to 1,000."""
    return "1,000+" if (value or 0) > 1000 else f"{value or 0:,}"


@register.filter(name="visible", is_safe=False)
def visible_filter(value: Any) -> str:
    """Text from a report with hidden characters shown as escapes; auto-escaping still applies."""
    return visible(str(value or ""))


@register.filter
def visible_lines(value: Any) -> str:
    """The same for text of several lines, whose line breaks are ours."""
    return "\n".join(visible(line) for line in str(value or "").split("\n"))


@register.filter
def host(value: Any) -> SafeString:
    """A host from a report: punycode as it is, with the name it imitates beside it."""
    text = visible(str(value or ""))
    imitated = lookalike(text)
    if not imitated:
        return conditional_escape(text)
    return format_html('{} <span class="lookalike">looks like {}</span>', text, imitated)


@register.simple_tag
def titled(words: str, thing: str) -> SafeString:
    """A title with its host or scheme in monospace; a host that imitates another one is marked."""
    words, thing = visible(words), visible(thing)
    before, found, after = words.partition(thing) if "." in thing or ":" in thing else (words, "", "")
    if not found:
        return conditional_escape(words)
    return format_html("{}<code>{}</code>{}", before, host(found), after)


@register.simple_tag
def when(value: datetime | None, form: str = "ago") -> SafeString:
    """A moment as `<time>`: how long ago, or with form "full" the date and time; the other one on hover."""
    if value is None:
        return SafeString("–")
    local = timezone.localtime(value)
    full = f"{local:%-d %b %Y, %H:%M} {local.tzname()}"
    shown = full if form == "full" else ago(value, timezone.now())
    stamp = value.astimezone(UTC).isoformat(timespec="seconds")
    if form == "full":
        return format_html('<time datetime="{}">{}</time>', stamp, shown)
    return format_html('<time datetime="{}" title="{}" data-ago>{}</time>', stamp, full, shown)


def ago(value: datetime, now: datetime) -> str:
    """How long ago in one unit, as static/js/times.js writes it too."""
    seconds = int((now - value).total_seconds())
    if seconds < 45:
        return "just now"
    for limit, unit, letter in ((3600, 60, "m"), (86400, 3600, "h"), (86400 * 60, 86400, "d")):
        if seconds < limit:
            return f"{max(1, seconds // unit)} {letter}"
    return f"{timezone.localtime(value):%-d %b %Y}"


@register.filter
def percent(part: int, whole: int) -> int:
    return round(100 * part / whole) if whole else 0


@register.filter
def undo_of(message: Any) -> dict[str, str]:
    """Where a message's Undo posts to: issues.actions puts `undo <action> <path>` into the message's extra tags."""
    words = (getattr(message, "extra_tags", "") or "").split()
    return {"action": words[1], "path": words[2]} if len(words) == 3 and words[0] == "undo" else {}


@register.inclusion_tag("components/switcher.html", takes_context=True)
def switcher(context: template.Context) -> dict[str, Any]:
    """The menu of projects: one bounded query, on pages that show the top bar to a signed-in person."""
    request: HttpRequest | None = context.get("request")
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {}
    projects = Project.objects.visible_to(user).select_related("organization").order_by("organization__slug", "slug")
    project, organization = context.get("project"), context.get("organization")
    return {
        "projects": projects[:SWITCHER_PROJECTS],
        "project": project if isinstance(project, Project) else None,
        "organization": organization if isinstance(organization, Organization) else None,
    }


@register.simple_tag
def query(parameters: Any, **changes: Any) -> SafeString:
    """`?...` of this page's parameters with some changed (None drops one), escaped for an href."""
    merged = parameters.copy()
    for name, value in changes.items():
        if value is None or value == "":
            merged.pop(name, None)
        else:
            merged[name] = value
    return mark_safe("?" + merged.urlencode().replace("&", "&amp;"))  # urlencode leaves no quote or angle bracket
