#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/log_signature_info.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: log_signature_info
short_description: Search a log for the faults that the advisories describe
version_added: 0.1.0
description:
  - Searches one log for the faults of the advisories, on a Windows host, or with O(remote=false) in a file on the
    controller, without any host.
  - It looks for what is the same in every language, so that wrapped lines, other column separators, any code page and
    translated messages do no harm.
  - The lines of one fault are one event. RV(events[].confidence) tells whether the advisory's evidence is complete.
  - Searches the file that O(path) names and no other. The log that it replaced (C(WindowsUpdate.log.old),
    C(SoftwareDistribution.log.old), C(wsyncmgr.lo_)) is a path of its own; M(unblock.updates.assess) reads both.
  - On a host C(findstr) finds the lines that matter, and at most 64 KiB of them are sent back, the newest. A log in UTF-16,
    or one whose lines were broken in two, can only be searched on the controller.
extends_documentation_fragment:
  - unblock.updates._host
  - unblock.updates._rules
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  become:
    support: none
  connection:
    support: full
    details: With O(remote=false) no connection is used, and every one will do.
  platform:
    details: With O(remote=false) the file is on the controller, and the host may be any.
options:
  path:
    description:
      - The log, on the host an absolute path that may name environment variables as C(%windir%\WindowsUpdate.log) does.
      - With O(remote=false) a path on the controller.
    type: str
    required: true
  log:
    description:
      - What kind of log it is. V(client) is C(WindowsUpdate.log), V(server) C(SoftwareDistribution.log), V(site)
        C(wsyncmgr.log).
      - By default the file's name tells, also one with something before or after it such as C(WindowsUpdate (2).log). A
        file of another name is searched for the faults of all three.
    type: str
    choices:
      - client
      - server
      - site
  remote:
    description: Whether the log is on the host. V(false) is a file on the controller.
    type: bool
    default: true
  since:
    description:
      - Leaves out older faults. ISO 8601 with C(Z) or an offset from UTC, V(2008-07-15T18:30:00Z).
      - Five minutes between the clocks are allowed for, and on a host also the measured difference to the controller's clock.
      - A fault of which nobody can say when it was is not left out.
      - If the log begins later than that, RV(incomplete) says so.
    type: str
  max_bytes:
    description:
      - On a host, how much of the lines that matter is sent back, the newest, at most and by default V(65536).
      - With O(remote=false), how much of the file is searched, its end. All of it by default, whatever its size.
    type: int
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
  - ref: ansible_collections.unblock.updates.docsite.guide_logs
    description: What is looked for, and how logs that people send are judged.
"""

EXAMPLES = r"""
- name: Search the agent's log on a client
  unblock.updates.log_signature_info:
    path: '%windir%\WindowsUpdate.log'

- name: Did the fault come back after the update was installed?
  unblock.updates.log_signature_info:
    path: C:\Program Files\Update Services\LogFiles\SoftwareDistribution.log
    since: '2008-07-15T18:30:00Z'
  register: searched
  failed_when: >-
    searched.events is defined
    and (searched.incomplete is not none or searched.events | selectattr('confidence', 'eq', 'certain'))

- name: Search a file that a customer sent
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Search the attachment
      unblock.updates.log_signature_info:
        path: ~/mail/attachment-3.txt
        remote: false
"""

RETURN = r"""
path:
  description: The log that was searched.
  returned: success
  type: str
  sample: C:\WINDOWS\WindowsUpdate.log
logs:
  description: The kinds of log whose faults were looked for.
  returned: success
  type: list
  elements: str
  sample: [client]
events:
  description:
    - The faults in the order of the log.
    - Of each advisory, log and confidence the first 50. The last of them counts the rest.
    - Everything in it was written by somebody else and is not to be trusted.
  returned: success
  type: list
  elements: dict
  contains:
    advisory:
      description: The advisory, by its number.
      type: str
      sample: '954960'
    log:
      description: The kind of log, V(client), V(server) or V(site).
      type: str
    confidence:
      description:
        - V(certain) if the advisory's evidence is complete.
        - V(possible) if it is specific but partial.
        - What only shares an error code, an exception or a method with the fault is no event.
      type: str
    first:
      description:
        - Time of its first line, ISO 8601. It ends in C(Z) if it is UTC. Else it is the local time of the host, whose
          offset neither the log nor the host told.
        - V(null) if the lines have no time.
      type: str
    last:
      description: Time of its last line, likewise.
      type: str
    count:
      description: Faults that the event stands for.
      type: int
    fault_ids:
      description:
        - Of V(client) and V(server) the ids by which a fault in a client's log is found again in its server's log.
        - Of V(site) the numbers of the updates.
      type: list
      elements: str
    where:
      description: Path and number of its first line.
      type: str
      sample: C:\WINDOWS\WindowsUpdate.log:4812
    excerpt:
      description: Its lines, at most 2000 characters.
      type: str
healthy:
  description:
    - The newest work in the log that the fault would have stopped, a client's finished search or a synchronization that
      processed updates. Empty if there is none.
    - Each with C(advisory), C(log), C(last) and C(where), as in RV(events).
  returned: success
  type: list
  elements: dict
begins:
  description: Time of the log's beginning, as RV(events[].first). Of a part of it, the beginning of that part.
  returned: success
  type: str
  sample: '2008-06-13T17:58:30.093Z'
ends:
  description: The last time in what was searched, likewise.
  returned: success
  type: str
incomplete:
  description:
    - Why it proves nothing that no fault was found, V(null) if it does.
    - Either a part of the log was not searched, or it begins later than O(since), or it shows no time, or it is a log in
      UTF-16 on a host.
  returned: success
  type: str
  sample: what was read begins at 2008-07-20T05:12:08.441Z, later than 2008-07-15T18:30:00.000Z
scanned:
  description: What was searched.
  returned: success
  type: dict
  contains:
    bytes:
      description: Bytes. Of a log on a host, those of the lines that were sent back.
      type: int
    lines:
      description: Lines, likewise.
      type: int
    truncated:
      description: Whether something was left out, the front by O(max_bytes) or the end on a host that is slow.
      type: bool
"""
