# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns a host model into a layer of a Wine prefix, and starts what the model keeps running."""

from __future__ import annotations

import os
import shutil
import subprocess
from datetime import datetime
from pathlib import Path

from tests.lab.dot_net.assemblies import assembly
from tests.lab.executors.wine_registry import append_registry
from tests.lab.executors.wine_tools import SOURCES, library, program, unix_path, wine_command, wine_environment
from tests.lab.model import HostFile, HostModel

START_TYPES = {"running": 2, "stopped": 3, "disabled": 4}
#: The template keeps .NET programs from starting.
RUNTIME_REGISTRY: dict[str, dict[str, dict[str, object]]] = {
    r"HKCU\Software\Wine\DllOverrides": {"mscoree": {"type": "REG_SZ", "data": "native"}}
}


def make_model_layer(model: HostModel, template: Path, cache: Path, layer: Path) -> None:
    """Write the model's files and registry into the new directory `layer`, to lie over `template`."""
    shutil.rmtree(layer, ignore_errors=True)
    (layer / "dosdevices").mkdir(parents=True)
    for name in ("system.reg", "user.reg"):
        shutil.copy2(template / name, layer / name)
    append_registry(layer, model.full_registry | _service_registry(model) | (RUNTIME_REGISTRY if model.dot_net else {}))
    for file in model.full_files:
        _write_file(file, cache, unix_path(layer, file.path, template))
    if model.dot_net:
        _write_runtime(layer, cache)
    for drive in layer.glob("drive_[d-y]"):
        (layer / "dosdevices" / f"{drive.name[-1]}:").symlink_to(f"../{drive.name}")


def _write_file(file: HostFile, cache: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if file.program is not None:
        shutil.copyfile(program(cache, file.program, version=file.version), path)
    elif file.version is not None:
        shutil.copyfile(library(cache, path.name, file.version), path)
    elif file.text is not None:
        path.write_bytes(file.text.encode(file.encoding))
    elif file.fixture is not None:
        path.write_bytes(file.fixture_content())
    elif file.assembly is not None:
        shutil.copyfile(assembly(cache, file.assembly), path)
    else:
        with open(path, "wb") as sparse:
            sparse.truncate(file.size or 0)
    # Wine shows the Unix modification time for both times: the creation time decides, since a fix is dated by it.
    if stamp := file.created or file.modified:
        seconds = datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()
        os.utime(path, (seconds, seconds))


def _write_runtime(layer: Path, cache: Path) -> None:
    """Add what starts mono when a .NET program is started (tests/lab/wine/mscoree.c)."""
    windows = layer / "drive_c" / "windows"
    for directory in ("mono", "system32"):
        (windows / directory).mkdir(parents=True, exist_ok=True)
    shutil.copyfile(SOURCES / "mono.sh", windows / "mono" / "mono.sh")
    shutil.copyfile(assembly(cache, "AssemblyHost"), windows / "mono" / "AssemblyHost.exe")
    shutil.copyfile(program(cache, "setup"), windows / "mono" / "setup.exe")
    shutil.copyfile(program(cache, "mscoree", ".dll"), windows / "system32" / "mscoree.dll")


def _service_registry(model: HostModel) -> dict[str, dict[str, dict[str, object]]]:
    return {
        rf"HKLM\SYSTEM\CurrentControlSet\Services\{name}": {
            "Type": {"type": "REG_DWORD", "data": 0x10},
            "Start": {"type": "REG_DWORD", "data": START_TYPES[state]},
            "ErrorControl": {"type": "REG_DWORD", "data": 1},
            "ImagePath": {"type": "REG_EXPAND_SZ", "data": r"C:\windows\system32\labsvc.exe"},
            "DisplayName": {"type": "REG_SZ", "data": name},
            "ObjectName": {"type": "REG_SZ", "data": "LocalSystem"},
        }
        for name, state in model.services.items()
    }


def hold_resources(model: HostModel, prefix: Path) -> None:
    """Start the program that keeps files open and keys closed; it ends with the prefix."""
    arguments = [part for file in model.files if file.in_use for part in (file.in_use, file.path)]
    arguments += [part for key in model.denied_keys for part in ("deny", key.removeprefix("HKLM\\"))]
    if not arguments:
        return
    process = subprocess.Popen(
        [*wine_command(), r"C:\windows\system32\hold.exe", *arguments],
        env=wine_environment(prefix),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        cwd=prefix / "drive_c",
    )
    assert process.stdout is not None
    if process.stdout.readline().strip() != b"held":
        raise RuntimeError(f"{model.name}: hold.exe could not take {arguments}")
    process.stdout.close()
