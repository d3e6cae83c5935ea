# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that takes rules of the operator's own has in common.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by the modules that take rules of the operator's own."""

    DOCUMENTATION = r"""
options:
  rule_dirs:
    description:
      - Folders on the controller with rules of your own, in the format of those that the collection ships.
      - Defaults to the variable C(unblock_rule_dirs).
    type: list
    elements: path
"""
