# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run one check in one of the virtual environments and record its outcome for ``tools/summary.py``.

Usage: ``tools/step.py NAME ENVIRONMENT COMMAND...``

The record is JUnit XML in ``build/results/NAME.xml``. A command that is ``pytest`` writes its own, one case a test; any
other command is one case, whose output is shown only if it fails. A run of pytest that ends badly without naming
a failed test (no tests found, a crash) gets a failed case of its own. Without the environment, because
the machine has no Python for it, the check counts as skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

RESULTS = Path("build", "results")
ENVIRONMENTS = Path("build", "venv")


def write_case(result: Path, name: str, seconds: float, problem: tuple[str, str, str] | None) -> None:
    """Write a JUnit file with one case.

    Args:
        result: the file to write.
        name: name of suite and case.
        seconds: what the check took.
        problem: kind of the outcome (``failure`` or ``skipped``), its message and its details; None if it passed.
    """
    suite = ElementTree.Element("testsuite", name=name, time=f"{seconds:.1f}")
    case = ElementTree.SubElement(suite, "testcase", name=name, time=f"{seconds:.1f}")
    if problem:
        kind, message, details = problem
        # XML has no place for most control characters, and linters colour their output.
        printable = "".join(character for character in details if character.isprintable() or character in "\n\t")
        ElementTree.SubElement(case, kind, message=message).text = printable
    ElementTree.ElementTree(suite).write(result, encoding="utf-8", xml_declaration=True)


def names_a_failure(result: Path) -> bool:
    """Whether a JUnit file is there, readable, and holds a failed case."""
    try:
        cases = ElementTree.parse(result).iter("testcase")
    except (OSError, ElementTree.ParseError):
        return False
    return any(case.find("failure") is not None or case.find("error") is not None for case in cases)


def run_pytest(name: str, command: list[str], environment: dict[str, str], result: Path) -> int:
    """Run pytest with its output on the terminal; return its exit code."""
    start = time.monotonic()
    junit = [f"--junitxml={result}", "-o", f"junit_suite_name={name}"]
    code = subprocess.run([*command, *junit], env=environment, check=False).returncode
    if code and not names_a_failure(result):
        message = "no tests found" if code == 5 else f"pytest ended with {code}"
        write_case(result, name, time.monotonic() - start, ("failure", message, ""))
    return code


def run_check(name: str, command: list[str], environment: dict[str, str], result: Path) -> int:
    """Run a check, show its output if it fails; return its exit code."""
    start = time.monotonic()
    done = subprocess.run(
        command,
        env=environment,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    seconds = time.monotonic() - start
    problem = ("failure", f"exit code {done.returncode}", done.stdout) if done.returncode else None
    write_case(result, name, seconds, problem)
    if problem:
        print(done.stdout)
    print(f"{'FAILED' if problem else 'ok'}: {name} ({seconds:.1f} s)", flush=True)
    return done.returncode


def main(name: str, environment_name: str, command: list[str]) -> int:
    """Run the check; return the exit code for the shell."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    result = RESULTS / f"{name}.xml"
    result.unlink(missing_ok=True)
    programs = ENVIRONMENTS.joinpath(environment_name, "bin").resolve()
    if not programs.exists():
        reason = f"no environment {environment_name}: this machine has no Python for it"
        write_case(result, name, 0.0, ("skipped", reason, ""))
        print(f"skipped: {name}: {reason}", flush=True)
        return 0
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(programs.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    run = run_pytest if command[0] == "pytest" else run_check
    return run(name, command, environment, result)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3:]))
