# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a host's registry into a prefix that is not running: sections appended to Wine's own .reg files.

Wine reads a key that stands twice as one key with the later value, so appending sets values without starting a
process. Format: "WINE REGISTRY Version 2", as Wine saves it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

HIVES = {
    "HKLM": "system.reg",
    "HKEY_LOCAL_MACHINE": "system.reg",
    "HKCU": "user.reg",
    "HKEY_CURRENT_USER": "user.reg",
}


def escape(text: str, quote: str) -> str:
    """Escape text for a Wine .reg file; `quote` holds the characters that end it."""
    parts = []
    for unit in memoryview(text.encode("utf-16-le")).cast("H"):
        character = chr(unit)
        if character == "\\" or character in quote:
            parts.append("\\" + character)
        elif 0x20 <= unit < 0x7F:
            parts.append(character)
        else:
            parts.append(f"\\x{unit:04x}")
    return "".join(parts)


def encode_value(kind: str, data: Any) -> str:
    """Return the right-hand side of a value line; raises ValueError for a type that the lab does not know."""
    if kind == "REG_SZ":
        return f'"{escape(data, chr(34))}"'
    if kind == "REG_EXPAND_SZ":
        return f'str(2):"{escape(data, chr(34))}"'
    if kind == "REG_MULTI_SZ":
        return 'str(7):"' + "".join(escape(item, '"') + "\\0" for item in data) + '"'
    if kind == "REG_DWORD":
        return f"dword:{data:08x}"
    if kind == "REG_BINARY":
        return "hex:" + ",".join(f"{byte:02x}" for byte in bytes.fromhex(data))
    raise ValueError(f"registry type {kind} is not known")


def append_registry(prefix: Path, registry: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> None:
    """Add keys and values to the stopped prefix `prefix`. A key without values is created empty."""
    sections: dict[str, list[str]] = {}
    for key, values in registry.items():
        hive, dummy, path = key.partition("\\")
        lines = sections.setdefault(HIVES[hive], [])
        # In a section name the separators are doubled, as every backslash is.
        lines.append(f"\n[{escape(path, '[]')}] 1")
        for name, value in values.items():
            left = f'"{escape(name, chr(34))}"' if name else "@"
            lines.append(f"{left}={encode_value(value['type'], value['data'])}")
    for name, lines in sections.items():
        with open(prefix / name, "a", encoding="ascii", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
