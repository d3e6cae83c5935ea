# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Skimming: what of a large log needs no closer look.

Flat text finds a word however it was broken, but making it costs more than grep takes for the whole search. What
somebody pasted, wrapped or retyped is small; a log of many megabytes is as its writer wrote it. So from a size on, a
piece is passed over if it looks exactly like that (ASCII, each of its first lines an entry) and the words that are
looked for do not stand in it as their writer writes them. Anything else about a piece and it is made flat.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature

# Bytes at the beginning of a log that are always made flat.
SKIM_FROM = 4 << 20
_LONGEST_WORD = 100
# A line end and eight entries, each dated by its writer at its beginning (2008-06-14) or at its end ($$<...>, ]LOG]!>),
# each with a word in the writer's case.
_ENTRIES = re.compile(
    rb"\n(?:(?:(?:19|20)\d\d-\d\d-\d\d[ \t][^\n]*?[ \t.][A-Z][a-z]{2}[^\n]*\n){8}"
    rb"|(?:[^\n$]*?[A-Z][a-z]{2}[^\n$]*\$\$<[^\n]*>\r?\n){8}"
    rb"|(?:<!\[LOG\[[^\n]*?[A-Z][a-z]{2}[^\n]*>\r?\n){8})"
)


class Skim:
    """Skims one log for the words of some signatures; fed with all its pieces in order."""

    def __init__(self, signatures: Sequence[Signature]) -> None:
        self._words = tuple({word for signature in signatures for word in signature.written})
        self._size = 0
        self._end = b""
        self._is_quiet = False

    def passes(self, piece: bytes) -> bool:
        """Whether a piece, the next of the log, need not be looked at: nor does the one before it reach into it."""
        was_quiet, self._is_quiet = self._is_quiet, self._looks_quiet(piece)
        return was_quiet and self._is_quiet

    def _looks_quiet(self, piece: bytes) -> bool:
        end, self._end = self._end, piece[-_LONGEST_WORD:]
        self._size += len(piece)
        if self._size <= SKIM_FROM or not piece.isascii():
            return False
        if not _ENTRIES.match(piece, max(piece.find(b"\n"), 0)):
            return False
        # A word may stand across the border.
        border = end + piece[:_LONGEST_WORD]
        return not any(word in piece or word in border for word in self._words)
