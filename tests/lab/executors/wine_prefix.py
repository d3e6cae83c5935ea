# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes Wine prefixes: one template, and a clone of it for each host.

A clone is an overlay mount over the template (8 ms, 1 MB); where mounts are not allowed, a copy. Layers, bottom first:
template (Wine's own files), programs (the lab's shims), model (files and registry of the host model), upper (what the
host writes while it runs).
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.lab.executors.wine_registry import append_registry
from tests.lab.executors.wine_tools import WINE, WINESERVER, program, wine_command, wine_environment

RECIPE = "6"  # raise it when make_template changes
# Nothing of ours is inherited: services.exe and wineserver outlive the call, and would keep a pipe open for ever.
SILENT: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
UNMOUNT_TIMEOUT = 5.0  # seconds for the processes of a killed prefix to go
SHARED_SUFFIXES = {".dll", ".exe", ".drv", ".sys", ".ocx", ".acm", ".ax", ".cpl", ".nls", ".ttf", ".fon"}
SHIMS = ("findstr", "cscript", "whoami", "winrshost", "hold")
# The shims replace Wine's builtin programs; the crash dialog and the .NET and browser installers stay away.
OVERRIDES = {
    "findstr.exe": "native",
    "cscript.exe": "native",
    "whoami.exe": "native",
    r"C:\windows\wsh\cscript.exe": "builtin",
    "winedbg.exe": "",
    "winemenubuilder.exe": "",
    "mscoree": "",
    "mshtml": "",
}


def run_wine(prefix: Path, *arguments: str, timeout: float = 120) -> None:
    """Run a Wine program in a prefix; raises CalledProcessError."""
    subprocess.run(
        [*wine_command(), *arguments],
        env=wine_environment(prefix),
        check=True,
        timeout=timeout,
        cwd=prefix,
        **SILENT,
    )


def wine_server(prefix: Path, *arguments: str) -> None:
    """Call wineserver for a prefix: -p keep up, -k kill, -w wait for its end."""
    subprocess.run([WINESERVER, *arguments], env=wine_environment(prefix), check=False, timeout=60, **SILENT)


def processes_of(prefix: Path) -> list[Path]:
    """Return the /proc directories of a prefix's processes."""
    mark = f"WINEPREFIX={prefix}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # gone, or not ours
            if mark in (process / "environ").read_bytes().split(b"\0"):
                found.append(process)
    return found


def kill_processes(prefix: Path) -> None:
    """Kill every process of a prefix at once: nothing of it is kept, and `wineserver -k` takes over a second."""
    for process in processes_of(prefix):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(process.name), signal.SIGKILL)


