# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that works on the controller alone has in common.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by the modules that contact no host."""

    DOCUMENTATION = r"""
options: {}
attributes:
  action:
    support: full
  async:
    support: none
  become:
    support: none
  bypass_host_loop:
    support: none
  check_mode:
    support: full
  connection:
    support: none
    details: Everything happens on the controller.
  delegation:
    description: Can be used in conjunction with delegate_to and related keywords.
    support: none
    details: Everything happens on the controller, whichever host the task is for.
  diff_mode:
    support: none
  platform:
    platforms: posix
"""
