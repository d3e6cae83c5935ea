#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/winrm_info.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: winrm_info
short_description: Say layer by layer what works between the controller and a Windows host
version_added: 0.1.0
description:
  - Goes from the host's name to the .NET Framework on it, and says of each layer what was seen, whether it works, and what to do if it does not.
  - A layer that is broken is a result. The task does not fail for it, and the host does not become unreachable.
  - The account logs on once, by the connection's own variables, so a wrong password counts as one attempt.
  - Neither password nor ticket is sent before the layers below the log-on have been seen to work, nor shown in the result.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
"""

EXAMPLES = r"""
- name: Look at the way to the host
  unblock.updates.winrm_info:
  register: way

- name: Show what keeps the host from being judged and changed
  ansible.builtin.debug:
    var: way.msg
  when: not way.ready
"""

RETURN = r"""
layers:
  description:
    - The layers from the outside in. Each needs those before it, so all behind the first broken one are V(skipped).
  returned: always
  type: list
  elements: dict
  contains:
    layer:
      description:
        - One of V(name resolution), V(TCP), V(TLS), V(authentication), V(WS-Man), V(shell), V(script host), V(.NET Framework 2.0).
      type: str
      sample: authentication
    state:
      description:
        - V(ok), V(failed) or V(skipped).
        - V(TLS) is skipped over plain HTTP, and the first three layers where C(ansible_winrm_proxy) names a proxy.
      type: str
      sample: failed
    observed:
      description:
        - What was seen. The addresses; the port and the time to connect; TLS version, cipher and certificate;
          how the account logged on, or what the host offers instead; the product version of the WS-Management service or the code and meaning of its fault;
          the time to open a shell; the versions of the script host and of the .NET Framework.
      type: str
      sample: "Administrator was not let in (basic: the specified credentials were rejected by the server); the host offers Negotiate, and not Basic"
    next_step:
      description: What to do about a layer that failed, else V(null).
      type: str
      sample: Set ansible_winrm_transport to what the host offers, ntlm or kerberos for Negotiate.
reachable:
  description: Whether the account could log on to the host.
  returned: always
  type: bool
  sample: false
ready:
  description:
    - Whether every layer that is in use works, so that the host can be judged and changed.
    - To be judged it needs no .NET Framework.
  returned: always
  type: bool
  sample: false
connection_warnings:
  description: A sentence for each weakness of the way to the host that the inventory's variables chose.
  returned: always
  type: list
  elements: str
  sample: ["unblock_legacy_tls takes TLS versions and ciphers that can be broken."]
msg:
  description: The first broken layer, what was seen there and what to do, in one text.
  returned: always
  type: str
  sample: "TCP failed for 192.0.2.7: port 5985: Connection refused. Check that WinRM listens on this port."
"""
