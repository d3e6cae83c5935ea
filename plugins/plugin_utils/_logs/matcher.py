# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The matcher: from the bytes of a log to the marks of a signature in it.

A log of any size passes in buffers; each begins with the end of the one before, so that no mark is cut. A buffer is
first searched for the signature's needles (a plain search in flat text); only where one stands the patterns look.
Of a large log, what plainly is as its writer wrote it and holds no needle is not even made flat (see skim.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten, locate
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import FILLER, hit_line
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.skim import Skim
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Clock, Stamp, last_offset

# Visible characters of a buffer that the next one repeats, and of its end whose marks are left to the next one.
_TAIL = 1 << 14
_MARGIN = 1 << 11
# A needle is shorter: so much of the repeated part is searched again.
_NEEDLE = 100
# Of a log that is nearly all blanks, bytes that a buffer holds at most.
_MOST_RAW = 1 << 21


@dataclass(slots=True)
class Buffer:
    """A stretch of a log.

    :ivar flat: its flat text; ``fresh`` is the index of what the buffer before did not hold, ``settled`` of what is
        left to the next one because a mark there may lack its end
    :ivar start: visible characters of the log before it
    :ivar parts: its bytes, which begin ``lead`` visible characters before ``flat`` does, after ``skipped`` bytes and
        ``ends`` line ends
    :ivar older: bytes that stand before ``parts``, if they are still known
    :ivar numbered: lines begin with their number and a colon, as findstr writes them
    """

    flat: bytes
    fresh: int
    settled: int
    start: int
    parts: tuple[bytes, bytes]
    older: bytes
    lead: int
    skipped: int
    ends: int
    numbered: bool

    def line_at(self, index: int) -> int:
        """Return the number of the line in which the visible character ``index`` stands."""
        raw = b"".join(self.parts)
        offset = locate(raw, self.lead + index)
        if not self.numbered:
            return 1 + self.ends + raw.count(b"\n", 0, offset)
        while offset >= 0:
            begin = raw.rfind(b"\n", 0, offset) + 1
            number = hit_line(raw[begin : begin + 16])[0]
            if number is not None:
                return number
            offset = begin - 1
        return 1

    def lines(self, index: int, end: int, around: int) -> tuple[int, int]:
        """Return where the lines of ``flat[index:end]`` begin and end, at most ``around`` bytes before and after it."""
        raw = b"".join(self.parts)
        first, last = locate(raw, self.lead + index), locate(raw, self.lead + end - 1) + 1
        begin = max(raw.rfind(b"\n", 0, first) + 1, first - around)
        stop = raw.find(b"\n", last)
        return begin, min(len(raw) if stop < 0 else stop, last + around)

    def before(self) -> bytes:
        """Return flat text that ends where the new part of this buffer begins."""
        return flatten(self.older) + flatten(self.parts[0])

    def extent(self) -> tuple[int, int]:
        """Return the bytes and lines of the log up to the end of this buffer; the last line may lack its end."""
        raw = b"".join(self.parts)
        is_open = bool(raw) and not raw.endswith(b"\n")
        return self.skipped + len(raw), self.ends + raw.count(b"\n") + is_open

    def text(self, begin: int, stop: int) -> bytes:
        """Return these bytes without what findstr and the filler added."""
        data = b"".join(self.parts)[begin:stop]
        if not self.numbered:
            return data
        return b"\n".join(hit_line(line)[1] for line in data.split(b"\n") if not line.startswith(FILLER))


@dataclass(frozen=True)
class Found:
    """A mark in a log: ``flat[index:end]`` of ``buffer``, with its entry's time and thread and a fault id, if there."""

    name: str
    buffer: Buffer
    index: int
    end: int
    stamp: Stamp | None
    thread: bytes | None
    fault_id: str | None

    @property
    def position(self) -> int:
        """Visible characters from the beginning of the log."""
        return self.buffer.start + self.index


def buffers(pieces: Iterable[bytes], numbered: bool = False, skim: Skim | None = None) -> Iterator[Buffer]:
    """Turn the pieces of a log into buffers that overlap.

    :param numbered: lines begin with ``NUMBER:``.
    :param skim: leaves out what it knows to hold nothing, but never the last piece.
    """
    older, held, held_flat, position, skipped, ends = b"", b"", b"", 0, 0, 0
    for piece, is_last in _with_last(pieces):
        if skim and not is_last and skim.passes(piece):
            # Its visible characters are not counted: what stands before it and behind it is far apart in any case.
            position += len(piece)
            skipped, ends = skipped + len(held), ends + held.count(b"\n")
            older, held, held_flat = held, piece, b""
            continue
        if held and not held_flat:
            held_flat = flatten(held)
        fresh = flatten(piece)
        tail = held_flat[-_TAIL:]
        flat = tail + fresh
        yield Buffer(
            flat=flat,
            fresh=len(tail),
            settled=len(flat) if is_last else len(flat) - _MARGIN,
            start=position - len(tail),
            parts=(held, piece),
            older=older,
            lead=len(held_flat) - len(tail),
            skipped=skipped,
            ends=ends,
            numbered=numbered,
        )
        position += len(fresh)
        if len(fresh) < _TAIL and len(held) < _MOST_RAW:
            held, held_flat = held + piece, held_flat + fresh
        else:
            skipped, ends = skipped + len(held), ends + held.count(b"\n")
            older, held, held_flat = held, piece, fresh


def _with_last(pieces: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    rest = iter(pieces)
    piece = next(rest, b"")
    for following in rest:
        yield piece, False
        piece = following
    yield piece, True


class Matcher:
    """Finds one signature's marks in the buffers of one log.

    :param offset: the host's offset from UTC (east is positive) for times that name none; what the log says goes first.
    :ivar offset: the one in force at the end of what it was fed.
    """

    def __init__(self, signature: Signature, offset: timedelta | None) -> None:
        self.signature = signature
        self.offset = timedelta(0) if signature.stamp_utc else offset
        self._done = 0
        self._hot = -1

    def feed(self, buffer: Buffer) -> list[Found]:
        """Return the marks of a buffer that earlier ones did not hold, in the order of the log."""
        marks: list[Found] = []
        start = self.signature.stamp_start
        if start and buffer.flat.find(start, max(buffer.fresh - _NEEDLE, 0)) >= 0:
            self.offset = last_offset(buffer.flat, self.offset)
        if self._is_hot(buffer):
            clock = Clock(buffer.flat, self.signature.stamp_after)
            begin = max(self._done - buffer.start, 0)
            for name, pattern in self.signature.marks.items():
                for match in pattern.finditer(buffer.flat, begin):
                    if match.start() >= buffer.settled:
                        break
                    fault_id = match.groupdict().get("id")
                    marks.append(
                        Found(
                            name,
                            buffer,
                            match.start(),
                            match.end(),
                            *self._entry(buffer.flat, clock.at(match.start(), match.end())),
                            fault_id.decode("ascii") if fault_id else None,
                        )
                    )
            self._done = max(self._done, buffer.start + buffer.settled)
        return sorted(marks, key=lambda mark: mark.index)

    def _is_hot(self, buffer: Buffer) -> bool:
        # The repeated part was searched when it was new.
        begin = max(buffer.fresh - _NEEDLE, 0)
        for needle in self.signature.needles:
            if buffer.flat.find(needle, begin) >= 0:
                self._hot = max(self._hot, buffer.start + buffer.flat.rfind(needle, begin))
        return self._hot >= buffer.start

    def _entry(self, flat: bytes, stamp: Stamp | None) -> tuple[Stamp | None, bytes | None]:
        if stamp is None:
            return None, None
        thread = self.signature.thread
        match = thread.match(flat, stamp.end) if thread else None
        return stamp.in_utc(self.offset), (match[match.lastindex or 0] if match else None)
