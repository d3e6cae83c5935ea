# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The disks of a simulated host: Windows paths without regard to case, all in memory."""

from __future__ import annotations

import dataclasses
import ntpath
import re
import threading
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import BinaryIO

from tests.lab.model import FREE_BYTES
from tests.lab.simulated.errors import (
    ACCESS_DENIED,
    ALREADY_EXISTS,
    DIRECTORY_NOT_EMPTY,
    DISK_FULL,
    FILE_NOT_FOUND,
    PATH_NOT_FOUND,
    SHARING_VIOLATION,
    WindowsError,
)
from tests.lab.simulated.files import Bytes, File
from tests.lab.simulated.running import Running


class Disks:
    """All files and directories of one host. Every method may be called from several threads."""

    def __init__(
        self, files: Iterable[File], directories: Iterable[str], running: Running, free_bytes: int = FREE_BYTES
    ) -> None:
        self._files = {file.path.lower(): file for file in files}
        self._directories: dict[str, str] = {}
        for path in [*(ntpath.dirname(file.path) for file in self._files.values()), *directories]:
            self._add_directory(path)
        self._running = running
        self._free: defaultdict[str, int] = defaultdict(lambda: free_bytes)
        self._lock = threading.RLock()

    def _add_directory(self, path: str) -> str:
        """Add a directory with those above it; returns its path as the disk spells it."""
        if path.lower() not in self._directories:
            above, name = ntpath.split(path)
            self._directories[path.lower()] = ntpath.join(self._add_directory(above), name) if name else path
        return self._directories[path.lower()]

    def is_file(self, path: str) -> bool:
        """Whether a file is there; its directory can be listed even if the file itself is closed."""
        return path.lower() in self._files

    def is_directory(self, path: str) -> bool:
        """Whether a directory is there."""
        return path.rstrip("\\").lower() in self._directories or path.lower() in self._directories

    def find(self, path: str) -> File:
        """Return a file by its full path; raises WindowsError."""
        try:
            return self._files[path.lower()]
        except KeyError:
            there = ntpath.dirname(path).lower() in self._directories
            raise WindowsError(FILE_NOT_FOUND if there else PATH_NOT_FOUND) from None

    def matching(self, pattern: str, directories: bool = False) -> list[str]:
        """Return the paths of the files in a directory whose names fit a pattern with * and ?."""
        directory, name = ntpath.split(pattern.lower())
        parts = (".*" if sign == "*" else "." if sign == "?" else re.escape(sign) for sign in name)
        fits = re.compile("".join(parts), re.DOTALL).fullmatch
        below, files = self.children(directory)
        return [path for path in [*(below if directories else ()), *files] if fits(ntpath.basename(path).lower())]

    def children(self, directory: str) -> tuple[list[str], list[str]]:
        """Return the paths of the directories and of the files that lie in a directory, sorted as NTFS does."""
        place = directory.lower()

        def inside(paths: dict[str, str]) -> list[str]:
            return [path for lower, path in sorted(paths.items()) if ntpath.dirname(lower) == place != lower]

        return inside(self.directories()), inside({lower: file.path for lower, file in self.snapshot().items()})

    def free(self, path: str) -> int:
        """Return the bytes that are left on a path's drive."""
        return self._free[ntpath.splitdrive(path)[0].lower()]

    def _charge(self, path: str, size: int) -> None:
        drive = ntpath.splitdrive(path)[0].lower()
        if size > self._free[drive]:
            raise WindowsError(DISK_FULL)
        self._free[drive] -= size

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
                self.put(File(path, Bytes(data), now, now))
                return
            if append:
                with old.content.open() as stream:
                    data = stream.read() + data
            self.put(File(old.path, Bytes(data), old.created, now))

    def extend(self, path: str, data: bytes) -> None:
        """Add to a file as the program does that keeps it open; raises WindowsError."""
        with self._lock:
            file = self.find(path)
            with file.content.open() as stream:
                content = Bytes(stream.read() + data)
            self._charge(path, len(data))
            self._files[path.lower()] = dataclasses.replace(file, content=content, modified=datetime.now(timezone.utc))

    def put(self, file: File) -> None:
        """Lay down a file as it is, over one of the same path; raises WindowsError."""
        with self._lock:
            if ntpath.dirname(file.path).lower() not in self._directories:
                raise WindowsError(PATH_NOT_FOUND)
            if self.is_directory(file.path):
                raise WindowsError(ACCESS_DENIED)
            old = self._files.get(file.path.lower())
            if old:
                self._check_changeable(old)
                if self._running.is_image(old.path):
                    raise WindowsError(SHARING_VIOLATION)
            self._charge(file.path, file.content.size - (old.content.size if old else 0))
            folder, name = ntpath.split(file.path)
            path = old.path if old else ntpath.join(self._directories[folder.lower()], name)
            self._files[path.lower()] = dataclasses.replace(file, path=path)

    def delete(self, path: str) -> None:
        """Delete a file; raises WindowsError."""
        with self._lock:
            file = self.find(path)
            self._check_changeable(file)
            if self._running.is_image(path):
                raise WindowsError(ACCESS_DENIED)
            self._charge(path, -file.content.size)
            del self._files[path.lower()]

    def make_directory(self, path: str) -> None:
        """Make a directory and those above it; raises WindowsError if it is there."""
        with self._lock:
            if self.is_file(path) or self.is_directory(path):
                raise WindowsError(ALREADY_EXISTS)
            self._add_directory(path)

    def remove_directory(self, path: str) -> None:
        """Remove an empty directory; raises WindowsError."""
        with self._lock:
            if not self.is_directory(path):
                raise WindowsError(FILE_NOT_FOUND)
            if any(self.children(path)):
                raise WindowsError(DIRECTORY_NOT_EMPTY)
            if self._running.is_directory(path):
                raise WindowsError(SHARING_VIOLATION)
            del self._directories[path.lower()]

    def remove_tree(self, path: str) -> None:
        """Remove a directory with all that is in it; raises WindowsError at the first thing that cannot go."""
        if not self.is_directory(path):
            raise WindowsError(PATH_NOT_FOUND)
        directories, files = self.children(path)
        for file in files:
            self.delete(file)
        for directory in directories:
            self.remove_tree(directory)
        self.remove_directory(path)

    def move(self, path: str, target: str) -> None:
        """Give a file or a directory another path; raises WindowsError, also if the target is there."""
        with self._lock:
            if self.is_file(target) or self.is_directory(target) and target.lower() != path.lower():
                raise WindowsError(ALREADY_EXISTS)
            if not self.is_directory(ntpath.dirname(target)):
                raise WindowsError(PATH_NOT_FOUND)
            if self.is_directory(path):
                self._move_directory(path, target)
                return
            file = self.find(path)
            self._check_changeable(file)
            del self._files[path.lower()]
            self._files[target.lower()] = dataclasses.replace(file, path=target)

    def replace_unheld(self, path: str, target: str) -> None:
        """Move a file over another, or delete it if `target` is empty, as if no program had any file open."""
        with self._lock:
            gone = self._files.pop((target or path).lower(), None)
            if gone:
                self._charge(gone.path, -gone.content.size)
            if target:
                self._files[target.lower()] = dataclasses.replace(self._files.pop(path.lower()), path=target)

    def _move_directory(self, path: str, target: str) -> None:
        if self._running.is_directory(path):
            raise WindowsError(SHARING_VIOLATION)
        below = f"{path}\\".lower()
        files = {lower: file for lower, file in self._files.items() if lower.startswith(below)}
        if any(file.in_use or file.denied for file in files.values()):
            raise WindowsError(ACCESS_DENIED)
        for lower, file in files.items():
            del self._files[lower]
            moved = target + file.path[len(path) :]
            self._files[moved.lower()] = dataclasses.replace(file, path=moved)
        for lower, directory in self.directories().items():
            if lower == path.lower() or lower.startswith(below):
                del self._directories[lower]
                moved = target + directory[len(path) :]
                self._directories[moved.lower()] = moved

    def snapshot(self) -> dict[str, File]:
        """Return all files by their path in lower case; files and their contents compare by value."""
        return dict(self._files)

    def directories(self) -> dict[str, str]:
        """Return the paths of all directories by their path in lower case."""
        return dict(self._directories)

    @staticmethod
    def _check_changeable(file: File) -> None:
        if file.denied:
            raise WindowsError(ACCESS_DENIED)
        if file.in_use:
            raise WindowsError(SHARING_VIOLATION)
