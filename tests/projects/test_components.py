"""The small words of every page, and text from strangers made safe to look at."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.http import QueryDict
from django.template import Context, Template
from django.utils import timezone

from projects.templatetags.components import ago, count, number, query, titled, undo_of, when
from projects.visible import lookalike, visible


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain", "plain"),
        ("münchen ✓ 日本", "münchen ✓ 日本"),
        ("a\nb\x00", "a\\x0ab\\x00"),
        ("\u202eevil\u2066", "\\u202eevil\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_hidden_characters_show(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "host, imitated",
    [
        ("xn--pypal-4ve.com", "paypal.com"),
        ("cdn.xn--pypal-4ve.com", "cdn.paypal.com"),
        ("xn--80ak6aa92e.com", "apple.com"),
        ("xn--mnchen-3ya.de", ""),
        ("paypal.com", ""),
        ("xn--", ""),
        ("xn--\udcff.com", ""),
        ("xn--zz99zz99zz.com", ""),
    ],
)
def test_a_host_that_would_be_mistaken_for_another(host: str, imitated: str) -> None:
    assert lookalike(host) == imitated


def test_a_title_has_its_host_in_monospace_and_nothing_as_markup() -> None:
    assert titled("Script from x.io blocked", "x.io") == "Script from <code>x.io</code> blocked"
    assert titled("Script from <b:> blocked", "<b:>") == "Script from <code>&lt;b:&gt;</code> blocked"
    assert titled("Script from an extension", "an extension") == "Script from an extension"
    assert titled("Script <i>", "") == "Script &lt;i&gt;"
    assert titled("Script <i>", "gone") == "Script &lt;i&gt;"


@pytest.mark.parametrize(
    "passed, words",
    [(timedelta(0), "just now"), (timedelta(seconds=70), "1 m"), (timedelta(minutes=59), "59 m"), (timedelta(hours=5), "5 h"),
     (timedelta(days=3), "3 d")],
)  # fmt: skip
def test_how_long_ago(passed: timedelta, words: str) -> None:
    now = timezone.now()
    assert ago(now - passed, now) == words


def test_a_time_is_relative_with_the_date_on_hover_or_full() -> None:
    at = datetime(2026, 11, 3, 14, 5, tzinfo=UTC)
    assert when(at, "full") == '<time datetime="2026-11-03T14:05:00+00:00">3 Nov 2026, 14:05 UTC</time>'
    assert 'title="3 Nov 2026, 14:05 UTC" data-ago>' in when(at)
    assert when(None) == "–"


def test_numbers() -> None:
    assert (number(1204), number("x"), count(1000), count(1001), count(None)) == ("1,204", "x", "1,000", "1,000+", "0")


def test_a_query_string_keeps_what_is_not_changed_and_stays_an_attribute() -> None:
    given = QueryDict('q=is:open "&sort=reports')
    assert query(given, sort=None) == "?q=is%3Aopen+%22"
    assert query(given, cursor="o1_2") == "?q=is%3Aopen+%22&amp;sort=reports&amp;cursor=o1_2"


def test_a_message_carries_its_undo() -> None:
    assert undo_of(SimpleNamespace(extra_tags="undo abc /a/b/actions/")) == {"action": "abc", "path": "/a/b/actions/"}
    assert undo_of(SimpleNamespace(extra_tags="")) == {}
    assert undo_of(SimpleNamespace(extra_tags=None)) == {}


@pytest.mark.parametrize("cookie, attribute", [("dark", ' data-theme="dark"'), ('"><script>', ""), ("", "")])
def test_the_theme_comes_from_a_cookie_and_only_as_light_or_dark(cookie: str, attribute: str) -> None:
    context = Context({"request": SimpleNamespace(COOKIES={"theme": cookie})})
    assert Template("{% theme %}").render(context) == attribute


def test_the_chip_has_shape_and_words() -> None:
    chip = Template('{% verdict_chip "attack" %}{% verdict_chip "nonsense" %}').render(Context())
    assert "▲" in chip
    assert "Likely attack" in chip
    assert "Not sure yet" in chip
