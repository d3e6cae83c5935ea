# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reading logs: files in pieces whatever their encoding, and the lines that ``findstr /n`` found on a host."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

# Pieces of this size are reused by the allocator; larger ones cost fresh pages each time.
PIECE = 1 << 16
FILLER = b"~"
_LINE = re.compile(rb"^\s*(\d{1,10}):", re.MULTILINE)
_CHARACTERS_A_LINE = 80
_MOST_FILLER = 20_000


class Readable(Protocol):
    """What a log is read from."""

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes, none at the end."""


def read_pieces(stream: Readable, size: int = PIECE) -> Iterator[bytes]:
    """Yield a log in pieces of at most ``size`` bytes: UTF-16 as UTF-8, everything else as it is."""
    piece = stream.read(size)
    encoding = utf16(piece)
    decoder = codecs.getincrementaldecoder(encoding)("replace") if encoding else None
    while piece:
        yield decoder.decode(piece).encode("utf-8", "replace") if decoder else piece
        piece = stream.read(size)


def utf16(head: bytes) -> str | None:
    """Return the UTF-16 codec of a file that begins with ``head``, None for any other encoding."""
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le"
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be"
    sample = head[:4096]
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    # A few NUL bytes are damage in a file of one byte a letter; every second one is Latin text in UTF-16.
    if odd > len(sample) // 4 and even < odd // 4:
        return "utf-16-le"
    if even > len(sample) // 4 and odd < even // 4:
        return "utf-16-be"
    return None


def spread_hits(hits: bytes) -> Iterator[bytes]:
    """Yield the output of ``findstr /n`` (``LINE:text``) with filler where lines are missing.

    The filler keeps apart what was apart in the log: no pattern reaches across it, and distances stay about right.
    """
    expected = None
    for line in hits.splitlines(keepends=True):
        match = _LINE.match(line)
        if match:
            number = int(match[1])
            if expected is not None and number > expected:
                yield FILLER * min((number - expected) * _CHARACTERS_A_LINE, _MOST_FILLER) + b"\n"
            expected = number + 1
        yield line


def hit_line(line: bytes) -> tuple[int | None, bytes]:
    """Return the number and the text of one line of ``findstr /n``; no number if the line was cut off in front."""
    match = _LINE.match(line)
    return (int(match[1]), line[match.end() :]) if match else (None, line)


def gather(parts: Iterable[bytes], size: int = PIECE) -> Iterator[bytes]:
    """Join small parts to pieces of at least ``size`` bytes, so that each is worth a scan."""
    held: list[bytes] = []
    length = 0
    for part in parts:
        held.append(part)
        length += len(part)
        if length >= size:
            yield b"".join(held)
            held, length = [], 0
    if held:
        yield b"".join(held)


def decode(data: bytes, code_page: str) -> str:
    """Return readable text: UTF-8 if it is UTF-8 (but for a letter cut at either end), else the host's code page."""
    start = next((index for index, byte in enumerate(data[:3]) if not 0x80 <= byte < 0xC0), min(len(data), 3))
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data[start:])
    except UnicodeDecodeError:
        pass
    try:
        return data.decode(code_page, "replace")
    except LookupError:
        return data.decode("latin-1")
