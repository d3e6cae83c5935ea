# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.html in a browser: how long a reader waits for it, and for an answer to a filter."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from playwright.sync_api import Browser

from tests.browser import chromium

# A field of the page and what a reader puts there: searches that find everything, little and nothing cost differently.
INPUTS = [
    ("filter-text", "server-0"),
    ("filter-text", "9999"),
    ("filter-text", "hklm software update"),
    ("filter-text", "no such words"),
    ("filter-text", ""),
    ("filter-status", "non_compliant"),
    ("filter-advisory", "954960"),
    ("filter-release", "3.0 SP1"),
]

# Until the frame with the answer is painted: a message is handled after the frame in which it was sent.
_FILTER = """([id, value]) => new Promise((done) => {
  const field = document.getElementById(id);
  const started = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("input", { bubbles: true }));
  requestAnimationFrame(() => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => done(performance.now() - started);
    channel.port2.postMessage(null);
  });
})"""
_FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint').map((entry) => entry.startTime)[0]"


def measure_page(page: Path, repetitions: int) -> dict[str, float]:
    """Open a report so many times; returns medians in milliseconds, of the filters that of the slowest one."""
    with chromium() as browser:
        runs = [_one_run(browser, page) for dummy in range(repetitions)]
    paints, *filters = ([run[place] for run in runs] for place in range(1 + len(INPUTS)))
    return {
        "first_paint_ms": round(median(paints)),
        "filter_ms": round(max(median(times) for times in filters)),
    }


def _one_run(browser: Browser, path: Path) -> list[float]:
    # The page allows no code but its own; what is asked here is none of it.
    page = browser.new_page(viewport={"width": 1280, "height": 900}, bypass_csp=True)
    try:
        page.goto(path.as_uri())
        page.wait_for_function(f"{_FIRST_PAINT} > 0")
        page.wait_for_timeout(500)  # nobody types sooner
        return [page.evaluate(_FIRST_PAINT), *(page.evaluate(_FILTER, entry) for entry in INPUTS)]
    finally:
        page.close()
