#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/configmgr_facts.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: configmgr_facts
short_description: Gather facts about System Center Configuration Manager
version_added: 0.1.0
description:
  - Reads over WinRM's plain command shell which release of Configuration Manager a site server runs, its site, its hotfixes,
    and whether it synchronizes updates for SMS 2003 clients.
  - On sites of Configuration Manager 2007 and 2007 SP1 the SMS provider is asked how many SMS 2003 clients there are, by WQL
    over WS-Man, in at most three more requests.
  - Works on Windows Server 2003 and 2008, where Ansible's own Windows modules cannot run.
  - A fact that could not be read is V(null); it is never guessed.
extends_documentation_fragment:
  - ansible.builtin.action_common_attributes
  - ansible.builtin.action_common_attributes.facts
  - ansible.builtin.action_common_attributes.flow
  - unblock.updates._host
attributes:
  facts:
    support: full
author:
  - unblock.updates contributors (@unblock-updates)
seealso:
  - module: unblock.updates.assess
  - module: unblock.updates.wsus_facts
"""

EXAMPLES = r"""
- name: Read what Configuration Manager the host runs
  unblock.updates.configmgr_facts:

- name: Show how many SMS 2003 clients its site has
  ansible.builtin.debug:
    var: ansible_facts.configmgr.sms2003_clients
"""

RETURN = r"""
ansible_facts:
  description: Facts about Configuration Manager on the host.
  returned: success
  type: dict
  contains:
    configmgr:
      description: Facts about Configuration Manager. Every fact that could not be read is V(null).
      returned: success
      type: dict
      contains:
        installed:
          description: Whether the host is a site server.
          type: bool
          sample: true
        version:
          description: C(Full Version) from the registry, else C(Version).
          type: str
          sample: 4.00.6221.1000
        release:
          description: The release that O(ignore:version) belongs to, one of V(2007), V(2007 SP1), V(2007 SP2), V(2012+).
          type: str
          sample: 2007 SP1
        site_code:
          description: Code of the site.
          type: str
          sample: CPH
        parent_site_code:
          description: Code of the site above it. On the top site it is empty.
          type: str
          sample: DK0
        site_type:
          description: V(primary) or V(secondary).
          type: str
          sample: primary
        install_dir:
          description: The folder that the product is installed in.
          type: str
          sample: E:\SMS
        provider:
          description: Where the SMS provider is, as the site server has it.
          type: str
          sample: \\CPHSMS01\root\sms\site_CPH
        sms2003_clients:
          description:
            - How many SMS 2003 clients the site has. Counted up to 1,000.
            - V(0) only if the account sees other resources of the site, because the SMS provider hides what an account has
              no rights to.
          type: int
          sample: 12
        sms2003_clients_capped:
          description: Whether there are more than were counted.
          type: bool
          sample: false
        sms2003_clients_note:
          description: Why they could not be counted.
          type: str
          sample: the SMS provider is on CPHSQL01, another machine
        legacy_catalog_tool:
          description: Whether the Inventory Tool for Microsoft Updates, which updates for SMS 2003 clients need, is installed.
          type: bool
          sample: true
        hotfixes:
          description: Registered hotfixes, of those that a rule asks for.
          type: list
          elements: str
          sample: [KB954474]
"""
