"""An issue as text: complete, and harmless where it is pasted."""

from __future__ import annotations

from issues.ticket import Facts, ticket


def test_it_says_all_and_makes_no_link_of_a_report():
    facts = Facts(
        "SHOP-42", "Script from cdn.evil.example blocked", "https://csp.acme.example/acme/shop/issues/42/", "Likely attack",
        "Unknown host", "script-src-elem", "Browsers tried to run https://cdn.evil.example/t.js\u202e on 3 pages.", "1 Nov", "3 Nov",
        1204, [("shop.example/checkout", 351)], ["Look at the page's source."],
    )  # fmt: skip
    text = ticket(facts)
    assert "https://csp.acme.example/acme/shop/issues/42/" in text
    assert text.startswith("SHOP-42: Script from cdn[.]evil[.]example blocked\n")
    assert "https[://]cdn[.]evil[.]example/t[.]js\\u202e on 3 pages." in text
    assert "evil.example" not in text
    assert "1,204 reports" in text
    assert "shop[.]example/checkout (351)" in text
    assert "1. Look at the page's source." in text
