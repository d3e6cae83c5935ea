# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of hosts, with and without their domain.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations


def plain(name: str) -> str:
    """The name as it is compared: case and the dot of the root do not count."""
    return name.casefold().rstrip(".")


def agree(one: str, other: str) -> bool:
    """Whether two plain names can be of the same host: of two that name their domains, both are the same."""
    if not one or not other:
        return False
    return one == other or one == other.partition(".")[0] or one.partition(".")[0] == other
