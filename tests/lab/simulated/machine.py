# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One simulated host: what its programs find when they run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from tests.lab.model import HostModel, windows_registry
from tests.lab.simulated.code_page import CodePage
from tests.lab.simulated.disks import Disks
from tests.lab.simulated.files import File, file_of, has_mono
from tests.lab.simulated.registry import Registry, Value
from tests.lab.simulated.restart import Shutdown, replace_pending_files
from tests.lab.simulated.running import Running
from tests.lab.simulated.tasks import Task

#: Keys that no Windows is without, beside those that describe it.
WINDOWS_KEYS: dict[str, dict[str, dict[str, Any]]] = {
    r"HKLM\SYSTEM\CurrentControlSet\Control\ProductOptions": {"ProductType": {"type": "REG_SZ", "data": "ServerNT"}},
    r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\HotFix": {},
}
START_TYPES = {"running": 2, "stopped": 3, "disabled": 4}  # SERVICE_AUTO_START, _DEMAND_START, _DISABLED

#: What console programs write in when their output is no console window; Wine's do the same.
OEM_CODE_PAGES = {"de-DE": 850, "da-DK": 850, "fr-FR": 850, "ja-JP": 932}


@dataclass(frozen=True)
class Snapshot:
    """All files, folders and registry values of a host at one time."""

    files: dict[str, File]
    folders: dict[str, str]
    registry: dict[tuple[str, str], Value | None]

    def differences(self, other: Snapshot) -> list[str]:
        """Return one line for each file, folder, key or value that differs in `other`; empty if nothing does."""
        lines = _compare("file", self.files, other.files) + _compare("folder", self.folders, other.folders)
        return lines + _compare("registry", self.registry, other.registry)


def _compare(kind: str, before: Mapping[Any, object], after: Mapping[Any, object]) -> list[str]:
    return [
        f"{kind} {name}: {before.get(name, 'absent')} -> {after.get(name, 'absent')}"
        for name in sorted(before.keys() | after.keys())
        if before.get(name, "absent") != after.get(name, "absent")
    ]


class Machine:
    """The state of a host. Programs change it from several threads; each part keeps itself consistent.

    `on_restart` is called when a program's wish for a restart is due; whoever sets it calls restart() for it.
    """

    def __init__(self, model: HostModel) -> None:
        self.model = model
        self.windows = model.windows
        self.services = {name.lower(): (name, state) for name, state in model.services.items()}
        self.environment = _environment(model)
        self.running = Running()
        system = self.environment["SystemRoot"]
        self.disks = Disks(
            [file_of(file) for file in model.full_files if file.program != "csc" or has_mono()],
            [self.environment["TEMP"], rf"{system}\system32", rf"{system}\TEMP"],
            self.running,
            model.free_bytes,
        )
        self.registry = Registry(_registry(model), model.denied_keys, model.windows.wow64)
        self.code_page = CodePage(int(model.windows.ansi_code_page))
        self.oem_code_page = CodePage(OEM_CODE_PAGES.get(model.windows.language, 437))
        self.tasks: dict[str, Task] = {}  # by name in lower case
        self.shutdown = Shutdown(self._due)
        self.boot_time = datetime.now(timezone.utc) - timedelta(days=1)
        self.on_restart: Callable[[], None] = self.restart
        self.started: list[str] = []  # names of the programs that ran, oldest first

    def _due(self) -> None:
        self.on_restart()

    def restart(self) -> None:
        """Go down and up: programs end, files that were in use are replaced, services of the model run again."""
        self.running.end_all()
        replace_pending_files(self.disks, self.registry)
        self.services = {name.lower(): (name, state) for name, state in self.model.services.items()}
        self.shutdown = Shutdown(self._due)
        self.boot_time = datetime.now(timezone.utc)

    def snapshot(self) -> Snapshot:
        """Return a picture of every file, folder and registry value, to be compared with another."""
        return Snapshot(self.disks.snapshot(), self.disks.directories(), self.registry.snapshot())


def _environment(model: HostModel) -> dict[str, str]:
    windows, user = model.windows, model.account.user
    older = windows.version == "win2003"
    profile = rf"C:\{'Documents and Settings' if older else 'Users'}\{user}"
    temp = profile + (r"\Local Settings\Temp" if older else r"\AppData\Local\Temp")
    programs = {"ProgramFiles": r"C:\Program Files"}
    if windows.arch == "x64":
        programs["ProgramFiles(x86)"] = r"C:\Program Files (x86)"
    if windows.wow64:
        programs |= {"ProgramFiles": r"C:\Program Files (x86)", "ProgramW6432": r"C:\Program Files"}
    return {
        "ALLUSERSPROFILE": r"C:\Documents and Settings\All Users" if older else r"C:\ProgramData",
        "ComSpec": r"C:\WINDOWS\system32\cmd.exe",
        "OS": "Windows_NT",
        "Path": r"C:\WINDOWS\system32;C:\WINDOWS",
        "PATHEXT": ".COM;.EXE;.BAT;.CMD;.VBS;.VBE;.JS;.JSE;.WSF;.WSH",
        **programs,
        "SystemDrive": "C:",
        "SystemRoot": r"C:\WINDOWS",
        "TEMP": temp,
        "TMP": temp,
        "USERPROFILE": profile,
        "windir": r"C:\WINDOWS",
    } | model.full_environment


def _registry(model: HostModel) -> Mapping[str, Mapping[str, Mapping[str, Any]]]:
    """The model's registry, with its services and what 32-bit programs see of Windows itself."""
    registry = dict(model.full_registry)
    if model.windows.arch == "x64":
        software = "HKLM\\SOFTWARE\\"
        for key, values in windows_registry(model.windows).items():
            if key.startswith(software):
                registry.setdefault(f"{software}Wow6432Node\\{key.removeprefix(software)}", values)
    for key, values in WINDOWS_KEYS.items():
        registry[key] = values | dict(registry.get(key, {}))
    for name, state in model.services.items():
        key = rf"HKLM\SYSTEM\CurrentControlSet\Services\{name}"
        registry[key] = _service_values(name, state) | dict(registry.get(key, {}))
    return registry


def _service_values(name: str, state: str) -> dict[str, dict[str, Any]]:
    return {
        "Type": {"type": "REG_DWORD", "data": 0x10},
        "Start": {"type": "REG_DWORD", "data": START_TYPES[state]},
        "ErrorControl": {"type": "REG_DWORD", "data": 1},
        "ImagePath": {"type": "REG_EXPAND_SZ", "data": rf"C:\WINDOWS\system32\{name}.exe"},
        "DisplayName": {"type": "REG_SZ", "data": name},
        "ObjectName": {"type": "REG_SZ", "data": "LocalSystem"},
    }
