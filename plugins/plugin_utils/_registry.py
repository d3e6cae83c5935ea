# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the collection writes in a host's registry: nowhere else.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

#: The key that the collection makes on a host, and goes with the last value in it.
ROOT_KEY = r"HKLM\SOFTWARE\unblock"

#: Holds the note of the run that is at work, and a key for each advisory.
KEY = rf"{ROOT_KEY}\updates"
