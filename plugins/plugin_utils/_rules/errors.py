# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a rule or product file can be wrong about.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations


class RuleError(Exception):
    """A rule or product file cannot be used.

    Attributes:
        file: path of the file.
        line: line of the offending value, counted from 1.
        reason: what is wrong and, where it helps, what was meant.
    """

    def __init__(self, file: str, line: int, reason: str) -> None:
        self.file = file
        self.line = line
        self.reason = reason
        super().__init__(f"{file}:{line}: {reason}")
