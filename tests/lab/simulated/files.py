# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks of a simulated host: Windows paths without regard to case, contents that need no space.

Everything lives in memory; hosts of one model share what it says.
"""

from __future__ import annotations

import functools
import io
import ntpath
import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import BinaryIO, Protocol

from tests.lab.model import HostFile
from tests.lab.simulated.errors import (
    ACCESS_DENIED,
    FILE_NOT_FOUND,
    PATH_NOT_FOUND,
    SHARING_VIOLATION,
    WindowsError,
)

#: Time of files for which the model says none.
DEFAULT_TIME = datetime(2008, 6, 1, tzinfo=timezone.utc)


class Content(Protocol):
    """The bytes of a file."""

    @property
    def size(self) -> int:
        """Length in bytes."""

    def open(self) -> BinaryIO:
        """Open for reading from the start."""


@dataclass(frozen=True)
class Bytes:
    """Content in memory."""

    data: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """Length in bytes."""
        return len(self.data)

    def open(self) -> BinaryIO:
        """Open for reading from the start."""
        return io.BytesIO(self.data)


class _ZeroStream(io.RawIOBase):
    def __init__(self, size: int) -> None:
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = min(self._left, len(buffer))
        buffer[:count] = bytes(count)
        self._left -= count
        return count


@dataclass(frozen=True)
class Zeros:
    """A sparse file: as long as it says, and nowhere on a disk."""

    size: int

    def open(self) -> BinaryIO:
        """Open for reading from the start."""
        return io.BufferedReader(_ZeroStream(self.size), 1 << 20)


@dataclass(frozen=True)
class File:
    """One file; times are UTC."""

    path: str
    content: Content
    created: datetime
    modified: datetime
    version: str | None = None  # of a PE file's version resource
    in_use: str | None = None  # exclusive: another program lets nobody else open it
    denied: bool = False  # closed to the account

    def check_readable(self) -> None:
        """Raise WindowsError if opening the file for reading fails."""
        if self.denied:
            raise WindowsError(ACCESS_DENIED)
        if self.in_use == "exclusive":
            raise WindowsError(SHARING_VIOLATION)


@functools.cache
def file_of(model: HostFile) -> File:
    """Return a file as the host model describes it; hosts of one model share their contents."""
    if model.version is not None:
        content: Content = Bytes(b"MZ".ljust(4096, b"\0"))
    elif model.text is not None:
        content = Bytes(model.text.encode(model.encoding))
    elif model.fixture is not None:
        content = Bytes(model.fixture_content())
    else:
        content = Zeros(model.size or 0)
    created, modified = (
        datetime.fromisoformat(stamp.replace("Z", "+00:00")) if stamp else DEFAULT_TIME
        for stamp in (model.created or model.modified, model.modified or model.created)
    )
    return File(model.path, content, created, modified, model.version, model.in_use)


class Disks:
    """All files and directories of one host. Every method may be called from several threads."""

    def __init__(self, files: Iterable[File], directories: Iterable[str]) -> None:
        self._files = {file.path.lower(): file for file in files}
        self._directories: set[str] = set()
        for path in [*(ntpath.dirname(file.path) for file in self._files.values()), *directories]:
            self._add_directory(path.lower())
        self._lock = threading.Lock()

    def _add_directory(self, path: str) -> None:
        while path not in self._directories:
            self._directories.add(path)
            path = ntpath.dirname(path)

    def is_file(self, path: str) -> bool:
        """Whether a file is there; its directory can be listed even if the file itself is closed."""
        return path.lower() in self._files

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return path.lower() in self._directories

    def find(self, path: str) -> File:
        """Return a file by its full path; raises WindowsError."""
        try:
            return self._files[path.lower()]
        except KeyError:
            there = ntpath.dirname(path).lower() in self._directories
            raise WindowsError(FILE_NOT_FOUND if there else PATH_NOT_FOUND) from None

    def matching(self, pattern: str) -> list[str]:
        """Return the paths of the files in a directory whose names fit a pattern with * and ?."""
        directory, name = ntpath.split(pattern.lower())
        parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in name)
        fits = re.compile("".join(parts), re.DOTALL).fullmatch
        named = [(*ntpath.split(path), file.path) for path, file in self.snapshot().items()]
        return [path for place, name, path in named if place == directory and fits(name)]

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading; raises WindowsError."""
        file = self.find(path)
        file.check_readable()
        return file.content.open()

    def write(self, path: str, data: bytes, append: bool = False) -> None:
        """Write a whole file or add to it; raises WindowsError."""
        now = datetime.now(timezone.utc)
        with self._lock:
            old = self._files.get(path.lower())
            if old is None:
                if ntpath.dirname(path).lower() not in self._directories:
                    raise WindowsError(PATH_NOT_FOUND)
                self._files[path.lower()] = File(path, Bytes(data), now, now)
                return
            _check_writable(old)
            if append:
                with old.content.open() as stream:
                    data = stream.read() + data
            self._files[path.lower()] = File(old.path, Bytes(data), old.created, now)

    def delete(self, path: str) -> None:
        """Delete a file; raises WindowsError."""
        with self._lock:
            _check_writable(self.find(path))
            del self._files[path.lower()]

    def snapshot(self) -> dict[str, File]:
        """Return all files by their path in lower case; files and their contents compare by value."""
        return dict(self._files)


def _check_writable(file: File) -> None:
    if file.denied:
        raise WindowsError(ACCESS_DENIED)
    if file.in_use:
        raise WindowsError(SHARING_VIOLATION)
