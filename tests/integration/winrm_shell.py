# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection's own shell on a lab host, over Ansible's own connection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from ansible.playbook.play_context import PlayContext
from ansible.plugins.loader import connection_loader

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from tests.lab.lab import LabHost


@contextmanager
def winrm_shell(host: LabHost) -> Iterator[Shell]:
    """Log on by NTLM over HTTP and open a shell."""
    connection = connection_loader.get("winrm", PlayContext(), os.devnull)
    variables = {
        "ansible_host": host.address,
        "ansible_port": int(host.url.rpartition(":")[2].partition("/")[0]),
        "ansible_user": host.account.user,
        "ansible_password": host.account.password,
        "ansible_winrm_scheme": "http",
        "ansible_winrm_transport": ["ntlm"],
        "_extras": {},
    }
    connection.set_options(var_options=variables)
    shell = Shell.open(connection, connect_timeout=5.0)
    try:
        yield shell
    finally:
        shell.close()
