#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/export_probe.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: export_probe
short_description: Write a script that collects on a host without WinRM what the rules ask for
version_added: 0.1.0
description:
  - Writes one script for Windows Script Host that holds all that the rules ask of a host, on the controller.
  - An administrator runs it on a host that cannot be reached over WinRM, by hand, by a group policy or in a package, with
    C(cscript //nologo unblock-probe.js > host.txt). It needs neither PowerShell nor anything to be installed.
  - It changes nothing on the host but temporary files of its own, and reads no passwords.
  - O(unblock.updates.assess#module:collected) then judges the host by C(host.txt).
  - One script serves all hosts. It has to be written again, and run again, when the rules ask for something else, as they
    may in another release of the collection. An answer to other rules is refused, never misread.
  - On 64-bit Windows it has to be run by the 64-bit C(cscript), as a command prompt does. A 32-bit one is shown other
    registry keys, so that the verdict is V(unknown).
extends_documentation_fragment:
  - unblock.updates._controller
  - unblock.updates._rules
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
options:
  dest:
    description:
      - Path of the script on the controller. Folders that are missing are made.
      - Below a folder that exists, the script is called C(unblock-probe.js).
    type: path
    required: true
requirements:
  - jsonschema >= 4.18 on the controller
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
"""

EXAMPLES = r"""
- name: Write the script for the hosts without WinRM
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Export the probe
      unblock.updates.export_probe:
        dest: /srv/netlogon/unblock-probe.js

# In the inventory, for unblock.updates.compliance:
#
# update_servers:
#   hosts:
#     sbs01:
#       unblock_collected: "{{ inventory_dir }}/collected/{{ inventory_hostname }}.txt"
"""

RETURN = r"""
dest:
  description: Path of the script, an absolute one.
  returned: success
  type: str
  sample: /srv/netlogon/unblock-probe.js
size:
  description: Bytes of the script.
  returned: success
  type: int
  sample: 24310
sha256:
  description: SHA-256 of the script.
  returned: success
  type: str
  sample: 5c3b0f0c2a0d5d0e8c4a4b7c7d4f4b8e2a1f9d3c6b5a49382716050f1e2d3c4b
fingerprint:
  description: What an answer must carry to be an answer to this script, the same as long as the rules ask for the same.
  returned: success
  type: str
  sample: 6f1ed002ab5595859014ebf0951522d9
rules:
  description: The rules that a host can be judged by with it, each with C(id), C(version) and C(sha256).
  returned: success
  type: list
  elements: dict
"""
