# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A controller that lacks a library."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def run_without(library: str, script: str, folder: Path) -> str:
    """Run a script in a Python of its own, in which importing the library fails, and return what it printed.

    Args:
        library: its import fails with "no such library".
        script: may import the collection.
        folder: an empty one.
    """
    (folder / f"{library}.py").write_text("raise ImportError('no such library')", encoding="utf-8")
    collections = next(path for path in sys.path if (Path(path) / "ansible_collections" / "unblock").is_dir())
    return subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), collections])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
