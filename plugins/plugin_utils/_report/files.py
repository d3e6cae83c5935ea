# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the report in all its formats, each file atomically."""

from __future__ import annotations

from pathlib import Path

from .atomic import json_bytes, write_atomic
from .csv_file import render_csv
from .html import render_html
from .junit import render_junit
from .model import Report

_RENDERERS = {
    "report.json": json_bytes,
    "report.csv": render_csv,
    "report.html": render_html,
    "report.junit.xml": render_junit,
}


def write_report(report_dir: Path, report: Report) -> list[Path]:
    """Write report.json and the formats that derive from it into ``report_dir``; return their paths.

    Raises:
        OSError: the disk refused; the file being written is what it was before.
    """
    paths = [report_dir / name for name in _RENDERERS]
    for path, render in zip(paths, _RENDERERS.values()):
        write_atomic(path, [render(report)])
    return paths
