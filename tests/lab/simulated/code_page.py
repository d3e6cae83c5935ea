# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An ANSI code page of Windows: bytes to text and back, as MultiByteToWideChar does it."""

from __future__ import annotations

import codecs
from typing import Any


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Decode a byte that the code page leaves undefined as Windows does: to the C1 control of the same number."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("lab.windows", _as_control)


class CodePage:
    """A code page by its Windows number; raises LookupError for one that is not known."""

    def __init__(self, number: int) -> None:
        self.number = number
        self._codec = codecs.lookup("utf-8" if number == 65001 else f"cp{number}")

    def decode(self, data: bytes) -> str:
        """Return the text of bytes."""
        return self._codec.decode(data, "lab.windows")[0]

    def encode(self, text: str) -> bytes:
        """Return the bytes of text; what the code page lacks becomes a question mark."""
        return self._codec.encode(text, "replace")[0]

    def decoder(self) -> Any:
        """Return an incremental decoder: a character of two bytes may lie across two reads."""
        return self._codec.incrementaldecoder("lab.windows")
