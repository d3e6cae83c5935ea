# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Files of a simulated host: what is in them, which may need no space, and what is known of them.

Hosts of one model share what it says.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import BinaryIO, Protocol

from tests.lab.dot_net.assemblies import MONO, MONO_COMPILER, assembly
from tests.lab.model import ROOT, HostFile
from tests.lab.simulated.errors import ACCESS_DENIED, SHARING_VIOLATION, WindowsError

#: Time of files for which the model says none.
DEFAULT_TIME = datetime(2008, 6, 1, tzinfo=timezone.utc)
#: Where what is built once for all hosts is kept.
CACHE = ROOT.parents[1] / "build" / "lab-cache"


NO_VERSION = "0.0.0.0"  # of a library that was compiled without one
LIBRARY = b"MZ".ljust(4096, b"\0")  # a PE file that only its version is asked of


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
    program: str | None = None  # what runs when the file is started, if its content does not say
    denied: bool = False  # closed to the account

    def check_readable(self) -> None:
        """Raise WindowsError if opening the file for reading fails."""
        if self.denied:
            raise WindowsError(ACCESS_DENIED)
        if self.in_use == "exclusive":
            raise WindowsError(SHARING_VIOLATION)


def has_mono() -> bool:
    """Whether this machine can compile and run .NET programs for its hosts."""
    return Path(MONO).exists() and Path(MONO_COMPILER).exists()


@functools.cache
def file_of(model: HostFile) -> File:
    """Return a file as the host model describes it; hosts of one model share their contents."""
    if model.version is not None:
        content: Content = Bytes(LIBRARY)
    elif model.text is not None:
        content = Bytes(model.text.encode(model.encoding))
    elif model.fixture is not None:
        content = Bytes(model.fixture_content())
    elif model.assembly is not None:
        content = Bytes(assembly(CACHE, model.assembly).read_bytes() if has_mono() else LIBRARY)
    elif model.program is not None:
        content = Bytes(LIBRARY)
    else:
        content = Zeros(model.size or 0)
    version = NO_VERSION if model.assembly is not None else model.version
    created, modified = (
        datetime.fromisoformat(stamp.replace("Z", "+00:00")) if stamp else DEFAULT_TIME
        for stamp in (model.created or model.modified, model.modified or model.created)
    )
    return File(model.path, content, created, modified, version, model.in_use, model.program)
