#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/assess.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: assess
short_description: Judge an update server for Microsoft security advisories 954960 and 954474
version_added: 0.1.0
description:
  - Reads in one exchange over WinRM everything that the rules ask for, then decides by every rule.
  - A rule tells whether an advisory applies to the host, whether it is remedied, what to do next, and why.
  - What could not be read makes the verdict V(unknown). It is never compliant.
  - Nothing on the host is altered but the probe's own temporary files, which are removed again. O(detect_now) and
    O(use_helper) say what they do beyond that.
  - A host without WinRM is judged by what an administrator collected on it, with O(collected).
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.facts
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
  - unblock.updates._rules
attributes:
  facts:
    support: full
options:
  collected:
    description:
      - File on the controller with what the script of M(unblock.updates.export_probe) printed on the host.
      - The host is judged by it in the same way, and no connection is used.
      - The host's name is taken from the inventory. Compare it with RV(collected.computer_name).
      - ASCII as C(cmd) redirects it, or UTF-8 or UTF-16 with a byte order mark as other programs save it, at most 8 MiB.
      - An answer to other rules than those that judge now is refused.
      - Defaults to the variable C(unblock_collected), but for O(role=client).
    type: path
  detect_now:
    description:
      - With O(role=client), has the client look for updates (C(wuauclt /detectnow)) and waits until its log tells what came
        of it. In check mode, it is not asked.
    type: bool
    default: false
  detect_timeout:
    description:
      - Seconds to wait for the client's log with O(detect_now). The log is then taken as it is.
    type: float
    default: 300.0
  remedies:
    description:
      - What was done to the host just before, in that order. Each entry is what M(unblock.updates.hotfix) or
        M(unblock.updates.wsus_approval_reset) returned as C(remedy).
      - The verdict of the same advisory then says what became of it with V(fixed), V(fixed_pending_reboot), V(fix_failed)
        or V(would_fix). What was skipped, and why, stands in the reason.
      - After the restart that a change asked for, give it with the outcome V(changed).
    type: list
    elements: dict
    default: []
  report_dir:
    description:
      - Folder on the controller for the host's result, which M(unblock.updates.report) builds the fleet report from.
      - The result is written as C(hosts/NAME.json) below it, also in check mode and also when the host cannot be reached.
      - Defaults to the variable C(unblock_report_dir), else to C($AWX_ISOLATED_DATA_DIR/unblock-report) if that variable of
        the environment is set, else to C(./unblock-report).
      - Without O(run_id), nothing is written.
    type: path
  role:
    description:
      - What the host is.
      - A V(server) is judged by every rule.
      - A V(client) of an update server is not judged and has no status. It is asked only for its log and for the server
        that its policy names, and O(collected) cannot be used. Its result is written as C(clients/NAME.json).
    type: str
    choices:
      - server
      - client
    default: server
  run_id:
    description:
      - Name of the run that the result belongs to. Results of different runs are never mixed.
      - Defaults to the variable C(unblock_run_id), which the playbooks set.
    type: str
  since:
    description:
      - Time of the fix, in ISO 8601 with its offset from UTC, by the host's clock. Only a symptom that came later contradicts
        the fix, and only work that was finished later proves it.
      - Defaults to the record that the remedy left on the host, else to the creation time of the corrected file.
      - Silence counts only if the logs reach back to that time or cover the last C(unblock_symptom_days). A proof needs the
        former. Where the symptom decides nothing, a log that was rolled over does not change the status.
    type: str
  sync_probes:
    description:
      - What M(unblock.updates.sync_probe) returned when it asked the server, in that order.
      - V(blocked) is a symptom, and one that came after the fix contradicts it. V(healthy) after the fix proves it, if no
        log shows a later symptom.
      - The id of a fault is looked up in the log of the server. A fault that the log holds is one symptom, not two.
      - The times of a probe are taken for those of the clock of the controller, and shifted by what the clock of the host
        differs. So the option cannot be used with O(collected).
    type: list
    elements: dict
    default: []
  use_helper:
    description:
      - Compiles a program on hosts with WSUS 3.0 that asks its administration API whether the server is a replica, and of
        which one. Both are believed before the inventory. A contradiction, and an API that does not answer, is evidence.
      - The program lies in a folder of its own for that time, which is removed again. Compiling happens in check mode too.
      - What a run left there that was killed is removed, on hosts without WSUS too.
    type: bool
    default: false
author:
  - unblock.updates contributors (@unblock-updates)
