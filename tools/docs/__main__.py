# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m tools.docs``: write the pages that are made from the code anew. A test fails while one is out of date."""

from __future__ import annotations

from pathlib import Path

from tools.docs import decisions, error_page

FOLDER = Path(__file__).parents[2] / "docs" / "docsite" / "rst"
#: The generated pages by name.
PAGES = {decisions.NAME: decisions.page, error_page.NAME: error_page.page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        FOLDER.joinpath(f"{name}.rst").write_text(page(), encoding="utf-8")
