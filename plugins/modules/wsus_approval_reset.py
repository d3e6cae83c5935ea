#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wsus_approval_reset.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: wsus_approval_reset
short_description: Reset the approvals of an update on a WSUS 3.0 server without a service pack
version_added: 0.1.0
description:
  - Does what Microsoft security advisory 954960 asks for on WSUS 3.0 without a service pack, where KB954960 cannot be
    installed. The update is declined, approved and declined again.
  - The server is treated only if the rule of the advisory asks for it. On any other server nothing is altered.
  - Uses the administration API of WSUS on the host itself, by a program that is sent to the host, compiled there by the
    .NET Framework 2.0, and removed again.
  - A replica refuses such changes. It is made autonomous for that time, and a replica again whatever fails. WSUS can refuse
    to save that for some minutes; it is tried for 200 seconds each time, beyond O(timeout).
  - A journal in the registry of the host is written before the first change. After a run that was cut off, the next one
    ends that reset first.
  - Earlier approvals of the update are removed, and do not come back. In the end it is declined.
  - What was done is recorded in the registry key C(HKLM\SOFTWARE\unblock\updates\954960). Nothing else stays on the host.
  - What it does on the server, step by step, is in
    R(The workaround for WSUS 3.0 without a service pack, ansible_collections.unblock.updates.docsite.guide_workaround).
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
options:
  approve_as:
    description:
      - What the update is approved as between the two times that it is declined, for the group C(All Computers).
      - With V(not_approved), no client is offered the update meanwhile.
      - With V(install), clients may be offered it for some seconds. Its licence is accepted, if it has one.
    type: str
    choices:
      - not_approved
      - install
    default: not_approved
  managed_wsus:
    description:
      - Whether a server may be altered that Configuration Manager 2007 or System Center Essentials manages, or of which it
        could not be read whether they do.
    type: bool
    default: false
  run_id:
    description:
      - Name of the run. It is kept in the record on the host.
    type: str
  title:
    description:
      - The exact English title of the update, whatever the language of the server.
    type: str
    default: Office 2003 Service Pack 1
  update_id:
    description:
      - The UpdateID of the update. It counts instead of O(title).
    type: str
  use_helper:
    description:
      - Whether the program may be compiled on the host in check mode, too, to ask the server.
      - It alters nothing and is removed again. Without it, check mode predicts by the facts alone.
    type: bool
    default: false
author:
  - unblock.updates contributors (@unblock-updates)
notes:
  - The variable C(remediate_rtm_strategy) of the host is taken into account. With V(upgrade), nothing is altered.
  - The account must be in the group C(WSUS Administrators) or C(Administrators) of the host.
  - Treat an upstream server before those below it.
seealso:
  - module: unblock.updates.assess
"""

EXAMPLES = r"""
- name: Reset the approvals
  unblock.updates.wsus_approval_reset:

- name: Say exactly what would be done
  unblock.updates.wsus_approval_reset:
    use_helper: true
  check_mode: true

- name: Reset the approvals of one of several updates with the title, by the literal way of the advisory
  unblock.updates.wsus_approval_reset:
    update_id: 3fa85f64-5717-4562-b3fc-2c963f66afa6  # one of those that the module named
    approve_as: install
"""

RETURN = r"""
remedy:
  description: What became of it.
  returned: always, unless the host cannot be reached
  type: dict
  contains:
    outcome:
      description:
        - V(changed), or V(would_change) in check mode.
        - V(unchanged) if the rule asks for nothing, or if the catalogue of the server does not hold the update.
        - V(skipped) without O(managed_wsus) on a server that needs it.
        - V(failed).
      type: str
      sample: changed
    message:
      description: One sentence that names what was observed.
      type: str
    next_step:
      description: What to do next.
      type: str
    started:
      description: When it began, in UTC, by the clock of the host.
      type: str
      sample: "2008-08-20T10:00:00Z"
    finished:
      description: When it ended, in UTC, by the clock of the host. The record holds the same.
      type: str
      sample: "2008-08-20T10:00:04.117Z"
    rule_version:
      description: Version of the rule that judged.
      type: str
      sample: 1.0.0
wsus_update:
  description: The update before and after, each null if it was not read.
  returned: always, unless the host cannot be reached
  type: dict
  contains:
    before:
      description: Before the change.
      type: dict
      contains: &update
        id:
          description: Its UpdateID.
          type: str
        title:
          description: Its English title.
          type: str
        declined:
          description: Whether it is declined.
          type: bool
        expired:
          description: Whether it is expired.
          type: bool
        license_required:
          description: Whether its licence has to be accepted.
          type: bool
        approvals:
          description: What is approved for which group of computers.
          type: list
          elements: dict
          sample:
            - group: All Computers
              action: Install
    after:
      description: As read back after the change.
      type: dict
      contains: *update
replica:
  description: Whether the server was a replica C(before), C(during) and C(after) the change, each null if it is not known.
  returned: always, unless the host cannot be reached
  type: dict
  sample:
    before: true
    during: false
    after: true
steps:
  description: Every change that was tried on the host, in its order.
  returned: always, unless the host cannot be reached
  type: list
  elements: dict
  contains:
    step:
      description:
        - One of V(make_autonomous), V(decline), V(accept_license), V(approve), V(decline_again), V(decline_at_last),
          V(restore_replica), V(read_server), V(read_update), V(read_back).
      type: str
    at:
      description: When it ended, in UTC, by the clock of the host.
      type: str
    error:
      description: Why it failed, null if it did not. C(type) is the .NET type of the exception, C(code) its number.
      type: dict
error:
  description: Why the host could not be reached or treated, as M(unblock.updates.assess) describes it.
  returned: failure
  type: dict
"""
