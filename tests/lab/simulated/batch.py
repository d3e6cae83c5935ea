# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch file, line by line: no goto, no call, no for."""

from __future__ import annotations

import functools
import ntpath
import re

from tests.lab.simulated.cmd import Exit, run_command
from tests.lab.simulated.files import File
from tests.lab.simulated.process import Process, Program

EXTENSIONS = (".bat", ".cmd")
_VARIABLE = re.compile(r"%(%|~dp0|0|[^%\s=:~0][^%=:]*%)")


def program_of(file: File) -> Program:
    """Return the program that a batch file is."""
    return functools.partial(_run, file)


def _run(file: File, process: Process) -> int:
    """Run all lines, showing those without @; returns the code of the last command."""
    with file.content.open() as stream:
        lines = process.machine.oem_code_page.decode(stream.read()).splitlines()
    code = 0
    try:
        for line in filter(str.strip, lines):
            if not line.startswith("@"):
                process.print(f"\n{process.state.directory}>{line}\n")
            code = run_command(process, _expand(process, file.path, line))
    except Exit as end:
        return end.code
    return code


def _expand(process: Process, path: str, line: str) -> str:
    """Fill in variables: here one that is not set is empty, and %% is one percent sign."""
    variables = {name.lower(): value for name, value in process.all_variables().items()}

    def value(match: re.Match[str]) -> str:
        if match[1] == "%":
            return "%"
        if match[1] in ("0", "~dp0"):
            return path if match[1] == "0" else ntpath.dirname(path) + "\\"
        return variables.get(match[1].rstrip("%").lower(), "")

    return _VARIABLE.sub(value, line)
