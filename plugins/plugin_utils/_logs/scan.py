# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scanning: one log in, its events out.

A file on the controller and the lines that findstr found on a host pass through the same code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from os import SEEK_END
from pathlib import Path

from ansible_collections.unblock.updates.plugins.plugin_utils._files import open_regular
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.events import Event, Events, Fault, Grouping, latest
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.healthy import Healthy, Watch
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.matcher import Buffer, Matcher, buffers
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import (
    gather,
    read_pieces,
    spread_hits,
    utf16,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.skim import Skim
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Stamp, last_item, last_offset, stamps

SKEW = timedelta(minutes=5)
# Visible characters at either end of a log in which its first and last time are looked for.
_ENDS = 1 << 14


@dataclass(frozen=True)
class Context:
    """What is known of a log beside its text.

    :ivar source: its name, for the events' ``where``
    :ivar since: aware; faults that are older by more than ``skew`` are left out, and a log whose beginning is newer is
        incomplete
    :ivar skew: how far the clock that ``since`` is of may be off the clock of the log
    :ivar offset: the host's offset from UTC, east positive; None: times without a zone stay local
    :ivar code_page: of the host, for the excerpts (matching needs none)
    """

    source: str = ""
    since: datetime | None = None
    skew: timedelta = SKEW
    offset: timedelta | None = None
    code_page: str = "cp1252"


@dataclass(frozen=True)
class ScanResult:
    """What a log says.

    :ivar healthy: for each signature the newest work that the fault would have stopped
    :ivar first_time: of the log's beginning, as an event's; of the first line that is there if its front is missing
    :ivar incomplete: why silence proves nothing: a part of the log was not read, or it begins later than ``since``,
        or does not show when it begins, or the host could not search it; None: no fault since then (without ``since``:
        none at all) is missing
    """

    events: tuple[Event, ...]
    healthy: tuple[Healthy, ...]
    size: int
    lines: int
    truncated: bool
    first_time: str | None
    last_time: str | None
    incomplete: str | None

    def scanned(self) -> dict[str, object]:
        """Return the contract's ``scanned``."""
        return {"bytes": self.size, "lines": self.lines, "truncated": self.truncated}


def choose(signatures: Sequence[Signature], log: str | None, name: str) -> tuple[Signature, ...]:
    """Return the signatures for a log: those of the kind ``log``, else those that take its file name, else all.

    The path's last part counts, whether its separators are those of Windows or of the controller.
    """
    if log:
        return tuple(signature for signature in signatures if signature.log == log)
    file_name = name.replace("\\", "/").rpartition("/")[2]
    return tuple(signature for signature in signatures if signature.takes(file_name)) or tuple(signatures)


def scan_file(
    path: Path, signatures: Sequence[Signature], context: Context, max_bytes: int | None = None
) -> ScanResult:
    """Scan a log on the controller; with ``max_bytes`` only its end.

    :raises OSError: it cannot be read or is no regular file; ``strerror`` says which.
    """
    with open_regular(path) as stream:
        size = stream.seek(0, SEEK_END)
        skipped = max(size - max_bytes, 0) if max_bytes is not None else 0
        # UTF-16 is read in pairs of bytes.
        skipped -= skipped % 2
        stream.seek(skipped)
        result = scan(read_pieces(stream), signatures, context, truncated=skipped > 0)
    return replace(result, size=size - skipped)


def scan_hits(
    hits: bytes | str,
    signatures: Sequence[Signature],
    context: Context,
    head: bytes | str = b"",
    truncated: bool = False,
) -> ScanResult:
    """Scan what ``findstr /i /n`` found on a host for the signatures' anchors.

    :param head: the log's first line, which tells when it begins
    :param truncated: the host kept only some of the hits
    """
    data, first = (text.encode("utf-8", "replace") if isinstance(text, str) else text for text in (hits, head))
    if truncated:
        # The first line lost its beginning, and perhaps its number.
        data = data[data.find(b"\n") + 1 :]
    pieces = gather(spread_hits(data))
    result = scan(pieces, signatures, context, None if truncated else first, numbered=True, truncated=truncated)
    unread = "it is UTF-16, in which findstr finds nothing" if utf16(first) else result.incomplete
    return replace(result, size=len(data), lines=len(data.splitlines()), incomplete=unread)


def scan(
    pieces: Iterable[bytes],
    signatures: Sequence[Signature],
    context: Context,
    head: bytes | None = None,
    numbered: bool = False,
    truncated: bool = False,
) -> ScanResult:
    """Scan a log that comes in pieces of any size. The other functions of this file lead here."""
    since = context.since - context.skew if context.since else None
    events = Events(context.source, context.code_page, since)
    tracks = [_Track(signature, context) for signature in signatures]
    is_utc = bool(signatures) and all(signature.stamp_utc for signature in signatures)
    offset = timedelta(0) if is_utc else context.offset
    begin = b"" if head is None else flatten(head)
    skim = None if numbered else Skim(signatures)
    for buffer in buffers(pieces, numbered, skim):
        if head is None and len(begin) < _ENDS:
            begin = (begin + buffer.flat[buffer.fresh :])[:_ENDS]
        for track in tracks:
            for fault in track.feed(buffer):
                events.add(track.signature, fault)
    for track in tracks:
        for fault in track.grouping.rest():
            events.add(track.signature, fault)
    # There is always a buffer, also of an empty log.
    size, lines = buffer.extent()
    first = _stamp(begin, offset)
    last = _stamp(buffer.flat[-_ENDS:], tracks[0].offset if tracks else offset, last=True)
    return ScanResult(
        events=events.all(),
        healthy=tuple(track.watch.newest() for track in tracks),
        size=size,
        lines=lines,
        truncated=truncated,
        first_time=first.text() if first else None,
        last_time=last.text() if last else None,
        incomplete=_incomplete(first, context.since, truncated),
    )


class _Track:
    """One signature's way through a log."""

    def __init__(self, signature: Signature, context: Context) -> None:
        self.signature = signature
        self.grouping = Grouping(signature)
        self.watch = Watch(signature, context.source)
        self._matcher = Matcher(signature, context.offset)

    @property
    def offset(self) -> timedelta | None:
        """From UTC, in force at the end of what it was fed."""
        return self._matcher.offset

    def feed(self, buffer: Buffer) -> Iterator[Fault]:
        marks = self._matcher.feed(buffer)
        self.watch.feed(buffer, self.offset)
        return self.grouping.add(marks)


def _stamp(flat: bytes, offset: timedelta | None, last: bool = False) -> Stamp | None:
    found = last_item(stamps(flat)) if last else next(stamps(flat), None)
    return found.in_utc(last_offset(flat, offset)) if found else None


def _incomplete(first: Stamp | None, since: datetime | None, truncated: bool) -> str | None:
    if since is None:
        return "only a part of it was read" if truncated else None
    asked = Stamp(0, 0, since.astimezone(timezone.utc).replace(tzinfo=None), True).text()
    if first is None:
        return f"no time at its beginning shows that it reaches back to {asked}"
    if latest(first) > since:
        return f"what was read begins at {first.text()}, later than {asked}"
    return None
