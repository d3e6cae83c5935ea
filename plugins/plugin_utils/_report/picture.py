# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the boxes of a tree stand in a picture: the top on the left, those below to its right.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.unblock.updates.plugins.plugin_utils._report.hierarchy import Node

# In pixels, as the page's style is.
BOX_WIDTH = 224
BOX_HEIGHT = 46
_COLUMN = BOX_WIDTH + 44
_ROW = BOX_HEIGHT + 10
_MARGIN = 2


class Box(NamedTuple):
    """A node and the left upper corner of its box."""

    node: Node
    x: int
    y: int


class Line(NamedTuple):
    """From the right side of the box above to the left side of one below, by way of the middle between them."""

    x1: int
    y1: int
    middle: int
    x2: int
    y2: int


class Picture(NamedTuple):
    """A tree as boxes and lines; the size holds all of them."""

    tree: Node
    width: int
    height: int
    boxes: list[Box]
    lines: list[Line]


def draw(tree: Node) -> Picture:
    """Returns the picture of a tree."""
    boxes: list[Box] = []
    lines: list[Line] = []
    rows = _place(tree, 0, 0, boxes, lines)
    width = max(box.x for box in boxes) + BOX_WIDTH + _MARGIN
    return Picture(tree, width, rows * _ROW - (_ROW - BOX_HEIGHT) + 2 * _MARGIN, boxes, lines)


def _place(node: Node, column: int, row: int, boxes: list[Box], lines: list[Line]) -> int:
    """Places a node beside the middle of those below it, which begin in this row; returns how many rows they take."""
    below: list[Box] = []
    rows = 0
    for child in node.below:
        rows += _place(child, column + 1, row + rows, boxes, lines)
        below.append(boxes[-1])
    y = (below[0].y + below[-1].y) // 2 if below else _MARGIN + row * _ROW
    box = Box(node, _MARGIN + column * _COLUMN, y)
    for child_box in below:
        right = box.x + BOX_WIDTH
        middle = (right + child_box.x) // 2
        lines.append(Line(right, y + BOX_HEIGHT // 2, middle, child_box.x, child_box.y + BOX_HEIGHT // 2))
    boxes.append(box)
    return rows or 1
