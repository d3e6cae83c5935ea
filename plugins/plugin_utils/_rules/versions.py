# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""File and product versions, compared as four integers and never as text.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import re
import typing as t

#: A version resource keeps each part in 16 bits.
_HIGHEST_PART = 0xFFFF
_FOUR_PARTS = re.compile(r"([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,5})\.([0-9]{1,5})")


class FourPart(t.NamedTuple):
    """A version such as C(3.1.6001.66); ordered part by part."""

    major: int
    minor: int
    build: int
    revision: int

    @classmethod
    def parse(cls, text: object) -> FourPart | None:
        """Reads a version from untrusted text.

        Returns:
            The version, or None for anything but four decimal numbers of at most 65535 between dots.
        """
        match = _FOUR_PARTS.fullmatch(text.strip()) if isinstance(text, str) else None
        if match is None:
            return None
        version = cls(*map(int, match.groups()))
        return version if max(version) <= _HIGHEST_PART else None

    def __str__(self) -> str:
        return ".".join(map(str, self))
