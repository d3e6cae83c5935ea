# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.bench.document`: the tables of docs/performance.md and its plot, from build/bench.json."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from tests.lab.lab import REPOSITORY

FIGURES = REPOSITORY / "build" / "bench.json"
DOCUMENT = REPOSITORY / "docs" / "performance.md"
PLOT = REPOSITORY / "docs" / "performance.svg"

_TARGETS = {
    "sweep_vs_noop_action": "",
    "sweep_vs_limit": "at most 1.25",
    "sweep_vs_worker_limit": "",
    "stock_vs_sweep": "at least 5",
    "cost_1000_vs_100": "at most 1.2",
    "log_scan_vs_grep": "",
}
_SLICE = 1000  # hosts of a job slice in the model
_MARKED = r"(<!-- bench: {name} -->\n).*?(<!-- end -->)"


def write_document(figures: dict[str, Any]) -> None:
    """Replace what stands between the document's markers, and the plot; the words around are people's."""
    text = DOCUMENT.read_text(encoding="utf-8")
    for name, lines in _sections(figures).items():
        content = "".join(f"{line}\n" for line in ["", *lines, ""])
        place = re.search(_MARKED.format(name=name), text, re.DOTALL)
        if place is None:
            raise ValueError(f"{DOCUMENT} has no place for {name}")
        text = text[: place.start()] + place[1] + content + place[2] + text[place.end() :]
    DOCUMENT.write_text(text, encoding="utf-8")
    PLOT.write_text(_plot(figures), encoding="utf-8")


def _sections(figures: dict[str, Any]) -> dict[str, list[str]]:
    compared, slow = figures["compared_with"], figures["slow"]
    return {
        "machine": _machine(figures),
        "ratios": _table(
            ["ratio", "measured", "wanted"],
            ([f"`{name}`", value, _TARGETS.get(name, "")] for name, value in figures["ratios"].items()),
        ),
        "sweeps": _table(
            ["hosts", "wall, s", "CPU for a host, s", "peak memory, MiB", "requests for a host", "bytes for a host"],
            (
                [sweep[key] for key in ("hosts", "wall_s", "cpu_s_per_host", "peak_mb", "requests_per_host")]
                + [sweep["bytes_per_host"]]
                for sweep in figures["sweeps"]
            ),
        ),
        "compared": _table(
            ["what", "hosts", "wall, s", "CPU for a host, s"],
            (
                [words, *(compared[name][key] for key in ("hosts", "wall_s", "cpu_s_per_host"))]
                for name, words in (
                    ("noop_action", "a play with one action plugin that does nothing"),
                    ("exchange", "the same exchange by pywinrm alone, in one process"),
                    ("exchange_forked", "the same, each in a forked process; without the fork"),
                    ("stock", "`raw` tasks and `assert`"),
                )
            ),
        ),
        "slow": _table(
            ["strategy", "forks", "all well, s", f"{slow['dead']} dead and {slow['slow']} slow, s", "bound, s"],
            (
                [case[key] for key in ("strategy", "forks", "healthy_wall_s", "wall_s", "bound_s")]
                for case in slow["cases"]
            ),
        ),
        "report": _table(
            ["hosts", "wall, s", "CPU, s", "peak memory, MiB", "HTML, MiB", "first paint, ms", "filter, ms"],
            (
                [
                    report[key]
                    for key in ("hosts", "wall_s", "cpu_s", "peak_mb", "html_mb", "first_paint_ms", "filter_ms")
                ]
                for report in figures["reports"]
            ),
        ),
        "logs": _table(
            ["log", "MiB", "search, s", "`grep -c -i`, s", "ratio"],
            ([log[key] for key in ("log", "mb", "scan_s", "grep_s", "scan_vs_grep")] for log in figures["logs"]),
        ),
        "host-logs": _table(
            ["log, MiB", "whole task, s", "probe alone, s", "its CPU, s", "its programs", "read by them, MiB"]
            + ["sent back of the log, bytes", "CPU of the controller, s"],
            (
                [log[key] for key in ("mb", "wall_s", "host_s", "host_cpu_s", "host_programs", "host_read_mb")]
                + [log["lines_bytes"], log["controller_cpu_s"]]
                for log in figures["host_logs"]
            ),
        ),
        "model": _model(figures["sweep"]),
    }


def _machine(figures: dict[str, Any]) -> list[str]:
    machine = figures["machine"]
    return [
        f"{machine['processors']} processors ({machine['processor']}), Python {machine['python']}, ansible-core "
        f"{machine['ansible_core']}, pywinrm {machine['pywinrm']}; {figures['forks']} forks, "
        + ("medians of {repetitions} runs." if figures["repetitions"] > 1 else "one run.").format(**figures)
    ]


def _model(sweep: dict[str, Any]) -> list[str]:
    """Slices of equal size, one after the other on each node; a node is a machine as this one."""
    rows = []
    for hosts in (10_000, 100_000):
        slices = hosts / _SLICE
        seconds = sweep["wall_s"] / sweep["hosts"] * _SLICE
        times = [f"{math.ceil(slices / nodes) * seconds / 60:.0f}" for nodes in (1, 4, 16)]
        rows.append([f"{hosts:,}", f"{slices:.0f}", f"{hosts * sweep['cpu_s_per_host'] / 3600:.1f}", *times])
    return _table(
        ["hosts", "job slices", "CPU, hours", "1 node, minutes", "4 nodes, minutes", "16 nodes, minutes"], rows
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [f"| {' | '.join(str(cell) for cell in line)} |" for line in lines]


def _plot(figures: dict[str, Any]) -> str:
    """Bars of processor milliseconds for a host, the controller's."""
    compared = figures["compared_with"]
    largest = figures["sweep"]["hosts"]
    bars = [
        (f"one action that does nothing, {largest} hosts", compared["noop_action"]["cpu_s_per_host"], "#8c959f"),
        ("the exchange by pywinrm alone", compared["exchange"]["cpu_s_per_host"], "#8c959f"),
        *((f"compliance.yml, {s['hosts']} hosts", s["cpu_s_per_host"], "#0969da") for s in figures["sweeps"]),
        (f"raw tasks and assert, {compared['stock']['hosts']} hosts", compared["stock"]["cpu_s_per_host"], "#bc4c00"),
    ]
    scale = 420 / max(seconds for dummy, seconds, dummy in bars)
    height = 30 * len(bars) + 50
    lines = [
        "<!--",
        "Copyright (c) 2026, unblock.updates contributors",
        "GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or "
        "https://www.gnu.org/licenses/gpl-3.0.txt)",
        "SPDX-" + "License-Identifier: GPL-3.0-or-later",  # in one piece, it would be taken for this file's
        "Made by tests/bench/document.py.",
        "-->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 800 {height}" font-family="sans-serif" font-size="13">',
        f'<rect width="800" height="{height}" fill="#ffffff"/>',
        '<text x="10" y="22" font-weight="bold">Processor time of the controller for a host, milliseconds</text>',
    ]
    for number, (words, seconds, colour) in enumerate(bars):
        top = 40 + 30 * number
        lines += [
            f'<text x="290" y="{top + 15}" text-anchor="end">{escape(words)}</text>',
            f'<rect x="300" y="{top}" width="{seconds * scale:.1f}" height="20" fill="{colour}"/>',
            f'<text x="{305 + seconds * scale:.1f}" y="{top + 15}">{seconds * 1000:.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    write_document(json.loads(Path(sys.argv[1] if len(sys.argv) > 1 else FIGURES).read_text(encoding="utf-8")))
