# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the stand-in packages (tests/lab/packages.py) do on a simulated host: the same as tests/lab/wine/setup.c."""

from __future__ import annotations

import json
import ntpath
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from tests.lab.packages import BRINGS, CLIENT_DLL, MARK
from tests.lab.simulated.errors import ACCESS_DENIED, ELEVATION_REQUIRED, WindowsError
from tests.lab.simulated.files import LIBRARY, Bytes, File
from tests.lab.simulated.messages import system_text
from tests.lab.simulated.process import Process, split_arguments
from tests.lab.simulated.registry import Value
from tests.lab.simulated.restart import pend_rename

MARK_SIZE = 512  # bytes at the end of a package in which the mark stands
SETTINGS = r"HKLM\SOFTWARE\Lab\Installer"
WSUS = r"HKLM\SOFTWARE\Microsoft\Update Services\Server\Setup"
SITES = (r"HKLM\SOFTWARE\Wow6432Node\Microsoft", r"HKLM\SOFTWARE\Microsoft")
HOTFIX = r"Updates\Configuration Manager 2007\SP2\KB954474"
LIBRARY_PATH = rf"WebServices\ClientWebService\bin\{CLIENT_DLL}"

SUCCESS, BAD_ARGUMENT, OTHER_MACHINE = 0, 87, 216
OTHER_PLATFORM = 1633
BUSY, RESTART_STARTED, OTHER_PRODUCT, RESTART_NEEDED = 1618, 1641, 1642, 3010
ACCESS_VIOLATION = 0xC0000005
X86_ONLY = {("x86", "kb954960"), ("x86", "wsus_setup")}
_CHANGED = (SUCCESS, RESTART_STARTED, RESTART_NEEDED)
#: The builds of the product that a package is for.
_FITS = {"kb954960": ("3.1.6001.",), "wsus_setup": ("3.0.6000.",), "kb954474": ("4.00.5931.", "4.00.6221.")}


@dataclass(frozen=True)
class Package:
    """What the mark at the end of a package says."""

    name: str  # kb954960, kb954474, wsus_setup
    architecture: str  # x86, x64
    kind: str  # exe, msi
    payload: int = 0

    @classmethod
    def in_file(cls, file: File) -> Package | None:
        """Return the package that a file is, None if it is none."""
        with file.content.open() as stream:
            stream.seek(max(file.content.size - MARK_SIZE, 0))
            before, mark, fields = stream.read().rpartition(MARK)
        return cls(**json.loads(fields)) if mark else None


def run_package(package: Package, process: Process) -> int:
    """Run a package that is an .exe and return its exit code."""
    if not process.token.elevated:
        code = ACCESS_DENIED if process.machine.windows.version == "win2003" else ELEVATION_REQUIRED
        process.complain(system_text(process, WindowsError(code)) + "\n")
        return code
    if package.architecture == "x64" and process.environment["PROCESSOR_ARCHITECTURE"] != "AMD64":
        return OTHER_MACHINE
    # ConfigMgr 2007 is a 32-bit program on every Windows.
    if (package.architecture, package.name) in X86_ONLY and process.environment["PROCESSOR_ARCHITECTURE"] != "x86":
        return OTHER_PLATFORM
    quiet, log = _read_arguments(package, process, split_arguments(process.arguments))
    if not quiet:
        return BAD_ARGUMENT
    return Installation(package, process).run(log, "cp1252")


def _read_arguments(package: Package, process: Process, words: Sequence[str]) -> tuple[bool, str | None]:
    """Return whether the arguments are right and ask for no window, and the path of the log."""
    quiet = False
    log = process.expand(r"%TEMP%\WSUSSetup.log") if package.name == "wsus_setup" else None
    for word in words:
        option = word.lower()
        if option in ("/q", "/quiet"):
            quiet = True
        elif package.name == "kb954474" and option.startswith("/log:"):
            log = word[5:]
        elif package.name == "kb954960" and not word.startswith("/"):
            log = word
        elif not (
            package.name == "kb954474" and option == "/norestart" or package.name == "wsus_setup" and "=" in word
        ):
            return False, None
    return quiet, log


class Installation:
    """One run of a package, which HKLM\\SOFTWARE\\Lab\\Installer can make behave otherwise."""

    def __init__(self, package: Package, process: Process) -> None:
        self._package = package
        self._process = process
        self._disks, self._registry = process.machine.disks, process.machine.registry

    def run(self, log: str | None, encoding: str) -> int:
        """Install; returns the exit code. A run that is killed or crashes has changed nothing."""
        if busy := self._setting("Busy", 0):
            self._registry.set_value(SETTINGS, Value("Busy", "REG_DWORD", busy - 1))
            return BUSY
        self._process.sleep(float(self._setting("Delay", 0)))
        if self._setting("Crash", 0):
            return ACCESS_VIOLATION
        right = RESTART_NEEDED if self._setting("AtRestart", 0) else SUCCESS
        code: int = self._setting("ExitCode", right if self._fits() else OTHER_PRODUCT)
        try:
            if code in _CHANGED and self._setting("Replace", 1):
                self._change()
        except WindowsError as error:
            code = error.code
        self._write_log(log, code, encoding)
        return code

    def _value(self, key: str, name: str, otherwise: Any) -> Any:
        try:
            return self._registry.value(key, name).data
        except WindowsError:
            return otherwise

    def _setting(self, name: str, otherwise: Any) -> Any:
        return self._value(SETTINGS, name, otherwise)

    def _fits(self) -> bool:
        """Whether the product that the package is for is there in the right release."""
        if self._package.name == "kb954474":
            version = self._value(rf"{self._site()}\SMS\Setup", "Full Version", "")
        else:
            version = self._value(WSUS, "VersionString", "")
        return version.startswith(_FITS[self._package.name])

    def _site(self) -> str:
        """Where the site server's keys are: it is a 32-bit program."""
        return next((site for site in SITES if self._value(rf"{site}\SMS\Setup", "Full Version", "")), SITES[-1])

    def _change(self) -> None:
        if self._package.name == "kb954474":
            self._registry.set_value(rf"{self._site()}\{HOTFIX}", Value("Type", "REG_SZ", "Update"))
            return
        target = ntpath.join(self._value(WSUS, "TargetDir", ""), LIBRARY_PATH)
        if self._setting("AtRestart", 0):
            self._lay_down(f"{target}.new")
            pend_rename(self._registry, f"{target}.new", target)
        else:
            self._lay_down(target)
        if self._package.name == "wsus_setup":
            self._registry.set_value(WSUS, Value("VersionString", "REG_SZ", "3.1.6001.65"))

    def _lay_down(self, path: str) -> None:
        now = datetime.now(timezone.utc)
        self._disks.put(File(path, Bytes(LIBRARY), now, now, BRINGS[self._package.name]))

    def _write_log(self, path: str | None, code: int, encoding: str) -> None:
        outcome = "completed successfully" if code in _CHANGED else "failed"
        said = self._setting("Log", f"Installation {outcome}.\nReturning {code}.")
        if path is not None:
            self._disks.write(
                self._process.full_path(path), (said + "\n").replace("\n", "\r\n").encode(encoding, "replace")
            )
