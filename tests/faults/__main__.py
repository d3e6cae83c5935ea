# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.faults`: strikes every request of every module with every kind of fault, and writes the table.

The table stands in docs/reliability.md between two markers.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.faults.matrix import KILLS, Cell, Course, Finding, disturb, survey
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.lab.endpoint.injection import FAULTS, KINDS
from tests.lab.lab import REPOSITORY

DOCUMENT = REPOSITORY / "docs" / "reliability.md"
BEGIN, END = "<!-- counts: make test-faults -->", "<!-- end of counts -->"
FOLDER = REPOSITORY / "build" / "faults"
HOSTS = 100  # at a time


def parse_arguments(arguments: list[str] | None) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--modules", default="", help="names of scenarios, separated by commas; all without it")
    parser.add_argument("--kinds", default="", help="kinds of faults, separated by commas; all without it")
    parser.add_argument("--every", type=int, default=1, help="strike each n-th request only")
    parser.add_argument("--port", type=int, default=25986, help="of the simulated hosts")
    return parser.parse_args(arguments)


def cells_of(scenario: Scenario, course: Course, kinds: Iterable[str], every: int) -> list[list[Cell]]:
    """Return the faults to inject, in portions that one lab can take."""
    cells = [Cell(scenario, kind, at) for kind in kinds for at in range(1, course.requests + 1, every)]
    portions = []
    for some in ([c for c in cells if c.kind not in KILLS], [c for c in cells if c.kind in KILLS]):
        portions += [some[start : start + HOSTS] for start in range(0, len(some), HOSTS)]
    return portions


def table(findings: list[Finding], head: str, name_of: Callable[[Cell], str]) -> str:
    """Return the counts as Markdown, a row for each name that cells have."""
    rows: dict[str, Counter[str]] = {}
    for finding in findings:
        counts = rows.setdefault(name_of(finding.cell), Counter())
        counts[finding.outcome if finding.struck else "not struck"] += 1
        counts["broken"] += bool(finding.problems)
    names = ("ok", "failed", "unreachable", "killed", "not struck", "broken")
    lines = [f"| {head} | {' | '.join(names)} |", "| --- |" + " ---: |" * len(names)]
    lines += [f"| {row} | {' | '.join(str(counts[name]) for name in names)} |" for row, counts in rows.items()]
    return "\n".join(lines)


def kind_of(cell: Cell) -> str:
    """Return the name of a fault; those of SOAP share one."""
    return "SOAP faults" if cell.kind in FAULTS else f"`{cell.kind}`"


def write(text: str, document: Path = DOCUMENT) -> None:
    """Put the table between the document's markers."""
    before, dummy, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    document.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main(arguments: list[str] | None = None) -> int:
    """Strike, count, print, write; returns the exit code."""
    options = parse_arguments(arguments)
    kinds = options.kinds.split(",") if options.kinds else [*KINDS, *KILLS]
    scenarios = [s for s in SCENARIOS if not options.modules or s.name in options.modules.split(",")]
    findings: list[Finding] = []
    for scenario in scenarios:
        started = time.monotonic()
        course = survey(scenario, FOLDER, options.port)
        print(f"{scenario.name}: {course.requests} requests", flush=True)
        for portion in cells_of(scenario, course, kinds, options.every):
            found = disturb(portion, course, FOLDER, options.port)
            findings += found
            for finding in found:
                for problem in finding.problems:
                    print(f"  {finding.cell}: {problem}", flush=True)
            print(f"  {len(found)} faults, {time.monotonic() - started:.0f} s since the module's first", flush=True)
    by_module = table(findings, "module", lambda cell: f"`{cell.scenario.name}`")
    text = f"{by_module}\n\n{table(findings, 'fault', kind_of)}"
    print(text)
    broken = sum(bool(finding.problems) for finding in findings)
    print(f"{len(findings)} faults, {broken} with problems")
    if not options.modules and not options.kinds:
        which = "Every request" if options.every == 1 else f"One request of {options.every}"
        write(f"{which} was struck: {len(findings)} faults, {broken} led to a problem.\n\n{text}")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
