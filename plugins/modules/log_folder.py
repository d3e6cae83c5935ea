#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/log_folder.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: log_folder
short_description: Search a folder of collected logs for a report on the hosts that they came from
version_added: 0.1.0
description:
  - Searches every log in a folder on the controller, at any depth, and keeps for each host what M(unblock.updates.report)
    needs, as M(unblock.updates.assess) does for hosts that it reaches. No host is contacted.
  - Zip and gzip archives are searched without being unpacked to disk, also one in the other.
  - A log is told by its name or, since people rename what they send, by its content.
  - A host that sent logs of an update client only is a client of the report. Every other is a host with status V(unknown).
    Its logs show whether the fault was there, not which release runs on it nor whether it was fixed since.
  - Links are not followed. An archive from which far more comes out than logs pack to, with names that lead out of it, with
    links or with encrypted files is refused, and so is what is damaged. RV(refused) tells of each. The others are searched.
extends_documentation_fragment:
  - unblock.updates._controller
  - unblock.updates._rules
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    details: The results are kept in check mode too. Nothing else is altered.
options:
  path:
    description: Folder on the controller, or an archive that is taken for one.
    type: path
    required: true
  level:
    description:
      - How many levels down the folders of hosts are. V(1) takes the folders and archives in O(path) itself for hosts.
      - With V(2) a host is called C(FOLDER/HOST).
      - A log that lies higher is of the folder that it lies in.
    type: int
    default: 1
  since:
    description:
      - Leaves out older faults. ISO 8601 with C(Z) or an offset from UTC, V(2008-07-15T18:30:00Z).
      - Silence of a log that begins later proves nothing, and the report says so.
    type: str
  report_dir:
    description: Folder on the controller for the results, the same as for M(unblock.updates.report).
    type: path
  run_id:
    description: The run that the results are of, the same as for M(unblock.updates.report).
    type: str
    required: true
requirements:
  - jsonschema >= 4.18 on the controller
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.log_signature_info
  - module: unblock.updates.report
  - ref: ansible_collections.unblock.updates.docsite.guide_logs
    description: The playbook that does this, and what logs can tell.
"""

EXAMPLES = r"""
- name: Report on what customers sent
  hosts: localhost
  gather_facts: false
  tasks:
    - name: Search the logs
      unblock.updates.log_folder:
        path: /srv/support/case-4711
        report_dir: /srv/support/case-4711-report
        run_id: case-4711
      register: searched

    - name: Write the report
      unblock.updates.report:
        report_dir: /srv/support/case-4711-report
        run_id: case-4711
        hosts: "{{ searched.hosts }}"
        clients: "{{ searched.clients }}"
"""

RETURN = r"""
path:
  description: The folder that was searched.
  returned: success
  type: str
  sample: /srv/support/case-4711
hosts:
  description: Names of the servers, and of hosts that sent nothing that is a log.
  returned: success
  type: list
  elements: str
  sample: [wsus01]
clients:
  description: Names of the clients.
  returned: success
  type: list
  elements: str
  sample: [pc17, pc18]
logs:
  description: The logs that were searched.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Path in the folder, also within archives.
      type: str
      sample: pc18.zip/Windows/WindowsUpdate.log
    host:
      description: The host that it is of.
      type: str
      sample: pc18
    logs:
      description: The kinds of log that it is, V(client), V(server), V(site).
      type: list
      elements: str
    bytes:
      description: Bytes that were searched.
      type: int
    lines:
      description: Lines that were searched.
      type: int
    truncated:
      description: V(false). The whole log was searched.
      type: bool
refused:
  description: The files that were not searched, each with C(name), C(host) and C(reason).
  returned: success
  type: list
  elements: dict
  sample:
    - {name: pc19/holiday.zip, host: pc19, reason: far more comes out of it than logs pack to}
"""
