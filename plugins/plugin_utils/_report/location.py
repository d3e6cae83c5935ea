# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the report lies if nobody says.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import os
from pathlib import Path


def report_folder(given: str | None) -> Path:
    """Returns the report's folder: the one given, else the one that AWX brings files back from, else ours here.

    ``AWX_ISOLATED_DATA_DIR`` is set by ansible-runner, on which AWX stands.
    """
    if given:
        return Path(given)
    return Path(os.environ.get("AWX_ISOLATED_DATA_DIR") or ".") / "unblock-report"
