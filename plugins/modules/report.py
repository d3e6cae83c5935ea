#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/report.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: report
short_description: Write the fleet report of a run
version_added: 0.1.0
description:
  - Gathers what M(unblock.updates.assess) wrote for each host of a run, and writes the fleet report on the controller
    as C(report.json), C(report.html), C(report.csv) and C(report.junit.xml).
  - C(report.json) is the truth and follows the JSON Schema C(plugins/schemas/report.schema.json). The other files
    derive from it.
  - C(report.html) is one file that needs no network.
  - A host without a result of this run is reported with status V(error). Results of other runs are never taken for it,
    unless O(merge) asks for them.
  - The files are replaced together and as a whole. An interrupted run leaves the last good ones.
extends_documentation_fragment:
  - unblock.updates._controller
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.conn
  - ansible.builtin.action_common_attributes.flow
attributes:
  check_mode:
    details: The report is written in check mode too. Nothing on any host is read or altered.
options:
  report_dir:
    description:
      - Folder on the controller with the results of the hosts. The report is written into it.
      - Defaults to C($AWX_ISOLATED_DATA_DIR/unblock-report) if that variable is set, else to C(./unblock-report).
    type: path
  run_id:
    description:
      - The run that the report is of, as given to M(unblock.updates.assess).
      - With O(merge), an id for the report that is made.
    type: str
    required: true
  hosts:
    description:
      - Names of the hosts that the run was to cover. Each is in the report, whatever became of it.
      - Either this or O(merge) is required.
    type: list
    elements: str
  clients:
    description:
      - Names of the hosts that the run was to ask for their log only, with O(unblock.updates.assess#module:role=client).
      - Each is in the report under the server that its policy names, and has no status. A client never fails the task.
    type: list
    elements: str
  merge:
    description:
      - Makes one report of the results of several runs, such as the slices of a sweep, sites or days. What is given here is
        read only, and must fit the collection's schemas.
      - A folder of reports stands for its C(report.json) and the results of hosts and clients in it, even those of a run
        that was interrupted before it wrote its report. A C(report.json) is enough, too.
      - Of a host that is in several of them, the newest verdict counts. A verdict beats a newer result without one. The host
        says which run its verdict is of, and lists its other results.
      - Hosts of one name that call themselves differently are an error. They are different computers.
      - The report is in check mode if all of these runs were.
    type: list
    elements: path
  fail_on:
    description:
      - The task fails, after it has written the report, if a host has one of these statuses.
      - With V(fix_failed), a host whose change failed and that could not be judged afterwards counts, too.
      - V(contradicted) is no status. It stands for a fix that is in place and that a later symptom contradicts.
    type: list
    elements: str
    choices:
      - unreachable
      - error
      - fix_failed
      - unknown
      - non_compliant
      - would_fix
      - fixed_pending_reboot
      - fixed
      - waived
      - compliant
      - not_applicable
      - contradicted
    default: []
  allow_unreachable:
    description:
      - Whether hosts that are V(unreachable) or in V(error) are no failure of the task.
      - A status that O(fail_on) names fails the task all the same.
    type: bool
    default: false
requirements:
  - jsonschema >= 4.18 on the controller
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
"""

EXAMPLES = r"""
- name: Write the fleet report
  unblock.updates.report:
    report_dir: /var/reports/updates
    run_id: "{{ unblock_run_id }}"
    hosts: "{{ ansible_play_hosts_all }}"
    clients: "{{ groups.update_clients | default([]) }}"
  run_once: true

- name: Fail while a server is not compliant
  unblock.updates.report:
    run_id: "{{ unblock_run_id }}"
    hosts: "{{ ansible_play_hosts_all }}"
    fail_on:
      - non_compliant
      - fix_failed
    allow_unreachable: true
  run_once: true

- name: Make one report of two sites
  unblock.updates.report:
    report_dir: /var/reports/all
    run_id: "{{ now(utc=true, fmt='%Y-%m-%d') }}"
    merge:
      - /var/reports/north
      - /var/reports/south/report.json
"""

RETURN = r"""
report_dir:
  description: Folder of the report, an absolute path.
  returned: when the report was written
  type: str
  sample: /var/reports/updates
files:
  description: Paths of the files that were written.
  returned: when the report was written
  type: list
  elements: str
  sample:
    - /var/reports/updates/report.json
    - /var/reports/updates/report.csv
    - /var/reports/updates/report.html
    - /var/reports/updates/report.junit.xml
summary:
  description: Numbers of hosts.
  returned: when the report was written
  type: dict
  contains:
    hosts:
      description: All hosts of the run.
      type: int
    by_status:
      description: By the host's status, the worst of its verdicts.
      type: dict
    by_action:
      description: By what is to be done. A host with two actions counts under both.
      type: dict
    by_release:
      description: By release of each update product, V(not_installed) or V(unknown).
      type: dict
    blocked:
      description: Hosts that still cannot deliver updates.
      type: int
  sample:
    hosts: 3
    by_status: {unreachable: 1, non_compliant: 1, compliant: 1}
    by_action: {apply_kb954960: 1, none: 2}
    by_release: {3.0 SP1: 2, unknown: 1}
    blocked: 1
stats:
  description:
    - Data for M(ansible.builtin.set_stats), for the jobs that come after this one in a workflow of AWX. It has at most 64 KB.
    - Its only key is V(unblock_result_) and the run, so that the results of several jobs do not overwrite each other.
  returned: when the report was written
  type: dict
  contains:
    unblock_result_RUN:
      description:
        - C(run_id), C(generated_at), C(check_mode) and C(report_dir) of the run.
        - C(counts) of C(hosts), C(blocked) ones and C(by_status).
        - C(names) of the hosts by status. If they are too long, C(note) says so instead.
      type: dict
  sample:
    unblock_result_20261121T100000Z_1f2e3d4c:
      run_id: 20261121T100000Z-1f2e3d4c
      generated_at: "2026-11-21T10:05:00Z"
      check_mode: false
      report_dir: /var/reports/updates
      counts: {hosts: 2, blocked: 1, by_status: {non_compliant: 1, compliant: 1}}
      names: {non_compliant: [wsus1], compliant: [wsus2]}
"""
