"""From a pasted policy to a copied draft in real Chromium: no violation, nothing for axe, nothing too wide, with and without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.pages import Complaints, axe_findings, too_wide
from tests.processes.instance import Instance

pytestmark = pytest.mark.browser
LAB = "/acme/shop/policy/"
POLICY = "default-src 'self'; script-src 'self'; img-src 'self'; object-src 'none'"


def confirm(page: Page, running: Instance, text: str, policy_of: str) -> None:
    page.goto(f"{running.url}{LAB}confirm/")
    page.get_by_label("The policy").fill(text)
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_label(policy_of).check()
    page.get_by_role("button", name="This is our policy: confirm").click()
    page.wait_for_url(f"{running.url}{LAB}")


def save_draft(page: Page, running: Instance, name: str) -> str:
    page.goto(f"{running.url}{LAB}drafts/new/")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Policy", exact=True).fill(POLICY + "; base-uri 'none'")
    page.get_by_role("button", name="Save").click()
    page.wait_for_url("**/policy/drafts/*/")
    return page.url


def test_the_pages_of_the_lab_keep_our_own_rules(running: Instance, page: Page) -> None:
    complaints = Complaints(page)
    confirm(page, running, f"Content-Security-Policy-Report-Only: {POLICY}", "Content-Security-Policy-Report-Only")
    draft = save_draft(page, running, "Kept")
    paths = [f"{running.url}{LAB}", draft, f"{running.url}{LAB}confirm/", f"{running.url}{LAB}sources/", f"{running.url}/observatory/"]
    page.goto(paths[0])
    paths.append(running.url + str(page.get_by_role("link", name="Enforce").first.get_attribute("href")))
    found: list[str] = []
    for path in paths:
        page.goto(path)
        found += axe_findings(page)
        page.set_viewport_size({"width": 360, "height": 740})
        found += [wide for wide in (too_wide(page),) if wide]
        page.set_viewport_size({"width": 1280, "height": 800})
    assert found == []
    assert complaints.said == []


def test_a_draft_is_copied_by_its_button(running: Instance, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    save_draft(page, running, "Copied")
    page.locator("[data-copy=copy-value]").click()
    page.get_by_text("Copied", exact=True).first.wait_for()
    assert "base-uri 'none'" in page.evaluate("navigator.clipboard.readText()")


def test_a_draft_needs_no_script(running: Instance, chromium: Browser, signed_in: dict[str, object]) -> None:
    context = chromium.new_context(storage_state=signed_in, java_script_enabled=False)  # type: ignore[arg-type]
    page = context.new_page()
    save_draft(page, running, "Without scripts")
    page.get_by_label("Policy", exact=True).fill("default-src 'none'")
    page.get_by_role("button", name="Replay").click()
    assert page.get_by_text("Not saved.").is_visible()
    assert page.get_by_role("heading", name="Replayed on 30 days").is_visible()
    context.close()


COUNT_CLICKS = """addEventListener('click', event => {
    if (event.isTrusted) sessionStorage.clicks = Number(sessionStorage.clicks || 0) + 1
}, true)"""


def copied_from(page: Page, running: Instance) -> tuple[int, str, list[str]]:
    """From an issue of the demo to its changed header: (clicks, what is in the clipboard, the two figures of the replay)."""
    page.goto(f"{running.url}/acme/demo-shop/?q=host:cdn.thirdparty.example")
    page.get_by_role("link", name="Image from cdn.thirdparty.example").first.click()
    page.get_by_role("heading", name="Change the policy?").wait_for()
    page.evaluate("sessionStorage.clicks = 0")
    offer = page.get_by_role("link", name="Look at the reported one and confirm")
    if offer.is_visible():
        offer.click()
        page.get_by_role("button", name="This is our policy: confirm").click()
    page.locator("[data-copy=changed-policy]").click()
    page.get_by_text("Copied", exact=True).first.wait_for()
    proof = page.locator("section", has=page.get_by_role("heading", name="Change the policy?")).locator("strong").first.inner_text()
    return int(page.evaluate("sessionStorage.clicks")), page.evaluate("navigator.clipboard.readText()"), proof.split(" of ")


def test_a_newcomer_gets_from_an_issue_to_a_copied_and_proved_header_in_three_clicks(running: Instance, context: BrowserContext) -> None:
    """With a confirmed policy one click copies it; a newcomer, who has confirmed none, looks at the reported one and confirms it first."""
    running.manage("demo", "--organization", "acme")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.add_init_script(COUNT_CLICKS)
    page = context.new_page()
    clicks, header, proof = copied_from(page, running)
    assert clicks == 1
    running.manage("shell", "-c", "from issues.models import ConfirmedPolicy as C; C.objects.filter(project__slug='demo-shop').delete()")
    assert copied_from(page, running) == (3, header.replace("; report-uri https://csp.shop.example/r", ""), proof)
    assert "img-src 'self' https://images.shop.example https://cdn.thirdparty.example" in header
    assert proof[0] == proof[1] != "0"
