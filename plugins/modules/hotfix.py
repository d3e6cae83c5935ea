#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/hotfix.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: hotfix
short_description: Install the package that cures advisory 954960 or 954474, and judge what became of it
version_added: 0.1.0
description:
  - Judges the host by the rule of the advisory, as M(unblock.updates.assess) does, and does nothing unless the rule asks for
    O(action).
  - Checks the package on the controller (digest, processor, day of its making, Authenticode signature) and the host (room,
    processor, an administrator's full rights, .NET Framework 2.0). All problems are reported at once.
  - Brings the package into a folder of its own in C(%TEMP%), compares its digest there, and compares it again in the very
    command that starts it. Nothing is run from a share.
  - Waits for the installer and for other installations, then judges the host again. An installer's word alone is not
    believed.
  - Removes all that it brought, and what a run that was killed brought. What stays is the installed update and, in the
    registry, a record of it under C(HKLM\SOFTWARE\unblock\updates). A run that was killed can be run again.
  - In check mode everything is checked that can be without changing the host, and nothing on it is altered.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
options:
  accept_irreversible:
    description:
      - The operator knows that the change cannot be undone. KB954960 is refused without it, also in check mode.
      - See R(What removing KB954960 means, ansible_collections.unblock.updates.docsite.guide_removal).
    type: bool
    default: false
  action:
    description:
      - What is to be done.
    type: str
    choices:
      - apply_kb954960
      - apply_kb954474
      - upgrade_wsus
    required: true
  advisory:
    description:
      - Number of the advisory, V(954960) or V(954474).
    type: str
    required: true
  as_system:
    description:
      - Run the package as SYSTEM, by a task of Windows' scheduler. Some installers refuse a remote session.
      - Proved on simulated hosts only.
    type: bool
    default: false
  install_timeout:
    description:
      - Seconds for the package to reach the host, and again for the installer to end. Then it is terminated.
    type: float
    default: 3600
  packages:
    description:
      - The packages, by name (V(kb954960), V(kb954474), V(wsus_setup)) and architecture (V(x86), V(x64), V(ia64)).
      - KB954474 is V(x86) on every host, because ConfigMgr 2007 is.
      - Defaults to the variable C(unblock_packages).
      - C(path) is a file on the controller, from the current folder on; C(remote_path) the same file as the host reads it (C(C:\FILE) or
        C(\\SERVER\SHARE\FILE)). At least one of the two is needed. With both, the controller checks C(path) and the host
        copies C(remote_path).
      - C(sha256) is the SHA-256 that the file must have. It is required.
      - C(allow_unsigned), if V(true), runs the package although it has no valid signature of Microsoft, or although none can
        be verified, because the controller has only C(remote_path) or lacks the Python package signify. The digest is
        compared all the same.
      - C(ignore_header), if V(true), runs the package whatever processor its header names, and however old that says it is.
        Some packages are unpacked by a program that was made for another processor, or long before them.
      - C(arguments) follow the package on its command line instead of those of the rule. C({log}) in them is the path of a
        log that is read on failure.
      - C(log) is where the installer writes its log instead, with C(%ENVIRONMENT%).
      - C(success_codes) is a list of exit codes that mean success, instead of those that are known.
    type: dict
  run_id:
    description:
      - Name of the run. It is kept in the record on the host.
    type: str
  wait_for_installer:
    description:
      - Seconds to wait while another installation is running on the host.
    type: float
    default: 600
author:
  - unblock.updates contributors (@unblock-updates)
requirements:
  - signify[msi] >= 0.9 on the controller (or in the execution environment), for packages without C(allow_unsigned)
  - .NET Framework 2.0 on the host
notes:
  - The variables C(unblock_office_2003), C(unblock_symptom_days) and C(remediate_rtm_strategy) of the host are taken into
    account. Waivers are not, they are for who decides to call this.
seealso:
  - module: unblock.updates.assess
  - module: unblock.updates.reboot
"""

EXAMPLES = r"""
- name: Install KB954960 where it is missing
  unblock.updates.hotfix:
    advisory: "954960"
    action: apply_kb954960
    accept_irreversible: true
    packages:
      kb954960:
        x86:
          path: packages/WSUS-KB954960-x86.exe
          sha256: "{{ kb954960_x86_sha256 }}"
        x64:
          path: packages/WSUS-KB954960-x64.exe
          sha256: "{{ kb954960_x64_sha256 }}"

- name: Install KB954474 from a share, with other arguments
  unblock.updates.hotfix:
    advisory: "954474"
    action: apply_kb954474
    packages:
      kb954474:
        x86:
          path: packages/SCCM2007-SP1-KB954474-X86-ENU.exe
          remote_path: \\fileserver\updates\SCCM2007-SP1-KB954474-X86-ENU.exe
          sha256: "{{ kb954474_sha256 }}"
          arguments: /quiet /norestart /log:"{log}" /overwriteoem
"""

RETURN = r"""
remedy:
  description: What became of the change. Also returned on failure.
  returned: always
  type: dict
  contains:
    advisory:
      description: Number of the advisory.
      type: str
      sample: "954960"
    action:
      description: What was to be done.
      type: str
      sample: apply_kb954960
    outcome:
      description: One of V(changed), V(would_change), V(unchanged), V(reboot_required), V(failed).
      type: str
      sample: changed
    message:
      description: Why, in one sentence.
      type: str
    next_step:
      description: What to do next.
      type: str
    started:
      description: When the host was judged before the change, by its own clock, in UTC.
      type: str
      sample: "2008-08-20T10:00:00Z"
    finished:
      description: When it was judged afterwards. Null if nothing was run, or if the host could not be judged.
      type: str
    exit_code:
      description: Of the installer, 32 bits without a sign. Null if it was not run or did not end.
      type: int
      sample: 0
    before:
      description: The facts that the change is about, before it.
      type: dict
      sample: {wsus.client_dll.version: 3.1.6001.65}
    after:
      description: The same facts after it.
      type: dict
    log_tail:
      description: The end of the installer's log, at most 40 lines. Null unless it failed.
      type: str
    package:
      description: The package. What is not known of it is null.
      type: dict
      contains:
        name:
          description: Name of the file.
          type: str
        sha256:
          description: The digest that it must have.
          type: str
        size:
          description: Bytes.
          type: int
        signer:
          description: Common name of Microsoft's certificate that it is signed with, if that was verified.
          type: str
          sample: Microsoft Corporation
        signed_at:
          description: When it was signed, by a verified time stamp, in UTC.
          type: str
        architecture:
          description: The processor that it was made for.
          type: str
          sample: x64
    rule_version:
      description: Version of the rule that judged.
      type: str
    irreversible:
      description: Whether nothing but removing the product undoes the change.
      type: bool
error:
  description: Why the host could not be reached or judged.
  returned: if it could not
  type: dict
"""