notes:
  - The variables C(unblock_office_2003), C(unblock_wsus_upstream), C(unblock_wsus_replica), C(unblock_symptom_days) and
    C(remediate_rtm_strategy) of the host are taken into account.
  - The variable C(unblock_waivers) is a list of waivers, for verdicts that somebody answers for instead of treating the
    host. Each has C(host) (a name in the inventory or a pattern with V(*), V(?) and V([characters])), C(advisory),
    C(reason), C(owner) and C(expires) (its last day, in UTC, such as V(2027-01-31)). All five are required.
  - The first waiver that matches and has not expired turns V(non_compliant) and V(unknown) into V(waived), and no other
    status. An expired one counts for nothing and is listed.
seealso:
  - module: unblock.updates.export_probe
  - module: unblock.updates.report
  - module: unblock.updates.sync_probe
  - module: unblock.updates.wsus_facts
"""

EXAMPLES = r"""
- name: Judge the host
  unblock.updates.assess:
  register: judged

- name: Show what is to be done
  ansible.builtin.debug:
    msg: "{{ judged.assessments | map(attribute='next_step') }}"

- name: Judge the host and keep the result for the fleet report
  unblock.updates.assess:
    report_dir: /var/reports/updates
    run_id: "{{ unblock_run_id }}"

- name: Judge a host without WinRM by what was collected there with the script of unblock.updates.export_probe
  unblock.updates.assess:
    collected: "{{ inventory_dir }}/collected/{{ inventory_hostname }}.txt"

- name: Ask a client of an update server for its log
  unblock.updates.assess:
    role: client
  register: asked

- name: Judge the host by logs that are newer than a fix that was made by hand
  unblock.updates.assess:
    since: "2026-11-20T22:00:00+01:00"

- name: Judge the host after a change
  unblock.updates.assess:
    remedies:
      - "{{ installed.remedy }}"

- name: Ask the server as a client with Office 2003 would
  unblock.updates.sync_probe:
    server: "{{ ansible_host }}"
  delegate_to: localhost
  register: probed

- name: Judge the host by that, too
  unblock.updates.assess:
    sync_probes:
      - "{{ probed }}"

- name: Ask a WSUS server what it synchronizes from
  unblock.updates.assess:
    use_helper: true
  register: judged

- name: Judge the host with a waiver for the servers of a branch that closes
  unblock.updates.assess:
  vars:
    unblock_waivers:
      - host: wsus-branch*
        advisory: "954960"
        reason: The branch closes in January.
        owner: Jane Doe
        expires: 2027-01-31
"""

RETURN = r"""
connection_warnings:
  description: A sentence for each weakness of the way to the host that the inventory's variables chose. The report shows them.
  returned: if there is any
  type: list
  elements: str
  sample: ["HTTP without message encryption: messages and the password can be read on the way, and messages changed."]
assessments:
  description: One verdict per rule.
  returned: success and O(role=server)
  type: list
  elements: dict
  contains:
    advisory:
      description: Number of the advisory.
      type: str
      sample: "954960"
    status:
      description:
        - One of V(not_applicable), V(compliant), V(non_compliant), V(fixed_pending_reboot), V(waived), V(unknown), V(error).
        - With O(remedies), also one of V(would_fix), V(fixed), V(fix_failed).
      type: str
      sample: non_compliant
    action:
      description:
        - What is to be done, one of V(none), V(apply_kb954960), V(apply_rtm_workaround), V(upgrade_wsus), V(apply_kb954474),
          V(investigate).
      type: str
      sample: apply_kb954960
    reason:
      description: One sentence that names the fact which decided.
      type: str
      sample: The client web service of WSUS 3.0 SP1 has version 3.1.6001.65, below 3.1.6001.66.
    next_step:
      description: What to do next, in words and with the exact command.
      type: str
      sample: Install KB954960.
    symptom:
      description: What the logs show of the fault.
      type: dict
      contains:
        seen:
          description: Whether the fault was seen for certain.
          type: bool
        suspected:
          description: Whether there are signs of it that are not certain.
          type: bool
        first:
          description: When it was first seen.
          type: str
        last:
          description: When it was last seen.
          type: str
        count:
          description: How often it was seen.
          type: int
        after_fix:
          description: Whether it was certainly seen later than the fix.
          type: bool
        searched_from:
          description: From when on the logs that decide tell everything, in UTC. Null if one was not read to its end.
          type: str
    verification:
      description:
        - One of V(proven), V(pending), V(contradicted), V(not_attempted).
        - M(unblock.updates.report) proves advisory 954960 beyond that, by the logs of the server's clients.
      type: str
      sample: not_attempted
    fixed_at:
      description: When the fix was made, in UTC by the host's clock. Null if there is none, or nobody knows.
      type: str
      sample: "2026-11-20T21:00:00Z"
    remedy:
      description: The entry of O(remedies) that decided.
      returned: if there is one
      type: dict
    earlier_remedies:
      description: Entries of O(remedies) before it, for the same advisory.
      returned: if there are any
      type: list
      elements: dict
    evidence:
      description: What the verdict rests on.
      type: list
      elements: dict
      contains:
        source:
          description: Kind of source.
          type: str
          sample: file
        where:
          description: Key, file or variable that was read.
          type: str
          sample: C:\Program Files\Update Services\WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll
        expected:
          description: What the rule asks for.
          type: raw
          sample: ">= 3.1.6001.66"
        observed:
          description: What was found.
          type: raw
          sample: 3.1.6001.65
    waiver:
      description: What made the verdict V(waived).
      returned: if the status is V(waived)
      type: dict
      contains:
        reason:
          description: Why.
          type: str
        owner:
          description: Who answers for it.
          type: str
        expires:
          description: Its last day, in UTC.
          type: str
          sample: "2027-01-31"
        would_be:
          description: The status without the waiver.
          type: str
          sample: non_compliant
        would_do:
          description: The action without the waiver.
          type: str
          sample: apply_kb954960
    expired_waivers:
      description: Waivers that match and count for nothing any more, each with C(reason), C(owner) and C(expires).
      returned: if there are any
      type: list
      elements: dict
