# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for the packages of Microsoft, built from the lab's own sources: real PE files and a real MSI.

What they do on a host, and which registry values there make them fail, stands in tests/lab/wine/setup.c. The 32-bit
ones are .NET images that hold no program: 64-bit Wine cannot run 32-bit code, but starts these, and mscoree.dll
(tests/lab/wine) then runs setup.exe for them.

A package ends with MARK and a JSON object, by which the simulated hosts know it: name (kb954960, kb954474, wsus_setup),
architecture (x86, x64), kind (exe, msi), payload (bytes before the mark: the library that an .exe lays down).
"""

from __future__ import annotations

import hashlib
import json
import struct
import subprocess
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from tests.lab.cache import new_file
from tests.lab.dot_net.assemblies import assembly
from tests.lab.executors.wine_tools import SOURCES, library, program

MARK = b"LABPACKAGE"
CLIENT_DLL = "Microsoft.UpdateServices.WebServices.Client.Dll"
RELEASED = datetime(2008, 8, 1, 12, tzinfo=timezone.utc)
FIRST_RELEASED = datetime(2008, 7, 9, 12, tzinfo=timezone.utc)
#: Version of the library that each package brings.
BRINGS = {"kb954960": "3.1.6001.66", "wsus_setup": "3.1.6001.65", "kb954474": None}


@dataclass(frozen=True)
class Package:
    """One package.

    built: time stamp in its PE header. padding: bytes that make it as big as a real one.
    """

    name: str
    architecture: str
    kind: str = "exe"
    built: datetime = RELEASED
    padding: int = 0


PACKAGES = {
    "kb954960-x86.exe": Package("kb954960", "x86"),
    "kb954960-x64.exe": Package("kb954960", "x64"),
    "kb954960-x64.msi": Package("kb954960", "x64", "msi"),
    "kb954960-x64-first.exe": Package("kb954960", "x64", built=FIRST_RELEASED),
    "kb954960-x64-large.exe": Package("kb954960", "x64", padding=10 << 20),
    "kb954474-x86.exe": Package("kb954474", "x86"),
    "wsus_setup-x86.exe": Package("wsus_setup", "x86"),
    "wsus_setup-x64.exe": Package("wsus_setup", "x64"),
}


def make_packages(cache: Path) -> dict[str, Path]:
    """Return the files of PACKAGES by their names, built on first use; needs mingw, mono's compiler and wixl."""
    return {file: _make(cache, file, package) for file, package in PACKAGES.items()}


def operator_packages(cache: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Return the value of `unblock_packages` for these packages, all unsigned; needs mingw and mono's compiler."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for file, package in PACKAGES.items():
        if file == f"{package.name}-{package.architecture}.exe":  # not those that tests of one thing need
            path = _make(cache, file, package)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            entry = {"path": str(path), "sha256": digest, "allow_unsigned": True}
            found.setdefault(package.name, {})[package.architecture] = entry
    return found


def _make(cache: Path, file: str, package: Package) -> Path:
    version = BRINGS[package.name]
    payload = library(cache, CLIENT_DLL, version) if version else None
    source = SOURCES / "kb954960.wxs" if package.kind == "msi" else _image(cache, package)
    digest = hashlib.sha256(repr(package).encode() + source.read_bytes()).hexdigest()[:12]
    target = cache / "packages" / digest / file
    if not target.exists():
        with new_file(target) as new:
            if payload and package.kind == "msi":  # its source names the library without a directory
                command = ["wixl", "--arch", package.architecture, "-o", str(new.absolute()), str(source)]
                subprocess.run(command, cwd=payload.parent, check=True)
                content = new.read_bytes() + _mark(package, 0)
            else:
                laid_down = payload.read_bytes() if payload else b""
                image = stamp(source.read_bytes(), package.built)
                content = image + _noise(package.padding) + laid_down + _mark(package, len(laid_down))
            new.write_bytes(content)
    return target


def _image(cache: Path, package: Package) -> Path:
    return program(cache, "setup") if package.architecture == "x64" else assembly(cache, "Package")


def _mark(package: Package, payload: int) -> bytes:
    fields = {"name": package.name, "architecture": package.architecture, "kind": package.kind, "payload": payload}
    return MARK + json.dumps(fields).encode("ascii")


def stamp(image: bytes, built: datetime) -> bytes:
    """Return a PE image with another time stamp."""
    (header,) = struct.unpack_from("<I", image, 0x3C)
    changed = bytearray(image)
    struct.pack_into("<I", changed, header + 8, int(built.timestamp()))
    return bytes(changed)


def _noise(size: int) -> bytes:
    """Return bytes that do not compress and are the same each time."""
    return b"".join(hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range((size + 31) // 32))[:size]
