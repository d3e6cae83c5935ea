# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Add up what ``tools/step.py`` recorded: a table, then one line ``N passed, N failed, N skipped``.

Usage: ``tools/summary.py NAME...``, naming every check that should have run; one that left no record has failed.
Exit code 0 only if nothing failed and something passed.
"""

from __future__ import annotations

import collections
import sys
import textwrap
import typing as t
from pathlib import Path
from xml.etree import ElementTree

RESULTS = Path("build", "results")


class Outcome(t.NamedTuple):
    """What one check came to: numbers of cases, seconds, and a line for each case that failed or was skipped."""

    passed: int
    failed: int
    skipped: int
    seconds: float
    notes: list[str]


def read_outcome(name: str) -> Outcome:
    """Read the record of a check."""
    try:
        root = ElementTree.parse(RESULTS / f"{name}.xml").getroot()
    except (OSError, ElementTree.ParseError):
        return Outcome(0, 1, 0, 0.0, [f"FAILED  {name}: did not run to its end"])
    count: collections.Counter[str] = collections.Counter()
    skips: collections.Counter[str] = collections.Counter()
    notes = []
    for case in root.iter("testcase"):
        title = case.get("name", "") if case.get("name") == name else f"{name}: {case.get('name')}"
        bad = next((case.find(kind) for kind in ("failure", "error") if case.find(kind) is not None), None)
        skip = case.find("skipped")
        if bad is not None:
            count["failed"] += 1
            notes.append(f"FAILED  {title}: {first_line(bad)}")
        elif skip is not None:
            count["skipped"] += 1
            skips[first_line(skip)] += 1
        else:
            count["passed"] += 1
    notes += [f"skipped {name}: {number} x {reason}" for reason, number in skips.items()]
    seconds = sum(float(suite.get("time", 0)) for suite in root.iter("testsuite"))
    return Outcome(count["passed"], count["failed"], count["skipped"], seconds, notes)


def first_line(element: ElementTree.Element) -> str:
    """The first line of an outcome's message, cut to a terminal's measure."""
    return textwrap.shorten(element.get("message", "").partition("\n")[0], 120)


def main(names: list[str]) -> int:
    """Print the summary; return the exit code for the shell."""
    outcomes = {name: read_outcome(name) for name in names}
    width = max(map(len, names))
    print(f"\n{'check':{width}}  passed  failed  skipped  seconds")
    for name, outcome in outcomes.items():
        print(f"{name:{width}}  {outcome.passed:6}  {outcome.failed:6}  {outcome.skipped:7}  {outcome.seconds:7.1f}")
    print()
    for outcome in outcomes.values():
        for note in outcome.notes:
            print(note)
    passed, failed, skipped = (sum(outcome[column] for outcome in outcomes.values()) for column in range(3))
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
