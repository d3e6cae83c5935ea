# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The registry of a simulated host: names without regard to case, closed keys, the 32-bit view."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.lab.simulated.errors import ACCESS_DENIED, FILE_NOT_FOUND, WindowsError

HIVES = {
    "HKLM": "HKEY_LOCAL_MACHINE",
    "HKCU": "HKEY_CURRENT_USER",
    "HKCR": "HKEY_CLASSES_ROOT",
    "HKU": "HKEY_USERS",
    "HKCC": "HKEY_CURRENT_CONFIG",
}
_SOFTWARE = re.compile(r"(HKEY_LOCAL_MACHINE\\SOFTWARE)(?=\\|$)(?!\\Wow6432Node(?:\\|$))", re.IGNORECASE)


@dataclass(frozen=True)
class Value:
    """One value; data is str, int (DWORD), a list of str (MULTI_SZ) or hexadecimal digits (BINARY)."""

    name: str  # empty: the key's default value
    type: str
    data: Any


@dataclass
class Key:
    """One key with its values and sub keys, each by its name in lower case."""

    name: str
    values: dict[str, Value] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    denied: bool = False

    def child(self, name: str) -> Key:
        """Return a sub key, made if it is not there."""
        return self.keys.setdefault(name.lower(), Key(name))


def full_path(path: str) -> str | None:
    """Return a path with the long name of its hive, None if there is no such hive."""
    hive, separator, rest = path.partition("\\")
    name = HIVES.get(hive.upper(), hive.upper())
    return name + separator + rest if name in HIVES.values() else None


class Registry:
    """The registry as the host's commands see it: as 32-bit programs on a 64-bit system if `wow64` is set."""

    def __init__(
        self,
        content: Mapping[str, Mapping[str, Mapping[str, Any]]],
        denied: Iterable[str] = (),
        wow64: bool = False,
    ) -> None:
        self._root = Key("", keys={name.lower(): Key(name) for name in HIVES.values()})
        self._wow64 = wow64
        self._lock = threading.Lock()
        for path, values in content.items():
            key = self._create(path)
            for name, value in values.items():
                key.values[name.lower()] = Value(name, value["type"], value["data"])
        for path in denied:
            self._create(path).denied = True

    def _create(self, path: str) -> Key:
        key = self._root
        for part in (full_path(path) or path).split("\\"):
            key = key.child(part)
        return key

    def _seen(self, path: str) -> str:
        """The place of a path: Windows redirects 32-bit programs to a sub key."""
        path = full_path(path) or path
        return _SOFTWARE.sub(r"\1\\Wow6432Node", path) if self._wow64 else path

    def find(self, path: str) -> Key:
        """Return a key; raises WindowsError if it is absent or closed to the account."""
        key = self._root
        for part in self._seen(path).rstrip("\\").split("\\"):
            try:
                key = key.keys[part.lower()]
            except KeyError:
                raise WindowsError(FILE_NOT_FOUND) from None
        if key.denied:
            raise WindowsError(ACCESS_DENIED)
        return key

    def value(self, path: str, name: str) -> Value:
        """Return a value; raises WindowsError."""
        try:
            return self.find(path).values[name.lower()]
        except KeyError:
            raise WindowsError(FILE_NOT_FOUND) from None

    def create_key(self, path: str) -> None:
        """Create a key with those above it, if it is not there."""
        with self._lock:
            self._create(self._seen(path))

    def set_value(self, path: str, value: Value) -> None:
        """Set a value, with its key if that is not there; raises WindowsError."""
        with self._lock:
            key = self._create(self._seen(path))
            if key.denied:
                raise WindowsError(ACCESS_DENIED)
            key.values[value.name.lower()] = value

    def delete_value(self, path: str, name: str) -> None:
        """Delete a value; raises WindowsError."""
        with self._lock:
            if self.find(path).values.pop(name.lower(), None) is None:
                raise WindowsError(FILE_NOT_FOUND)

    def delete_key(self, path: str) -> None:
        """Delete a key with all below it; raises WindowsError."""
        with self._lock:
            self.find(path)
            parent, dummy, name = self._seen(path).rpartition("\\")
            del self.find(parent).keys[name.lower()]

    def snapshot(self) -> dict[tuple[str, str], Value | None]:
        """Return every value by key and name in lower case; a key without values stands with an empty name."""

        def walk(key: Key, path: str) -> Iterator[tuple[tuple[str, str], Value | None]]:
            yield (path, ""), None
            for name, value in key.values.items():
                yield (path, name), value
            for name, child in list(key.keys.items()):
                yield from walk(child, f"{path}\\{name}" if path else name)

        return dict(walk(self._root, ""))
