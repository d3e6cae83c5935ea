# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a program file outside of system32 is: a batch file, a .NET program, a stand-in package, the compiler."""

from __future__ import annotations

import functools

from tests.lab.simulated import batch, dot_net
from tests.lab.simulated.csc import csc
from tests.lab.simulated.errors import BAD_EXE_FORMAT, WindowsError
from tests.lab.simulated.files import File
from tests.lab.simulated.packages import Package, run_package
from tests.lab.simulated.process import Program

HEADERS = 4096  # bytes in which the headers of a program lie


def program_of(file: File) -> Program | None:
    """Return what runs when a file is started; raises WindowsError if it is no program, or may not be read."""
    file.check_readable()
    if file.program == "csc":
        return csc
    if file.path.lower().endswith(batch.EXTENSIONS):
        return batch.program_of(file)
    package = Package.in_file(file)
    if package is not None and package.kind == "exe":
        return functools.partial(run_package, package)
    with file.content.open() as stream:
        if dot_net.is_assembly(stream.read(HEADERS)):
            return dot_net.program_of(file)
    raise WindowsError(BAD_EXE_FORMAT)
