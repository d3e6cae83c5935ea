# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The fleet report of thousands of hosts, from their files to its own, and in a browser."""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.collector import no_collector
from ansible_collections.unblock.updates.plugins.plugin_utils._report.files import write_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.terminal import render_table
from tests.bench.measure import MEBIBYTE, measure
from tests.bench.page import measure_page


def measure_report(folder: Path, result: dict[str, Any], hosts: int, repetitions: int) -> dict[str, Any]:
    """Build the report of so many hosts, each with the result of one; medians of several processes."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "hosts").mkdir(parents=True)
    for number in range(hosts):
        name = f"server-{number:05}"
        # As on real hosts, the name stands in texts, too: the commands of the next steps.
        copy = json.dumps(result).replace(result["host"]["name"], name)
        HOST_FILES.path(folder, name).write_text(copy, encoding="utf-8")
    figures = []
    for _number in range(repetitions):
        log = folder / "bench.log"
        measure([sys.executable, "-m", "tests.bench.report", str(folder), result["run_id"]], log)
        figures.append(json.loads(log.read_text(encoding="utf-8").splitlines()[-1]))
    middle = sorted(figures, key=lambda figure: figure["wall_s"])[len(figures) // 2]
    html = (folder / "report.html").stat().st_size / MEBIBYTE
    page = measure_page(folder / "report.html", repetitions)
    return {"hosts": hosts, **middle, "html_mb": round(html, 2), **page}


def main(folder: Path, run_id: str) -> None:
    """Build one report in this process and print what it cost."""
    names = sorted(path.stem for path in (folder / "hosts").iterdir())
    started, cpu = time.monotonic(), time.process_time()
    with no_collector():  # as in the action
        report = build_report(HOST_FILES.read(folder, run_id, names), run_id=run_id, check_mode=False)
        write_report(folder, report)
    render_table(report, 120)
    wall, cpu = time.monotonic() - started, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MEBIBYTE
    print(json.dumps({"wall_s": round(wall, 2), "cpu_s": round(cpu, 2), "peak_mb": round(peak)}))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
