# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""msiexec: installs a stand-in package that is an .msi."""

from __future__ import annotations

from collections.abc import Sequence

from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.packages import Installation, Package
from tests.lab.simulated.process import Process, split_arguments

FATAL_ERROR, CANNOT_OPEN, NO_PACKAGE, OTHER_PROCESSOR, BAD_COMMAND_LINE = 1603, 1619, 1620, 1633, 1639
_QUIET = ("/qn", "/quiet", "/qb", "/passive")


def msiexec(process: Process) -> int:
    """Run `msiexec /i FILE /qn [/norestart] [/l*v LOG] [NAME=VALUE]...`; returns what Windows Installer would.

    Without one of the quiet forms it would open a window that nobody sees: that is refused as a wrong command line.
    """
    command = _read(split_arguments(process.arguments))
    if command is None:
        return BAD_COMMAND_LINE
    path, log = command
    try:
        file = process.machine.disks.find(process.full_path(path))
        file.check_readable()
    except WindowsError:
        return CANNOT_OPEN
    package = Package.in_file(file)
    if package is None or package.kind != "msi":
        return NO_PACKAGE
    if package.architecture == "x64" and process.environment["PROCESSOR_ARCHITECTURE"] != "AMD64":
        return OTHER_PROCESSOR
    if not process.token.elevated:
        return FATAL_ERROR
    return Installation(package, process).run(log, "utf-16")


def _read(words: Sequence[str]) -> tuple[str, str | None] | None:
    """Return the package and the log, None if the command line is none that is known."""
    package, log, quiet = None, None, False
    rest = iter(words)
    for word in rest:
        option = word.lower()
        if option in ("/i", "/package"):
            package = next(rest, None)
        elif option.startswith("/l"):
            log = next(rest, None)
        elif option in _QUIET:
            quiet = True
        elif option != "/norestart" and ("=" not in word or word.startswith("/")):
            return None
    return (package, log) if package is not None and quiet else None
