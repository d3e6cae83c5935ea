# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the report lies if nobody says.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def report_folder(given: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """Returns the report's folder: the one given, else the one that AWX brings files back from, else ours here.

    Args:
        given: what the task says.
        environment: ``AWX_ISOLATED_DATA_DIR`` in it is set by ansible-runner, below AWX.
    """
    if given:
        return Path(given)
    return Path(environment.get("AWX_ISOLATED_DATA_DIR") or ".") / "unblock-report"
