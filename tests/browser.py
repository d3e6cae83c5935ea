# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's Chromium without a window, for the report's tests, figures and pictures."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright


class BrowserError(Exception):
    """There is no browser; the text says what to do about it."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start the browser and stop it in the end; raises BrowserError."""
    path = shutil.which("chromium")
    if path is None:
        raise BrowserError("Chromium is missing: tools/apt_install.sh chromium")
    with sync_playwright() as playwright:
        # Its sandbox refuses to start for root, and a container has no place for its shared memory.
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-dev-shm-usage"])
        try:
            yield browser
        finally:
            browser.close()
