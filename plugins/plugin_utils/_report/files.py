# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes the report in all its formats, all of them or none.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from ansible_collections.unblock.updates.plugins.plugin_utils._report.atomic import json_chunks, write_together
from ansible_collections.unblock.updates.plugins.plugin_utils._report.csv_file import render_csv
from ansible_collections.unblock.updates.plugins.plugin_utils._report.html import render_html
from ansible_collections.unblock.updates.plugins.plugin_utils._report.junit import render_junit
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report

_RENDERERS: dict[str, Callable[[Report], Iterable[bytes]]] = {
    "report.json": json_chunks,
    "report.csv": lambda report: [render_csv(report)],
    "report.html": lambda report: [render_html(report)],
    "report.junit.xml": lambda report: [render_junit(report)],
}


def write_report(report_dir: Path, report: Report) -> list[Path]:
    """Writes report.json and the formats that derive from it into ``report_dir``; returns their paths.

    Raises:
        OSError: the disk refused; the report that was there before is untouched.
    """
    files = {report_dir / name: render for name, render in _RENDERERS.items()}
    write_together({path: _rendered(render, report) for path, render in files.items()})
    return [*files]


def _rendered(render: Callable[[Report], Iterable[bytes]], report: Report) -> Iterator[bytes]:
    """Yields a format when its turn comes: together they would take more memory than the report."""
    yield from render(report)
