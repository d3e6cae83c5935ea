# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads a Windows host by what every Server 2003 and 2008 has: reg, sc, findstr and the script host. Never PowerShell.

Nothing of the collection is used here, so that what the collection says can be checked against it.
"""

from __future__ import annotations

import re

from testinfra.host import Host

#: The states of a service by their numbers, which sc prints in every language (winsvc.h).
SERVICE_STATES = {
    1: "stopped",
    2: "start_pending",
    3: "stop_pending",
    4: "running",
    5: "continue_pending",
    6: "pause_pending",
    7: "paused",
}
_WSUS_SETUP = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"
_CLIENT_LIBRARY = r"WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll"
_SCRIPT = r'"%TEMP%\unblock-acceptance.js"'


class WindowsHost:
    """A host that testinfra reaches by its winrm backend."""

    def __init__(self, host: Host) -> None:
        self._host = host
        #: As it stands in --hosts.
        self.name: str = host.backend.host.name

    def client_library_version(self) -> str | None:
        """Returns the version of the library that KB954960 replaces, A.B.C.D; None without WSUS or library."""
        folder = self.registry_value(_WSUS_SETUP, "TargetDir")
        return folder and self.file_version(folder.rstrip("\\") + "\\" + _CLIENT_LIBRARY)

    def file_version(self, path: str) -> str | None:
        """Returns the version of a file; None if there is no such file, an empty text if it has none.

        No command of Server 2003 prints it, so a script of one line does, which is removed again.
        """
        literal = path.replace("\\", "\\\\")
        script = (
            f'var f=new ActiveXObject("Scripting.FileSystemObject"),p="{literal}";'
            'WScript.Echo(f.FileExists(p)?"version:"+f.GetFileVersion(p):"absent");'
        )
        dummy, output = self._run(f"echo {script}> {_SCRIPT} & cscript //nologo {_SCRIPT} & del {_SCRIPT}")
        word, colon, version = output.strip().partition(":")
        assert word in ("version", "absent"), f"{path}: the script host printed {output!r}"
        return version if colon else None

    def registry_value(self, key: str, name: str) -> str | None:
        """Returns a registry value as reg prints it; None if there is no such value."""
        code, output = self._run(f'reg query "{key}" /v "{name}"')
        found = re.search(rf"(?m)^ +{re.escape(name)}\s+REG_[A-Z_]+(?:\t| {{4}})(.*?)\r?$", output, re.IGNORECASE)
        assert code or found, f"{key}: reg printed {output!r}"
        return found[1] if found else None

    def service_state(self, name: str) -> str | None:
        """Returns one of the words of SERVICE_STATES; None if there is no such service."""
        code, output = self._run(f'sc query "{name}"')
        # "TYPE : 10 WIN32_OWN_PROCESS", "STATE : 4 RUNNING": the labels may be translated, the order is not.
        numbers = re.findall(r"(?m): +([0-9a-f]+) +[A-Z_]+", output)
        assert code or len(numbers) > 1, f"{name}: sc printed {output!r}"
        return None if code else SERVICE_STATES[int(numbers[1])]

    def lines_with(self, path: str, text: str) -> int | None:
        """Returns in how many lines of a file a text stands; None if there is no such file."""
        code, output = self._run(f'if not exist "{path}" (echo absent) else findstr /l /c:"{text}" "{path}"')
        if output.strip() == "absent":
            return None
        lines = output.splitlines()
        assert code == (0 if lines else 1), f"{path}: findstr ended with {code}"
        return len(lines)

    def _run(self, command: str) -> tuple[int, str]:
        """Runs a command by cmd.exe; returns its exit code and what it printed.

        What is looked for is ASCII; a log may hold anything.
        """
        result = self._host.run(command)
        return result.rc, result.stdout_bytes.decode("ascii", "replace")
