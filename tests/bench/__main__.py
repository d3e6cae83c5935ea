# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.bench`: what the collection costs, measured on this machine, as build/bench.json."""

from __future__ import annotations

import argparse
import os
import platform
import re
import shutil
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.bench.document import FIGURES, write_document
from tests.bench.fleet import servers
from tests.bench.host_logs import measure_host_logs
from tests.bench.logs import measure_logs
from tests.bench.measure import MEBIBYTE, BenchError
from tests.bench.report import measure_report
from tests.bench.slow import measure_slow
from tests.bench.sweep import Runs, measure_sweeps, one_result
from tests.browser import BrowserError
from tests.lab.lab import REPOSITORY, LabError, write_json

FOLDER = REPOSITORY / "build" / "bench"


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--hosts", default="100,500,1000", help="sizes of the fleet, separated by commas")
    parser.add_argument("--stock-hosts", type=int, default=200, help="hosts for the comparison with raw tasks")
    parser.add_argument("--report-hosts", default="1000,10000", help="sizes of the report, separated by commas")
    parser.add_argument("--log-mb", type=int, default=200, help="size of each log that is searched")
    parser.add_argument("--host-log-mb", default="10,200", help="sizes of the log that a Wine host searches; none: ''")
    parser.add_argument("--forks", type=int, default=50)
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--port", type=int, default=25987, help="of the simulated hosts")
    parser.add_argument("--slow-hosts", type=int, default=100, help="hosts of the fleet with dead and slow ones")
    parser.add_argument("--output", type=Path, default=FIGURES)
    parser.add_argument("--document", action="store_true", help="put the figures into docs/performance.md")
    return parser.parse_args(arguments)


def machine() -> dict[str, Any]:
    """Return what the figures depend on."""
    return {
        "processors": os.cpu_count(),
        "processor": _processor(),
        "python": platform.python_version(),
        "ansible_core": version("ansible-core"),
        "pywinrm": version("pywinrm"),
    }


def _processor() -> str:
    names = re.findall(r"(?m)^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return names[0] if names else platform.machine()


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Measure everything; raises BenchError, BrowserError or LabError."""
    sizes = [int(size) for size in arguments.hosts.split(",")]
    shutil.rmtree(FOLDER, ignore_errors=True)
    with servers(FOLDER, max(*sizes, arguments.stock_hosts, arguments.slow_hosts), arguments.port) as lab:
        runs = Runs(lab, arguments.forks, FOLDER)
        figures = measure_sweeps(runs, sizes, arguments.stock_hosts, arguments.repetitions)
        result = one_result(runs.report_dir(max(sizes)))
        slow = measure_slow(runs, arguments.slow_hosts)
    reports = [
        measure_report(FOLDER / "report", result, int(size), arguments.repetitions)
        for size in arguments.report_hosts.split(",")
    ]
    logs = measure_logs(FOLDER / "logs", arguments.log_mb * MEBIBYTE, arguments.repetitions)
    on_host = [int(size) * MEBIBYTE for size in arguments.host_log_mb.split(",") if size]
    host_logs = measure_host_logs(FOLDER / "host_logs", on_host, arguments.port + 1) if on_host else []
    figures["ratios"]["log_scan_vs_grep"] = max(figure["scan_vs_grep"] for figure in logs)
    return {
        "machine": machine(),
        "forks": arguments.forks,
        "repetitions": arguments.repetitions,
        **figures,
        "slow": slow,
        "report": reports[-1],
        "reports": reports,
        "logs": logs,
        "host_logs": host_logs,
    }


def main(arguments: list[str] | None = None) -> int:
    """Measure, write, show; returns the exit code."""
    options = parse_arguments(arguments)
    try:
        figures = run(options)
    except (BenchError, BrowserError, LabError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    write_json(options.output, figures)
    print(options.output.read_text(encoding="utf-8"))
    if options.document:
        write_document(figures)
    return 0


if __name__ == "__main__":
    sys.exit(main())
