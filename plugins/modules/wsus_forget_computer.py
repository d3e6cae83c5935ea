#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wsus_forget_computer.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: wsus_forget_computer
short_description: Remove a computer from the list of a WSUS server
version_added: 0.1.0
description:
  - Removes the computer that M(unblock.updates.sync_probe) left in the list of a WSUS server.
  - Uses the administration API of WSUS on the host itself, with a program that is compiled there in a folder of its own and
    removed again.
  - A computer that bears the id under another name is left alone.
  - In check mode the server is not asked, and the removal counts as a change.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
options:
  client_id:
    description:
      - The id of the computer, RV(unblock.updates.sync_probe#module:identity.client_id).
    type: str
    required: true
  computer_name:
    description:
      - The name of the computer, RV(unblock.updates.sync_probe#module:identity.computer_name).
    type: str
    required: true
  run_id:
    description:
      - Name of the run, by which somebody else who finds the host in use knows whose it is.
    type: str
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.sync_probe
"""

EXAMPLES = r"""
- name: Ask the update server from the controller
  unblock.updates.sync_probe:
    server: "{{ ansible_host }}"
  delegate_to: localhost
  register: probed

- name: Remove the probe's computer from the list again
  unblock.updates.wsus_forget_computer:
    client_id: "{{ probed.identity.client_id }}"
    computer_name: "{{ probed.identity.computer_name }}"
"""

RETURN = r"""
found:
  description: The name of the computer that had the id. Null if there was none.
  returned: if the server was asked and answered
  type: str
  sample: unblock-sync-probe.invalid
msg:
  description: What became of the computer, in one sentence.
  returned: always
  type: str
  sample: unblock-sync-probe.invalid was removed from the list.
error:
  description: Why the computer could not be removed.
  returned: if the server did not answer
  type: dict
  contains:
    layer:
      description: Where it failed, from the controller to the administration API of WSUS.
      type: str
      sample: WSUS administration API
    observed:
      description: What was seen there.
      type: str
    next_step:
      description: What to do about it.
      type: str
    message:
      description: All of it in one sentence.
      type: str
"""
