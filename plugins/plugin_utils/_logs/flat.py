# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Flat text: the form in which logs are matched, and the way back to the bytes of the file.

Real logs arrive with other separators, wrapped inside words, in any code page, with NUL bytes and damaged letters.
Flat text has none of that left: it is the visible ASCII of a log in lower case. One call of C code makes it, faster
than grep reads, so that even a word broken over two lines is found by a plain search. The marks that mail programs and
tables put before and between lines (``>`` and ``|``) are left out like blanks: a reply wraps what it quotes.
"""

from __future__ import annotations

LOWER = bytes(range(256)).lower()
UNSEEN = bytes(range(0x21)) + b">|" + bytes(range(0x7F, 0x100))


def flatten(data: bytes) -> bytes:
    """Return the visible ASCII of ``data`` in lower case, without ``>`` and ``|``."""
    return data.translate(LOWER, UNSEEN)


def locate(data: bytes, index: int) -> int:
    """Return the offset in ``data`` of the character at ``index`` of its flat text; its length if there is none."""
    low, high = 0, len(data)
    while high - low > 1:
        middle = (low + high) // 2
        seen = len(flatten(data[low:middle]))
        if seen <= index:
            low, index = middle, index - seen
        else:
            high = middle
    return low if index == 0 and flatten(data[low:high]) else high
