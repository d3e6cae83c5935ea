# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes text from a host fit to be shown: nothing in it may steer a terminal, a parser or a reader's eye.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import functools
import unicodedata


def printable(text: str) -> str:
    r"""Returns the text with every invisible character written out.

    Controls (ESC, NUL), direction overrides, lone surrogates and unassigned characters become ``\x1b`` or
    ``\u202e``; newlines and tabs stay, other spaces become plain ones. The result can always be encoded as
    UTF-8 and is legal in XML 1.0.
    """
    if text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(char if char.isprintable() or char in "\n\t" else _written_out(char) for char in text)


@functools.lru_cache(maxsize=4096)  # most texts of a fleet repeat from host to host
def one_line(text: str) -> str:
    """Returns the printable text with every run of white space made one space."""
    return printable(" ".join(text.split()))


def shown(value: object) -> str:
    """Returns a value of a fact as a person would write it."""
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(str(value))


def _written_out(char: str) -> str:
    return " " if unicodedata.category(char) == "Zs" else ascii(char)[1:-1]
