# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A comparable picture of a host: every file by size and hash, every registry value.

What Wine itself writes while nobody does anything is left out; the list is below, short and explicit.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.executors.wine_prefix import Clone, run_wine

# The registry is compared by its export, so the files that Wine keeps it in are not.
VOLATILE_FILES = re.compile(r"(system|user|userdef)\.reg|\.update-timestamp")
# The first program with a window in it writes which display driver it found.
VOLATILE_KEYS = re.compile(
    r"HKEY_LOCAL_MACHINE\\(HARDWARE|System\\CurrentControlSet\\(Control\\Video|Enum\\DISPLAY))\\", re.IGNORECASE
)
VALUE = re.compile(r'(@|"(?:[^"\\]|\\.)*")=(.*)')
EXPORT = "lab-export.reg"


@dataclass(frozen=True)
class Snapshot:
    """All files and registry values of a host at one time."""

    files: dict[str, tuple[str, int, str]]  # path below the prefix -> kind, size in bytes, SHA-256 or link target
    registry: dict[tuple[str, str], str]  # key, value name -> data as exported

    def differences(self, other: Snapshot) -> list[str]:
        """Return one line for each file, key or value that differs in `other`; empty if nothing does."""
        lines = _compare("file", self.files, other.files)
        return lines + _compare("registry", self.registry, other.registry)


def _compare(kind: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> list[str]:
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            lines.append(f"{kind} {name}: {before.get(name, 'absent')} -> {after.get(name, 'absent')}")
    return lines


_layer_hashes: dict[Path, str] = {}  # files of layers, which no host can write to


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _digest_in(clone: Clone, relative: Path) -> str:
    """Hash a file of a clone; one that the host did not write comes from a layer and is hashed once."""
    layers = clone.layers
    if (clone.upper / relative).exists() or not clone.mounted:
        layers = []
    for layer in layers:
        path = layer / relative
        if path.is_file():
            if path not in _layer_hashes:
                _layer_hashes[path] = _digest(path)
            return _layer_hashes[path]
    return _digest(clone.prefix / relative)


def _files(clone: Clone) -> dict[str, tuple[str, int, str]]:
    files = {}
    for directory, directories, names in os.walk(clone.prefix):
        for name in directories + names:
            path = Path(directory, name)
            relative = path.relative_to(clone.prefix)
            if VOLATILE_FILES.fullmatch(str(relative)):
                continue
            if path.is_symlink():
                files[str(relative)] = ("link", 0, os.readlink(path))
            elif path.is_dir():
                files[str(relative)] = ("directory", 0, "")
            else:
                files[str(relative)] = ("file", path.stat().st_size, _digest_in(clone, relative))
    return files


def _registry(clone: Clone) -> dict[tuple[str, str], str]:
    """Export the live registry: Wine's own files lag behind it."""
    export = clone.prefix / "drive_c" / EXPORT
    try:
        run_wine(clone.prefix, "regedit", "/E", f"C:\\{EXPORT}")
        text = export.read_text(encoding="utf-16")
    finally:
        export.unlink(missing_ok=True)
    values: dict[tuple[str, str], str] = {}
    key = ""
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line.startswith("["):
            key = line.strip("[]")
            name, data = "", ""
        elif line[:1] in ('"', "@") and (match := VALUE.match(line)):
            name, data = match[1], match[2]
        else:
            continue
        if not VOLATILE_KEYS.match(key):
            values[key, name] = data
    return values


def take_snapshot(clone: Clone) -> Snapshot:
    """Picture a running clone."""
    registry = _registry(clone)
    return Snapshot(_files(clone), registry)
