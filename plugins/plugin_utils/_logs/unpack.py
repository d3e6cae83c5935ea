# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people send: files, packed or not, as streams. Nothing is ever unpacked into a folder.

The first bytes of a file tell whether it is packed: zip and gzip, also one in the other. How much may come out of one
file is bounded while it comes out; what an archive says of itself is not believed.
"""

from __future__ import annotations

import gzip
import re
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import BinaryIO, cast

from ansible_collections.unblock.updates.plugins.plugin_utils._files import open_regular
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import Readable

# A log packs to a tenth of its size, one that says the same again and again to a hundredth. A bomb packs to less.
MOST_RATIO = 250
_ALWAYS = 64 << 20
MOST_UNPACKED = 4 << 30
MOST_MEMBERS = 10_000
MOST_DEPTH = 3
_MOST_DIRECTORY = 16 << 20

_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b\x08"
# What other methods need of memory to unpack is up to whoever packed.
_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
_END, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x07"
_LONGEST_END = 65_557
_COPY = 1 << 16
_OUTSIDE = re.compile(r"/|[A-Za-z]:|(?:.*/)?\.\.(?:/|\Z)", re.DOTALL)
_GZ = re.compile(r"\.gz\Z", re.IGNORECASE)


class RefusedError(Exception):
    """A file is not read, or not to its end; the text says why."""


#: What reading a damaged or locked file raises.
DAMAGED = (OSError, EOFError, NotImplementedError, UnicodeDecodeError, zlib.error, zipfile.BadZipFile)


def why(error: Exception) -> str:
    """Return why a file was not read, for what ``unpack`` and its streams raise."""
    if isinstance(error, RefusedError):
        return str(error)
    return f"it cannot be read: {error.strerror if isinstance(error, OSError) and error.strerror else error}"


@dataclass(frozen=True)
class Part:
    """A file, or one in an archive.

    :ivar name: with ``/`` between folders, and between an archive and what is in it
    :ivar stream: to be read before the iteration goes on; None for a part that is refused
    :ivar problem: why it is refused
    """

    name: str
    stream: Readable | None
    problem: str = ""


def unpack(path: Path, name: str) -> Iterator[Part]:
    """Yield a file or, if it is an archive, all that is in it.

    :param name: of the file; if it is empty, what is in an archive is named as if the archive were a folder.
    :raises RefusedError: more is in it than is reasonable; reading a stream raises it, too.
    :raises OSError: it cannot be read or is no regular file. It and the others of ``DAMAGED`` come from streams, too.
    """
    with open_regular(path) as stream:
        size = stream.seek(0, SEEK_END)
        yield from _parts(stream, name, _Budget(size), 0)


class _Budget:
    """How many bytes may still come out of one file, with all that is packed in it."""

    def __init__(self, packed: int) -> None:
        self._left = min(MOST_UNPACKED, _ALWAYS + MOST_RATIO * packed)

    def take(self, count: int) -> None:
        """:raises RefusedError: it is used up."""
        self._left -= count
        if self._left < 0:
            raise RefusedError("far more comes out of it than logs pack to")


class _Unpacked:
    """A stream out of an archive, charged to a budget."""

    def __init__(self, stream: Readable, budget: _Budget) -> None:
        self._stream = stream
        self._budget = budget

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        self._budget.take(len(data))
        return data


def _parts(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    stream.seek(0)
    head = stream.read(len(_ZIP))
    stream.seek(0)
    if not head.startswith((_ZIP, _GZIP)):
        yield Part(name, _Unpacked(stream, budget) if depth else stream)
    elif depth == MOST_DEPTH:
        yield Part(name, None, f"it is packed more than {MOST_DEPTH} times over")
    elif head.startswith(_GZIP):
        with gzip.open(stream) as unpacked:
            yield from _parts(cast(BinaryIO, unpacked), _GZ.sub("", name), budget, depth + 1)
    elif depth:
        # An archive is read from its end, and a stream that is unpacked has no short way there.
        with tempfile.TemporaryFile() as copy:
            source = _Unpacked(stream, budget)
            while data := source.read(_COPY):
                copy.write(data)
            yield from _members(cast(BinaryIO, copy), name, budget, depth)
    else:
        yield from _members(stream, name, budget, depth)


def _members(stream: BinaryIO, name: str, budget: _Budget, depth: int) -> Iterator[Part]:
    _check_directory(stream)
    with zipfile.ZipFile(stream) as archive:
        for member in archive.infolist():
            if member.filename.endswith("/"):  # Python 3.10 has an is_dir that wants a name to be there
                continue
            inside = member.filename.replace("\\", "/")
            label = f"{name}/{inside}".lstrip("/")
            problem = _problem(member, inside)
            if problem:
                yield Part(label, None, problem)
                continue
            try:
                with archive.open(member) as packed:
                    yield from _parts(cast(BinaryIO, packed), label, budget, depth + 1)
            except DAMAGED as error:
                yield Part(label, None, why(error))


def _check_directory(stream: BinaryIO) -> None:
    """:raises RefusedError: the list of what is in an archive, which is read as a whole, is too long to be honest."""
    size = stream.seek(0, SEEK_END)
    stream.seek(max(size - _LONGEST_END, 0))
    tail = stream.read(_LONGEST_END)
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + 22:
        raise zipfile.BadZipFile("its end is missing")
    count, length = struct.unpack_from("<HI", tail, end + 10)
    if count > MOST_MEMBERS or length > _MOST_DIRECTORY or tail[max(end - 20, 0) : end].startswith(_LOCATOR_64):
        raise RefusedError(f"it is an archive of more than {MOST_MEMBERS} files or 4 GiB")


def _problem(member: zipfile.ZipInfo, name: str) -> str:
    if _OUTSIDE.match(name):
        return "its name leads out of the archive"
    if stat.S_ISLNK(member.external_attr >> 16):
        return "it is a link"
    if member.flag_bits & 1:
        return "it is encrypted"
    if member.compress_type not in _METHODS:
        return f"it is packed by a method that is not read ({member.compress_type})"
    return ""
