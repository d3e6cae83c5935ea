#!/usr/bin/python
# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/wsus_facts.py.

from __future__ import annotations

DOCUMENTATION = r"""
module: wsus_facts
short_description: Gather facts about Windows Server Update Services
version_added: 0.1.0
description:
  - Reads over WinRM's plain command shell which release of WSUS a host runs, which version its client web service has, and the state of its services.
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
"""

EXAMPLES = r"""
- name: Read what WSUS the host runs
  unblock.updates.wsus_facts:

- name: Show the version of its client web service
  ansible.builtin.debug:
    var: ansible_facts.wsus.client_dll.version
"""

RETURN = r"""
ansible_facts:
  description: Facts about WSUS on the host.
  returned: success
  type: dict
  contains:
    wsus:
      description: Facts about WSUS. Every fact that could not be read is V(null).
      returned: success
      type: dict
      contains:
        installed:
          description: Whether WSUS, or its console, is installed.
          type: bool
          sample: true
        console_only:
          description: Whether only the administration console is installed.
          type: bool
          sample: false
        version:
          description: C(VersionString) from the registry.
          type: str
          sample: 3.1.6001.65
        release:
          description: The release that O(ignore:version) belongs to, one of V(2.0), V(2.0 SP1), V(3.0), V(3.0 SP1), V(3.0 SP2), V(4.0+).
          type: str
          sample: 3.0 SP1
        target_dir:
          description: The folder that WSUS is installed in.
          type: str
          sample: C:\Program Files\Update Services\
        port:
          description: Port of the web site that clients ask. On a server that they ask over HTTPS it may be that for HTTP.
          type: int
          sample: 8530
        use_ssl:
          description: Whether clients ask over HTTPS.
          type: bool
          sample: false
        client_dll:
          description: C(Microsoft.UpdateServices.WebServices.Client.Dll), whose version tells whether KB954960 is installed.
          type: dict
          contains:
            path:
              description: Where it was looked for.
              type: str
              sample: C:\Program Files\Update Services\WebServices\ClientWebService\bin\Microsoft.UpdateServices.WebServices.Client.Dll
            exists:
              description: Whether it is there.
              type: bool
              sample: true
            version:
              description: Its file version.
              type: str
              sample: 3.1.6001.65
            created:
              description: When it was created on this host, UTC. The time of its modification is that of its build.
              type: str
              sample: "2008-07-15T09:30:00Z"
            build_release:
              description: The release that its version was built for, named as in C(release).
              type: str
              sample: 3.0 SP1
            replacement_pending:
              description: Whether Windows puts another file in its place at the next restart.
              type: bool
              sample: false
        is_replica:
          description:
            - Whether the server is a replica, from the variable C(unblock_wsus_replica). WSUS keeps this in its database.
            - M(unblock.updates.assess) can ask the server itself.
          type: bool
          sample: false
        upstream_server:
          description: The server that it synchronizes from, in the same way. Empty if that is Microsoft Update.
          type: str
          sample: wsus01.example.com
        used_by:
          description: Products that build on this WSUS, of V(sbs2003), V(sce2007), V(configmgr2007).
          type: list
          elements: str
          sample: [configmgr2007]
        services:
          description: States of the Windows services of WSUS by name.
          type: dict
          sample:
            WsusService: running
            WSusCertServer: running
"""
