# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A folder of collected logs: every log in it, at any depth, packed or not, and the host that it is of.

A log is told by its name or, since people rename what they send, by its content.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ansible_collections.unblock.updates.plugins.plugin_utils._files import open_regular
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import Readable, read_pieces
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, ScanResult, choose, scan
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.unpack import (
    DAMAGED,
    Part,
    RefusedError,
    unpack,
    why,
)

MOST_FILES = 100_000
_ARCHIVE = re.compile(r"\.(?:zip|gz)\Z", re.IGNORECASE)


@dataclass(frozen=True)
class Log:
    """One file.

    :ivar host: the folder that it came from, by which the host is called
    :ivar name: its path in the folder, ``/`` between folders and between an archive and what is in it
    :ivar kinds: of log: ``client``, ``server``, ``site``; of a file that could not be read, those that its name tells;
        none: it is no log, and no fault is in it
    :ivar result: what it says; None if it could not be read
    :ivar problem: why it could not be read; empty if it could
    """

    host: str
    name: str
    kinds: frozenset[str]
    result: ScanResult | None
    problem: str = ""


def search_folder(root: Path, signatures: Sequence[Signature], context: Context, level: int = 1) -> Iterator[Log]:
    """Yield every file in a folder or an archive, searched.

    Links are never followed and nothing is unpacked to disk.

    :param context: for each of them; its ``source`` does not matter.
    :param level: the folders of hosts are so many levels down. What lies higher is of the folder that it lies in.
    :raises OSError: the folder cannot be read.
    """
    for path, problem in _files(root):
        name = _text(path.relative_to(root).as_posix()) if path != root else ""
        if problem:
            yield _problem(root, name, signatures, level, problem)
            continue
        try:
            for part in unpack(path, name):
                named = replace(part, name=part.name or _text(root.name))
                yield replace(_search(named, signatures, context), host=_host(root, part.name, level))
        except (RefusedError, *DAMAGED) as error:
            yield _problem(root, name, signatures, level, why(error))


def _files(root: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files below a folder in order, each with the reason for which it is not read, if there is one."""
    if not root.is_dir():
        with open_regular(root):
            yield root, ""
        return

    def refuse(error: OSError) -> None:
        unread.append((Path(os.fsdecode(error.filename)), why(error)))

    count = 0
    unread: list[tuple[Path, str]] = []
    os.listdir(root)
    for folder, folders, names in os.walk(root, onerror=refuse):
        yield from unread
        unread.clear()
        folders.sort()
        for name in sorted(names + [name for name in folders if os.path.islink(os.path.join(folder, name))]):
            count += 1
            if count > MOST_FILES:
                raise OSError(0, f"it holds more than {MOST_FILES} files")
            path = Path(folder, name)
            yield path, _irregular(path)
    yield from unread


def _irregular(path: Path) -> str:
    try:
        mode = path.lstat().st_mode
    except OSError as error:
        return why(error)
    if stat.S_ISLNK(mode):
        return "it is a link"
    return "" if stat.S_ISREG(mode) else "it is no regular file"


def _search(part: Part, signatures: Sequence[Signature], context: Context) -> Log:
    named = frozenset(one.log for one in signatures if one.takes(part.name.rpartition("/")[2]))
    if part.stream is None:
        return Log("", part.name, named, None, part.problem)
    watched = _Watched(part.stream)
    try:
        result = scan(read_pieces(watched), choose(signatures, None, part.name), replace(context, source=part.name))
    except DAMAGED as error:
        return Log("", part.name, named, None, why(error))
    kinds = named or watched.kinds(signatures) | {event.log for event in result.events}
    return Log("", part.name, frozenset(kinds), result)


class _Watched:
    """A stream that remembers how it began."""

    def __init__(self, stream: Readable) -> None:
        self._stream = stream
        self._head: bytes | None = None

    def read(self, size: int, /) -> bytes:
        data = self._stream.read(size)
        if self._head is None:
            self._head = data
        return data

    def kinds(self, signatures: Sequence[Signature]) -> set[str]:
        """Return the kinds of log as which the stream began; UTF-16 has no NUL in flat text either."""
        flat = flatten(self._head or b"")
        return {signature.log for signature in signatures if signature.content.search(flat)}


def _problem(root: Path, name: str, signatures: Sequence[Signature], level: int, problem: str) -> Log:
    kinds = frozenset(one.log for one in signatures if one.takes(name.rpartition("/")[2]))
    return Log(_host(root, name, level), name or _text(root.name), kinds, None, problem)


def _host(root: Path, name: str, level: int) -> str:
    folders = name.split("/")[:-1][:level]
    parts = [_ARCHIVE.sub("", folder) or folder for folder in folders]
    return "/".join(parts) or _ARCHIVE.sub("", _text(root.resolve().name)) or "logs"


def _text(name: str) -> str:
    """Return a name without the bytes that are no text in the controller's encoding."""
    return os.fsencode(name).decode("utf-8", "replace")
