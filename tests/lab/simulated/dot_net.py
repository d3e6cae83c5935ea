# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs of the .NET Framework 2.0 on a simulated host, run by mono on this machine.

A program finds its working directory, its own folder, those of the API and the database of WSUS; nothing else of the
host.
"""

from __future__ import annotations

import functools
import ntpath
import os
import tempfile
from pathlib import Path

from tests.lab.dot_net.assemblies import MONO, assembly
from tests.lab.simulated.files import CACHE, File
from tests.lab.simulated.mirror import Mirror
from tests.lab.simulated.process import Process, Program, split_arguments
from tests.lab.simulated.unix_program import run_unix_program

DLL_NOT_FOUND = 0xC0000135  # of the .NET Framework, on a host without it
TERMINATED = 0xFFFFFFFF  # of a program that killed itself: TerminateProcess(-1)
API = "microsoft.updateservices.administration.dll"


def is_assembly(data: bytes) -> bool:
    """Whether a PE file is a .NET program: whether it has a CLI header (data directory 14)."""
    header = int.from_bytes(data[0x3C:0x40], "little")
    optional = header + 24
    if data[:2] != b"MZ" or data[header : header + 4] != b"PE\0\0":
        return False
    directories = optional + (112 if data[optional : optional + 2] == b"\x0b\x02" else 96)
    return any(data[directories + 14 * 8 : directories + 15 * 8])


def program_of(file: File) -> Program:
    """Return the program that a .NET executable is."""
    return functools.partial(_run, file.path)


def _run(path: str, process: Process) -> int:
    if not process.machine.model.dot_net:
        return DLL_NOT_FOUND
    disks = process.machine.disks
    libraries = {ntpath.dirname(file.path) for file in disks.snapshot().values() if file.path.lower().endswith(API)}
    with tempfile.TemporaryDirectory(prefix="lab-net-") as name:
        databases = {rf"{library[:2]}\lab" for library in libraries}
        mirror = Mirror(disks, Path(name), {process.state.directory, ntpath.dirname(path), *databases, *libraries})
        mirror.lay_down()
        alive, code_file = Path(name, "alive"), Path(name, "code")
        alive.touch()
        limit = max(disks.free(process.state.directory) // 512, 8)
        # dash counts in blocks of 512 bytes; a write beyond them fails then, instead of ending the program.
        shell = f'trap "" XFSZ; ulimit -f {limit}; exec "$@"'
        host = [MONO, str(assembly(CACHE, "AssemblyHost")), str(code_file), str(alive), str(mirror.path(path))]
        try:
            with process.machine.running.executing(path):
                status = run_unix_program(
                    process,
                    ["/bin/sh", "-c", shell, "sh", *host, *split_arguments(process.arguments)],
                    mirror.path(process.state.directory),
                    {
                        "HOME": name,
                        "LC_ALL": "C.UTF-8",
                        "MONO_PATH": os.pathsep.join(str(mirror.path(library)) for library in sorted(libraries)),
                        "MONO_DISABLE_SHARED_AREA": "1",
                        "PATH": "/usr/bin:/bin",
                    },
                    mirror.take_back,
                )
        finally:
            mirror.take_back()
        if code_file.exists():
            return int(code_file.read_text(encoding="ascii"))
        return TERMINATED if status < 0 else status