collected:
  description: What O(collected) holds.
  returned: success and O(collected) is given
  type: dict
  contains:
    at:
      description: When the host answered, in UTC, by its own clock.
      type: str
      sample: "2026-11-18T10:00:00Z"
    age_days:
      description: Whole days from then until now.
      type: int
      sample: 3
    computer_name:
      description: What the host calls itself.
      type: str
      sample: SBS01
client:
  description: What the client says. What is not known is null.
  returned: success and O(role=client)
  type: dict
  contains:
    os:
      description: Facts about the operating system, its C(computer_name) among them.
      type: dict
    wu_server:
      description: URL of the update server that the policy names.
      type: str
      sample: http://wsus1:8530
    use_wu_server:
      description: Whether the policy is in force. If it is not, the client does not ask that server.
      type: bool
      sample: true
    log:
      description:
        - What became of the client's log, one of V(read), V(truncated), V(absent), V(unreadable).
        - Only in a log that was read does silence mean that there was no fault.
      type: str
      sample: read
    last_sync:
      description: When the client last finished a search for updates at its server, in UTC.
      type: str
      sample: "2008-08-20T08:00:05.203000Z"
    office_2003:
      description: Whether it has Office 2003, from its variable C(unblock_office_2003).
      type: bool
    clock_skew:
      description: Seconds that its clock is ahead of the controller's.
      type: int
      sample: 0
    events:
      description: The faults in its log.
      type: list
      elements: dict
      contains:
        advisory:
          description: Number of the advisory.
          type: str
          sample: "954960"
        log:
          description: Kind of log, V(client).
          type: str
        confidence:
          description: V(certain) if the advisory's evidence is complete, V(possible) if it is specific but partial.
          type: str
        first:
          description: When it began.
          type: str
        last:
          description: When it ended.
          type: str
        count:
          description: Faults that the event stands for. The last event of very many counts the rest.
          type: int
        fault_ids:
          description: Ids of the fault. The same id in a server's log means that this server refused the client.
          type: list
          elements: str
        where:
          description: Log and line.
          type: str
          sample: C:\WINDOWS\WindowsUpdate.log:7
        excerpt:
          description: The lines of the log, at most 2000 characters.
          type: str
detected:
  description: Whether the client's log tells of a search for updates since it was asked for one.
  returned: success and O(role=client) with O(detect_now)
  type: bool
os:
  description: Facts about the operating system. Every fact that could not be read is V(null).
  returned: success and O(role=server)
  type: dict
  sample:
    name: Windows Server (R) 2008 Standard
    version: 6.0.6001
    service_pack: 1
    arch: x64
    language: de-DE
    code_page: "1252"
    computer_name: WSUS01
status:
  description: The worst status of the assessments.
  returned: success and O(role=server)
  type: str
  sample: non_compliant
error:
  description: Why the host could not be judged.
  returned: failure
  type: dict
  contains:
    layer:
      description: Where it failed, from the controller to the script on the host.
      type: str
      sample: authentication
    observed:
      description: What was seen there.
      type: str
      sample: the specified credentials were rejected by the server
    next_step:
      description: What to do about it.
      type: str
    message:
      description: All of it in one sentence.
      type: str
ansible_facts:
  description: The facts that the verdicts rest on.
  returned: success and O(role=server)
  type: dict
  contains:
    wsus:
      description: As M(unblock.updates.wsus_facts) returns them.
      returned: success
      type: dict
"""
