# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Folders of a simulated host as a Unix program finds them: laid down for it, and taken back with what it changed."""

from __future__ import annotations

import ntpath
import shutil
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from tests.lab.simulated.disks import Disks
from tests.lab.simulated.errors import WindowsError
from tests.lab.simulated.files import Zeros


class Mirror:
    """The files that lie directly in some folders, below ROOT/C for drive C:; names keep the case that they have."""

    def __init__(self, disks: Disks, root: Path, folders: Iterable[str]) -> None:
        self._disks = disks
        self._root = root
        self._known = disks.directories()
        self._folders = sorted({self._known[folder.lower()] for folder in folders if folder.lower() in self._known})
        self._laid: dict[str, tuple[int, int]] = {}  # Windows path -> size and time of the copy, nanoseconds

    def path(self, windows_path: str) -> Path:
        """Return where a folder, or a file in one of the folders, is."""
        if windows_path.lower() not in self._known:
            folder, name = ntpath.split(windows_path)
            return self.path(folder) / name
        drive, dummy, rest = self._known[windows_path.lower()].partition(":\\")
        return self._root / drive.upper() / rest.replace("\\", "/")

    def lay_down(self) -> None:
        """Copy the files; those that the account may not read, or somebody keeps to himself, are not there."""
        for folder in self._folders:
            self.path(folder).mkdir(parents=True, exist_ok=True)
            for path in self._disks.children(folder)[1]:
                try:
                    self._copy(path)
                except WindowsError:
                    continue
                # Named as `take_back` names it: a file keeps the case in which its path was once typed.
                self._laid[ntpath.join(folder, ntpath.basename(path))] = _stamp(self.path(path))

    def _copy(self, path: str) -> None:
        target = self.path(path)
        content = self._disks.find(path).content
        with self._disks.open(path) as source, target.open("wb") as file:
            if isinstance(content, Zeros):
                file.truncate(content.size)
            else:
                shutil.copyfileobj(source, file)

    def take_back(self) -> None:
        """Carry what was written and deleted since over to the host's disks, as far as they let it."""
        found: dict[str, tuple[int, int]] = {}
        for folder in self._folders:
            for entry in self.path(folder).iterdir():
                with suppress(FileNotFoundError):  # it was there for a moment
                    found[ntpath.join(folder, entry.name)] = _stamp(entry)
        for path, stamp in found.items():
            if self._laid.get(path) != stamp:
                with suppress(WindowsError, FileNotFoundError):
                    self._disks.write(path, self.path(path).read_bytes())
        for path in self._laid.keys() - found.keys():
            with suppress(WindowsError):
                self._disks.delete(path)
        self._laid = found


def _stamp(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns
