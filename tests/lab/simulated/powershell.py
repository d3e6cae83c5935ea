# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""powershell.exe on hosts whose model has the file: as much as Ansible's `raw` needs to be compared with."""

from __future__ import annotations

import base64
import re

from tests.lab.simulated.cmd import run_line
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.messages import text
from tests.lab.simulated.process import Process, split_arguments

PATH = r"C:\WINDOWS\system32\WindowsPowerShell\v1.0\powershell.exe"
_FILE_VERSION = re.compile(r"\(Get-Item '([^']+)'\)\.VersionInfo\.FileVersion")


def powershell(process: Process) -> int:
    """Run `powershell ... -EncodedCommand SCRIPT`: one that asks for a file's version, or a line that cmd knows."""
    if not process.machine.disks.is_file(PATH):
        process.complain(text(process, "not_recognized").format(name="PowerShell") + "\n")
        return 1
    script = base64.b64decode(split_arguments(process.arguments)[-1]).decode("utf-16-le")
    asked = _FILE_VERSION.fullmatch(script.strip())
    if asked is None:
        return run_line(process, script)
    try:
        process.print(f"{process.machine.disks.find(asked[1]).version}\n")
    except WindowsError:
        process.complain(f"Cannot find path '{asked[1]}' because it does not exist.\n")
        return 1
    return 0
