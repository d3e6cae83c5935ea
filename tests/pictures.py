# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.pictures`: pictures of a report for the documentation, of a fleet of simulated hosts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.browser import BrowserError, chromium
from tests.lab.lab import REPOSITORY, Lab, LabError, Options

FLEET = REPOSITORY / "tests" / "lab" / "fleets" / "pictures.yml"
STATE = REPOSITORY / "build" / "pictures"
PICTURES = REPOSITORY / "docs" / "images"
OPENED = "wsus-sp1-contradicted"


def make_report(folder: Path) -> Path:
    """Judge the fleet by the playbook; returns its report.html. Raises LabError."""
    options = Options(executor="simulated", port=26985, network="127.44.0.0/16")
    with Lab(FLEET, STATE / "lab", options) as lab:
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")), "--inventory", str(lab.inventory),
            "playbooks/compliance.yml", "--extra-vars", f"unblock_report_dir={folder}",
            "--extra-vars", '{"unblock_allow_unreachable": true}',
        ]  # fmt: skip
        run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if run.returncode:
        raise LabError(f"compliance.yml ended with {run.returncode}: {run.stdout[-3000:]}")
    return folder / "report.html"


def take_pictures(browser: Browser, report: Path, folder: Path) -> None:
    """Take one picture of the top, one of a row that is open, and one of a narrow dark window."""
    folder.mkdir(parents=True, exist_ok=True)
    wide = browser.new_page(viewport={"width": 1280, "height": 1130})
    wide.goto(report.as_uri())
    wide.screenshot(path=folder / "report.png")
    _open_row(wide)
    wide.locator(".opened").screenshot(path=folder / "report-row.png")
    narrow = browser.new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    narrow.goto(report.as_uri())
    narrow.screenshot(path=folder / "report-narrow.png")


def _open_row(page: Page) -> None:
    page.get_by_label("Search").fill(OPENED)
    page.get_by_role("button", name=OPENED).click()


def main() -> int:
    """Make the pictures; returns the exit code."""
    try:
        report = make_report(STATE / "report")
        with chromium() as browser:
            take_pictures(browser, report, PICTURES)
    except (BrowserError, LabError) as error:
        print(f"pictures: {error}", file=sys.stderr)
        return 1
    for path in sorted(PICTURES.glob("report*.png")):
        print(f"{path.relative_to(REPOSITORY)}: {path.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
