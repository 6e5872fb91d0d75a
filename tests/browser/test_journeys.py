"""What people do, from end to end: first run, the try page, an issue ignored and back, by keyboard alone and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.pages import axe_findings, sign_in
from tests.factories import PASSWORD
from tests.processes.instance import OWNER, Instance, embedded

pytestmark = pytest.mark.browser
MOST_TABS = 120
ARRIVAL = 10_000
"""Milliseconds in which a report must show; what it takes is measured by test_violations.py."""


def test_first_run_to_the_first_issue_and_ignoring_it(chromium: Browser, tmp_path: Path) -> None:
    """A fresh data folder, one command, one form, the try page, one issue, ignored."""
    instance = embedded(tmp_path)
    instance.manage("migrate", "--verbosity", "0")
    instance.start()
    page = chromium.new_page()
    try:
        page.goto(instance.url)
        assert axe_findings(page) == []
        page.get_by_label("Your e-mail").fill("ana@acme.example")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_label("Organization").fill("Acme")
        page.get_by_label("First project").fill("Shop")
        page.get_by_label("Sites").fill("shop.example")
        page.get_by_role("main").get_by_role("button").last.click()
        page.wait_for_url("**/acme/shop/setup/")
        expect(page.get_by_text("Waiting for your first report")).to_be_visible()

        with page.context.expect_page() as opened:
            page.get_by_role("link", name=re.compile("try", re.I)).first.click(modifiers=["Control"])
        opened.value.wait_for_load_state()
        assert "/try/" in opened.value.url
        expect(page.get_by_text("First report received")).to_be_visible(timeout=ARRIVAL)

        page.goto(f"{instance.url}/acme/shop/")
        page.locator(".issue-link").first.click()
        ignore(page)
        expect(page.get_by_role("status")).to_contain_text("gnored")
    finally:
        page.context.close()
        instance.stop()


def test_the_try_page_shows_the_picture_and_by_a_switch_it_is_gone(running: Instance, page: Page) -> None:
    page.goto(f"{running.url}/acme/quiet/setup/")
    page.goto(f"{running.url}{page.get_by_role('link', name=re.compile('try', re.I)).first.get_attribute('href')}")
    picture = page.locator("main img")
    assert picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth)") > 0
    page.get_by_role("link", name=re.compile("enforce", re.I)).first.click()
    assert picture.evaluate("picture => picture.naturalWidth") == 0
    running.drained(1, "quiet")
    page.goto(f"{running.url}/acme/quiet/")
    expect(page.locator(".issue-link")).to_have_count(1)
    expect(page.locator(".issue-link")).to_contain_text("Image from")


def test_ignore_and_undo_by_keyboard_alone(running: Instance, chromium: Browser) -> None:
    """Tab, Enter, Space and arrows; no single-key shortcut is needed."""
    page = chromium.new_page()
    page.goto(f"{running.url}/login/")
    press_on(page, page.get_by_label("E-mail"), typed=OWNER)
    press_on(page, page.get_by_label("Password"), typed=PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{running.url}/")
    press_on(page, page.get_by_role("main").get_by_role("link", name=re.compile("shop", re.I)).first, "Enter")
    page.wait_for_url("**/acme/shop/**")
    press_on(page, page.locator(".issue-link").first, "Enter")
    page.wait_for_url("**/acme/shop/issues/**")
    ignore_with_keys(page)
    undo = page.get_by_role("button", name="Undo").first
    expect(undo).to_be_visible()
    press_on(page, undo, "Enter")
    expect(page.get_by_role("status")).to_contain_text(re.compile("undone|open again|back", re.I))
    page.context.close()


def test_the_shortcuts_ignore_and_undo(running: Instance, page: Page) -> None:
    page.goto(f"{running.url}/acme/shop/")
    title = page.locator(".issue-link").first.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)
    page.keyboard.press("i")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("gnored")
    page.keyboard.press("u")
    expect(page.get_by_role("status")).not_to_contain_text("gnored.")


def test_without_javascript(running: Instance, chromium: Browser) -> None:
    """Sign in, make a project, ignore an issue, undo: forms and links do everything."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, running)
    page.goto(f"{running.url}/acme/new/")
    page.get_by_label("Project", exact=True).fill("Without script")
    page.get_by_role("main").get_by_role("button").last.click()
    page.wait_for_url("**/acme/without-script/setup/")

    page.goto(f"{running.url}/acme/shop/")
    page.locator(".issue-link").first.click()
    ignore(page)
    expect(page.get_by_role("status")).to_contain_text("gnored")
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_role("status")).not_to_contain_text("gnored.")
    context.close()


def ignore(page: Page) -> None:
    """Open the small form and take its default."""
    page.locator("summary", has_text="Ignore").first.click()
    page.locator("details[open]").get_by_role("button", name=re.compile("Ignore")).first.click()


def ignore_with_keys(page: Page) -> None:
    press_on(page, page.locator("summary", has_text="Ignore").first, "Enter")
    press_on(page, page.locator("details[open]").get_by_role("button", name=re.compile("Ignore")).first, "Enter")


def press_on(page: Page, target: Locator, key: str = "", *, typed: str = "") -> None:
    """Go there with Tab, as often as it takes, then press the key or type the words."""
    for _ in range(MOST_TABS):
        if target.evaluate("element => element === document.activeElement"):
            break
        page.keyboard.press("Tab")
    else:
        raise AssertionError(f"Tab never reaches {target}")
    assert target.evaluate("element => element.matches(':focus-visible')"), f"{target} does not show that it has the focus"
    if typed:
        page.keyboard.type(typed)
    if key:
        page.keyboard.press(key)
