#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/reboot.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: reboot
short_description: Restart a Windows host without PowerShell, and prove by its boot time that it was down
version_added: 0.1.0
description:
  - Asks the host by C(shutdown.exe) to restart, and waits until it is up again.
  - The host counts as restarted once WinRM opens a shell again and the boot time that WMI tells (C(Win32_OperatingSystem.LastBootUpTime))
    is another one. That a port was closed for a while proves nothing and is not asked for.
  - In check mode the boot time is read, and nothing else is done.
options:
  msg:
    description:
      - What people who are logged on to the host see, and what its event log keeps.
      - At most 127 characters, without line breaks, quotation marks, percent signs and backslashes.
    type: str
    default: Restart requested by Ansible
  post_reboot_delay:
    description: Seconds to wait once the host is up, for services that start late.
    type: int
    default: 0
  pre_reboot_delay:
    description: Seconds that the host waits before it goes down, at least V(2).
    type: int
    default: 5
  reboot_timeout:
    description: Seconds that may pass from the request until the host is up again.
    type: int
    default: 1800
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
notes:
  - Programs that would keep the system from going down are ended, as C(shutdown /f) does.
  - The account needs the right to shut the system down, which members of the group Administrators have.
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
"""

EXAMPLES = r"""
- name: Restart the host
  unblock.updates.reboot:
    reboot_timeout: 3600

- name: Restart the host if the installer asks for it
  unblock.updates.reboot:
  when: installed.remedy.outcome == 'reboot_required'
"""

RETURN = r"""
rebooted:
  description: Whether the host was seen to be up again with another boot time.
  returned: always
  type: bool
  sample: true
elapsed:
  description: Seconds that the task took.
  returned: always
  type: int
  sample: 184
boot_time_before:
  description: When the host had been started before, in UTC; V(null) if it could not be asked.
  returned: always
  type: str
  sample: "2008-06-10T03:12:45Z"
boot_time_after:
  description: When the host was started by this task, in UTC; V(null) if it was not.
  returned: always
  type: str
  sample: "2008-07-02T22:05:17Z"
error:
  description: What failed, and what to do about it.
  returned: if the host could not be reached, refused, or was not restarted in time
  type: dict
  contains:
    layer:
      description: >-
        Where it failed: V(restart) if the host refuses, never goes down, does not come up, or comes up with the boot time that it had;
        otherwise a layer of the way to the host, such as V(TCP) or V(authentication).
      type: str
      sample: restart
    observed:
      description: What was seen there.
      type: str
      sample: "the host did not come up within 1800 s; last seen: TCP: port 5985: no answer within 5 s"
    next_step:
      description: What to do about it.
      type: str
      sample: Look at the host's console and its System event log; then run the task again.
    message:
      description: All of this in one text.
      type: str
      sample: "restart failed for 192.0.2.7: the host did not come up within 1800 s."
"""