def make_template(cache: Path) -> Path:
    """Return the template prefix, made on first use (13 s)."""
    version = subprocess.run([WINE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    template = cache / f"template-{version.replace(' ', '_')}-{RECIPE}"
    if template.exists():
        return template
    new = cache / "template.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        run_wine(new, "wineboot", "--init")
        run_wine(new, "winecfg", "-v", "win2003")
        # No Windows of that time has these two, and whoever sees them believes them.
        for name in ("CurrentMajorVersionNumber", "CurrentMinorVersionNumber"):
            run_wine(new, "reg", "delete", r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion", "/v", name, "/f")
        # Without a display driver nobody looks for an X server, or writes in the registry that there is none.
        run_wine(new, "reg", "add", r"HKCU\Software\Wine\Drivers", "/v", "Graphics", "/d", "null", "/f")
        _run_script_host_once(new)
        wine_server(new, "-k")
        wine_server(new, "-w")
    except BaseException:
        wine_server(new, "-k")
        raise
    _detach_from_unix(new)
    windows = new / "drive_c" / "windows"
    (windows / "wsh").mkdir()
    shutil.copy2(windows / "system32" / "cscript.exe", windows / "wsh" / "cscript.exe")
    append_registry(
        new,
        {
            r"HKCU\Software\Wine\DllOverrides": {
                name: {"type": "REG_SZ", "data": how} for name, how in OVERRIDES.items()
            },
        },
    )
    new.rename(template)
    return template


def _run_script_host_once(prefix: Path) -> None:
    """Wine's script host writes its type library into the registry when it first runs; no host shall see that."""
    script = prefix / "drive_c" / "windows" / "temp" / "first.js"
    script.write_text('WScript.Echo("first");\n', encoding="ascii")
    run_wine(prefix, "cscript", "//nologo", r"C:\windows\temp\first.js")
    script.unlink()


def _detach_from_unix(prefix: Path) -> None:
    """Remove the Z: drive, the serial ports and the links to the Unix home: a host sees its own disks only."""
    for name in (prefix / "dosdevices").iterdir():
        if name.name != "c:":
            name.unlink()
    for link in (prefix / "drive_c" / "users").rglob("*"):
        if link.is_symlink():
            link.unlink()
            link.mkdir()


def make_programs_layer(cache: Path) -> Path:
    """Return the layer that holds the lab's shims, compiled on first use."""
    executables = {name: program(cache, name) for name in (*SHIMS, "service")}
    layer = cache / ("layer-" + "-".join(path.stem.rpartition("-")[2][:6] for path in executables.values()))
    if not layer.exists():
        new = cache / "layer.new"
        shutil.rmtree(new, ignore_errors=True)
        system = new / "drive_c" / "windows" / "system32"
        system.mkdir(parents=True)
        for name, path in executables.items():
            shutil.copy2(path, system / f"{'labsvc' if name == 'service' else name}.exe")
        new.rename(layer)
    return layer


class Clone:
    """The prefix of one host, made of layers below `directory`."""

    def __init__(self, directory: Path, layers: Sequence[Path] = ()) -> None:
        self.directory = directory
        self.layers = list(reversed(layers))  # the uppermost first
        self.prefix = directory / "prefix"
        self.upper = directory / "upper"

    def create(self) -> None:
        """Mount (or copy) the layers. The clone starts pristine."""
        shutil.rmtree(self.upper, ignore_errors=True)
        shutil.rmtree(self.directory / "work", ignore_errors=True)
        for path in (self.prefix, self.upper, self.directory / "work"):
            path.mkdir(parents=True)
        lower = ":".join(map(str, self.layers))
        options = f"lowerdir={lower},upperdir={self.upper},workdir={self.directory / 'work'}"
        command = ["mount", "-t", "overlay", "lab", "-o", options, str(self.prefix)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            self.upper.rmdir()
            self.copy_layers()

    def copy_layers(self) -> None:
        """Copy the layers; the template's programs, which nothing writes in place, are hard links."""
        template = self.layers[-1]

        def link(source: str, target: str) -> None:
            try:
                os.link(source, target)
            except OSError:  # another file system
                shutil.copy2(source, target)

        def place(source: str, target: str) -> None:
            Path(target).unlink(missing_ok=True)
            shared = source.startswith(str(template)) and Path(source).suffix.lower() in SHARED_SUFFIXES
            (link if shared else shutil.copy2)(source, target)

        for layer in reversed(self.layers):
            shutil.copytree(layer, self.prefix, symlinks=True, copy_function=place, dirs_exist_ok=True)

    @property
    def mounted(self) -> bool:
        """Whether the prefix is an overlay mount now."""
        return os.path.ismount(self.prefix)

    def boot(self) -> None:
        """Start the prefix and keep it up; services.exe must inherit no pipe of ours."""
        wine_server(self.prefix, "-p")
        run_wine(self.prefix, "cmd", "/c", "ver")

    def destroy(self) -> None:
        """Stop the prefix and remove the clone with its mount."""
        kill_processes(self.prefix)
        deadline = time.monotonic() + UNMOUNT_TIMEOUT
        while self.mounted and subprocess.run(["umount", str(self.prefix)], check=False, **SILENT).returncode:
            if time.monotonic() > deadline:  # a process still holds a file
                subprocess.run(["umount", "--lazy", str(self.prefix)], check=True)
            time.sleep(0.02)
        shutil.rmtree(self.directory)
