# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Pieces of reStructuredText."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

LICENCE = """..
  Copyright (c) 2026, unblock.updates contributors
  GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
  SPDX-License-Identifier: GPL-3.0-or-later

.. Made by `make docs-pages` from the code; what it says beside that stands in {source}.

"""


def head(name: str, title: str, source: str) -> str:
    """The beginning of a page: its licence, its label and its title.

    Args:
        name: of the file, without its suffix.
        title: of the page.
        source: file that holds the words that are not generated.
    """
    label = f".. _ansible_collections.unblock.updates.docsite.{name}:\n\n"
    return LICENCE.format(source=source) + label + section(title, "=")


def section(title: str, line: str = "-") -> str:
    """A heading."""
    return f"{title}\n{line * len(title)}\n\n"


def table(header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[str]], title: str = "") -> str:
    """A list table; cells are reStructuredText and may have several lines.

    Args:
        header: of the columns.
        widths: of the columns, in relation to each other.
        rows: their cells.
        title: above the table; empty for none.
    """
    cells = (
        f"  {'* ' if number == 0 else '  '}- " + cell.replace("\n", "\n      ")
        for row in [header, *rows]
        for number, cell in enumerate(row)
    )
    options = f"  :header-rows: 1\n  :widths: {' '.join(map(str, widths))}\n"
    lines = "\n".join(line.rstrip() for cell in cells for line in cell.split("\n"))
    return f".. list-table::{' ' + title if title else ''}\n{options}\n{lines}\n\n"


def literal(text: str) -> str:
    """Text as it stands, in the font of code."""
    return f"``{text}``"


def plain(text: str) -> str:
    """Text in which nothing is markup."""
    return re.sub(r"([\\`*|]|_(?!\w))", r"\\\1", text)


def lines(texts: Iterable[str]) -> str:
    """One line in a cell for each text."""
    return "\n".join(f"| {text}" for text in texts)
