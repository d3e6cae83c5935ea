# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module that reaches a Windows host has in common.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation shared by the modules that reach a Windows host."""

    DOCUMENTATION = r"""
options:
  connect_timeout:
    description:
      - Seconds for the TCP connect that comes before everything else.
      - It keeps hosts that are gone from holding up the others.
      - Defaults to the variable C(unblock_connect_timeout), else to V(5).
    type: float
  legacy_tls:
    description:
      - Over HTTPS, also accept TLS 1.0 and the keys, signatures and ciphers of its time, from this host only.
        Its certificate is validated all the same.
      - Without it OpenSSL refuses Windows Server 2003 and 2008, which speak nothing newer.
      - It does not reach through a proxy.
      - Defaults to the variable C(unblock_legacy_tls), else to V(false).
    type: bool
  timeout:
    description:
      - Seconds until what runs on the host is terminated and the task fails.
      - Defaults to the variable C(unblock_timeout), else to V(120).
    type: float
attributes:
  action:
    support: full
  action_group:
    description: Belongs to groups whose options C(module_defaults) sets at once.
    support: full
    membership: [unblock.updates.host]
  async:
    support: none
  bypass_host_loop:
    support: none
  check_mode:
    support: full
  delegation:
    description: Can be used in conjunction with delegate_to and related keywords.
    support: none
    details: The module speaks to the host of the task through the task's own connection.
  diff_mode:
    support: none
  platform:
    platforms: windows
requirements:
  - pywinrm >= 0.5.0 on the controller
  - jsonschema >= 4.18 on the controller
notes:
  - The connection must be P(ansible.builtin.winrm#connection). Every way to authenticate that it knows can be used.
  - The host needs WinRM and Windows Script Host, and neither PowerShell nor Python.
"""
