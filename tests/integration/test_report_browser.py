# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html in Chromium, from disk and without a network."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from ansible_collections.unblock.updates.plugins.plugin_utils._report.files import write_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.labels import MARKS
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from tests.browser import chromium
from tests.unit.report.samples import (
    HOSTILE,
    assessment,
    client,
    event,
    every_status,
    failed,
    hostile_result,
    remedy,
    report,
    result,
)

pytestmark = pytest.mark.one_core

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
WIDTHS = (360, 768, 1280, 1920)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a fleet with every status, a remedy, a hierarchy, two advisories, and clients."""
    log = "Installation failed\nError 1603"
    tried = remedy("failed", message="The installer ended with 1603.", exit_code=1603, log_tail=log, after={})
    hosts = [
        *every_status(),
        result("tried", assessment("fix_failed", remedy=tried)),
        _wsus("top", "", events=[event("server")]),
        _wsus("branch", "top"),
        *(_wsus(f"leaf{number}", "branch") for number in range(6)),
        _wsus("far", "wsus.elsewhere.example"),
        result("both", assessment(), assessment("compliant", advisory="954474"), configmgr=_configmgr()),
    ]
    clients = [client("pc1", event("client"), wu_server="http://top"), client("pc2", wu_server=None)]
    path = tmp_path_factory.mktemp("report")
    write_report(path, report(*hosts, clients=clients))
    return path


def _wsus(name: str, upstream: str, **changes: t.Any) -> HostResult:
    facts = {"installed": True, "version": "3.1.6001.65", "release": "3.0 SP1", "upstream_server": upstream}
    return result(name, wsus={**facts, "is_replica": bool(upstream)}, **changes)


def _configmgr() -> dict[str, t.Any]:
    return {"installed": True, "version": "4.00.6221.1000", "release": "2007 SP1"}


class Opened(t.NamedTuple):
    """A page, and everything that it must not do."""

    page: Page
    complaints: list[str]


@pytest.fixture
def opened(browser: Browser, folder: Path) -> Iterator[Opened]:
    with_page = _open(browser, folder / "report.html")
    yield with_page
    with_page.page.context.close()
    assert with_page.complaints == []


def _open(browser: Browser, path: Path, **options: t.Any) -> Opened:
    """Opens a page that notes errors, dialogues, and requests for anything but its own file."""
    context = browser.new_context(offline=True, **options)
    page = context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
    page.on("dialog", lambda dialog: complaints.append(f"dialogue: {dialog.message}") or dialog.dismiss())
    page.on("request", lambda request: request.url == path.as_uri() or complaints.append(f"request: {request.url}"))
    page.goto(path.as_uri())
    return Opened(page, complaints)


def _rows(page: Page) -> list[str]:
    return page.locator("#hosts .open span").all_inner_texts()


def _row(page: Page, name: str) -> Locator:
    return page.locator("#hosts .open").filter(has_text=re.compile(f"^{re.escape(name)}$"))


def test_the_worst_comes_first_and_every_status_is_a_word_and_an_icon(opened: Opened) -> None:
    pills = opened.page.locator("#hosts .pill")
    words = pills.all_inner_texts()
    assert [MARKS[status].label for status in STATUSES] == list(dict.fromkeys(words))
    assert pills.locator("svg.icon").count() == len(words)


def test_the_top_says_what_is_to_be_done(opened: Opened) -> None:
    banner = opened.page.get_by_role("region", name="Result")
    expect(banner).to_contain_text("servers still cannot deliver updates")
    expect(banner).to_contain_text("not a vulnerability in itself, but it keeps security updates")
    expect(banner).to_contain_text("Next step: Apply KB954960")


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("WSUS.ELSEWHERE", ["far"]),
        ("server nothing-like-this", []),
        ("error 1603", ["tried"]),
        ("would fixed", ["would_fix"]),
        (r"d:\wsus\client.dll compliant", None),
    ],
)
def test_search_looks_into_everything_that_a_row_opens_to(opened: Opened, words: str, found: list[str] | None) -> None:
    opened.page.get_by_label("Search").fill(words)
    rows = _rows(opened.page)
    if found is None:
        assert {"non_compliant", "compliant", "both"} <= set(rows) and "unreachable" not in rows
    else:
        assert rows == found
    expect(opened.page.locator("#shown")).to_have_text(f"{len(rows)} of 22 servers match")
    opened.page.get_by_role("button", name="Clear").click()
    expect(opened.page.locator("#shown")).to_have_text("22 servers")


@pytest.mark.parametrize(
    ("choices", "found"),
    [
        ({"status": "unknown"}, ["unknown"]),
        ({"advisory": "954474"}, ["both"]),
        ({"advisory": "954474", "status": "non_compliant"}, []),
        ({"advisory": "954960", "status": "non_compliant", "release": "2007 SP1"}, ["both"]),
        ({"release": "2007 SP1"}, ["both"]),
        ({"action": "apply_kb954960", "release": "2007 SP1"}, ["both"]),
    ],
)
def test_filters_narrow_the_table(opened: Opened, choices: dict[str, str], found: list[str]) -> None:
    for name, value in choices.items():
        opened.page.locator(f"#filter-{name}").select_option(value)
    assert _rows(opened.page) == found


def test_a_bar_leads_to_its_servers(opened: Opened) -> None:
    opened.page.get_by_role("region", name="By advisory").get_by_role("button", name="Fix failed 2").click()
    assert _rows(opened.page) == ["fix_failed", "tried"]
    assert opened.page.locator("#filter-advisory").input_value() == "954960"


def test_a_column_sorts_both_ways_and_says_so(opened: Opened) -> None:
    heads = opened.page.locator("#hosts > thead").get_by_role("columnheader")
    head = heads.filter(has_text="Server")
    by_status = _rows(opened.page)
    head.get_by_role("button").click()
    assert _rows(opened.page) == sorted(by_status)
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    assert _rows(opened.page) == sorted(by_status, reverse=True)
    expect(head).to_have_attribute("aria-sort", "descending")
    heads.filter(has_text="Status").get_by_role("button").click()
    assert _rows(opened.page) == by_status


def test_names_are_sorted_by_their_numbers(browser: Browser, tmp_path: Path) -> None:
    write_report(tmp_path, report(*(result(f"wsus{number}") for number in (10, 9, 1))))
    page = _open(browser, tmp_path / "report.html").page
    assert _rows(page) == ["wsus1", "wsus9", "wsus10"]
    page.context.close()


def test_the_keyboard_is_enough(opened: Opened) -> None:
    page = opened.page
    page.get_by_label("Search").focus()
    # Four filters, the button that clears them, five heads of columns.
    for _stop in range(11):
        page.keyboard.press("Tab")
    first, second = _row(page, "unreachable"), _row(page, "error")
    expect(first).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(second).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(first).to_have_attribute("aria-expanded", "true")
    expect(page.locator(f"#{first.get_attribute('aria-controls')}")).to_contain_text("Why it could not be judged")
    page.keyboard.press("Space")
    expect(first).to_have_attribute("aria-expanded", "false")


def test_a_row_opens_to_why_and_where_and_what_to_do(opened: Opened) -> None:
    _row(opened.page, "both").click()
    details = opened.page.locator(".opened .details")
    for words in (
        "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66.",
        "Apply KB954960",
        "Seen, 3 times",
        "Not attempted",
        "version 1.2.0, SHA-256 b7b7b7b7b7b7",
        "Read 2026-11-21 10:00:07 UTC.",
    ):
        expect(details).to_contain_text(words)
    expect(
        details.locator("code", has_text="ansible-playbook unblock.updates.remediate --limit wsus1").first
    ).to_be_visible()
    cells = details.locator("article").first.locator(".evidence tbody td").all_inner_texts()
    assert cells == ["file", r"D:\WSUS\Client.Dll", ">= 3.1.6001.66", "3.1.6001.65"]


def test_a_row_opens_to_what_was_changed(opened: Opened) -> None:
    _row(opened.page, "tried").click()
    change = opened.page.locator(".opened .change")
    for words in (
        "Apply KB954960: Failed",
        "2026-11-21 09:58:00 UTC to 2026-11-21 09:59:30 UTC",
        "1603",
        "Only by removing the product",
    ):
        expect(change).to_contain_text(words)
    assert change.locator(".changed tbody td").all_inner_texts() == ["wsus.client_dll.version", "3.1.6001.65", "-"]
    expect(change.locator("pre")).to_have_text("Installation failed\nError 1603")


def test_lines_of_a_log_stay_lines(browser: Browser, tmp_path: Path) -> None:
    lines = "2008-06-14 Error\n   at System.Collections"
    evidence = [{"source": "log", "where": "a.log:3", "expected": "no such event", "observed": lines}]
    other = assessment("not_applicable", advisory="954474")
    write_report(tmp_path, report(result("wsus1", other, assessment(evidence=evidence))))
    page = _open(browser, tmp_path / "report.html").page
    _row(page, "wsus1").click()
    assert page.locator(".details h3").all_inner_texts() == [
        "Advisory 954960\nNon-compliant",
        "Advisory 954474\nNot applicable",
    ]
    assert page.locator(".excerpt pre").inner_text() == lines
    page.context.close()


def test_the_hierarchy_is_a_picture_and_the_same_in_words(opened: Opened) -> None:
    section = opened.page.get_by_role("region", name="Hierarchy of the WSUS servers")
    trees = section.locator("svg.tree")
    assert trees.count() == 2
    assert trees.first.locator("text.name").all_text_contents() == ["6 servers", "branch", "top"]
    boxes = [box.bounding_box() for box in trees.first.locator("rect.frame").all()]
    assert [box["x"] for box in boxes if box] == sorted((box["x"] for box in boxes if box), reverse=True)
    section.get_by_text("The same in words").click()
    words = section.locator("details > ul > li").first.inner_text().splitlines()
    assert words == [
        "top: Non-compliant",
        "branch: Non-compliant, replica",
        "6 servers: Non-compliant",
    ]
    expect(section.locator("details")).to_contain_text("wsus.elsewhere.example: Not judged, not in this report")


def test_clients_stand_beside_the_server_that_refused_them(opened: Opened) -> None:
    cells = (
        opened.page.get_by_role("region", name="Clients that a server refused").locator("tbody td").all_inner_texts()
    )
    assert cells == ["pc1", "top", "954960", "1", "2008-06-13 19:59:56 UTC", "2008-06-13 19:59:56 UTC"]
    _row(opened.page, "top").click()
    expect(opened.page.locator(".opened .clients")).to_contain_text("pc1")


def test_paper_shows_what_the_screen_folds(opened: Opened) -> None:
    page = opened.page
    page.evaluate("""addEventListener("beforeprint", () => {
        window.onPaper = document.querySelectorAll("#hosts .opened .details").length;
    })""")
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF-") and len(re.findall(rb"/Type /Page\b", pdf)) > 5
    assert page.evaluate("window.onPaper") == 22
    assert page.locator("#hosts .opened").count() == 0, "the screen is as it was"


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(browser: Browser, folder: Path, width: int) -> None:
    page = _open(browser, folder / "report.html", viewport={"width": width, "height": 900}).page
    _row(page, "both").click()
    _row(page, "tried").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(browser: Browser, folder: Path, scheme: t.Any, width: int) -> None:
    page = _open(browser, folder / "report.html", color_scheme=scheme, viewport={"width": width, "height": 900}).page
    for name in ("unreachable", "both", "tried", "top"):
        _row(page, name).click()
    page.get_by_text("The same in words").click()
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    assert [(one["id"], [node["html"] for node in one["nodes"]][:3]) for one in found] == []
    assert page.evaluate("async () => (await axe.run()).passes.length") > 20, "axe looked at the page"
    page.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_readers_colours(browser: Browser, folder: Path, scheme: t.Any) -> None:
    page = _open(browser, folder / "report.html", color_scheme=scheme).page
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (sum(map(int, re.findall(r"\d+", colour))) > 3 * 128) is (scheme == "light")
    page.context.close()


def test_hostile_text_is_text(browser: Browser, tmp_path: Path) -> None:
    hosts = [hostile_result(text) for text in HOSTILE.values()]
    clients = [client(text, event("client"), wu_server="http://gone") for text in HOSTILE.values()]
    write_report(tmp_path, report(*hosts, failed("gone", text=HOSTILE["script end"]), clients=clients))
    page, complaints = _open(browser, tmp_path / "report.html")
    for row in page.locator("#hosts .open").all():
        row.click()
    for text in ("<img src=x onerror=alert(1)>&amp;<b>", "</script><script>alert(1)</script><!--"):
        expect(page.locator(".details").filter(has_text=text).first).to_be_visible()
        page.get_by_label("Search").fill(text)
        assert _rows(page)
        page.get_by_label("Search").fill("")
    assert page.locator("#hosts img, #hosts script, #hosts b, #hosts a").count() == 0
    assert page.locator("script").count() == 2
    assert complaints == []
    page.context.close()


def test_without_scripts_the_numbers_and_the_hierarchy_stand(browser: Browser, folder: Path) -> None:
    page = _open(browser, folder / "report.html", java_script_enabled=False).page
    expect(page.get_by_role("region", name="Servers by status")).to_contain_text("Unreachable")
    expect(page.locator("svg.tree").first).to_be_visible()
    page.context.close()
