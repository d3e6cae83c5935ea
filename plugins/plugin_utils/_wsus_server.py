# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks a WSUS server, through its own administration API, what it keeps in its database.

PRIVATE to the collection: may change without notice.

A program has to be compiled on the host for it, in a folder that is removed again: no sweep does that.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._host.session import clear_leftovers
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.wsus_api import find_api_dll, server_status
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import WsusServer, wsus_facts

#: Releases whose administration API the program was written for.
_ASKED_RELEASES = ("3.0", "3.0 SP1", "3.0 SP2")


def ask_server(
    shell: Shell, readings: Readings, product: Product, inventory: Inventory, run_id: str | None, timeout: float
) -> WsusServer | None:
    """What the server says of its place among others; None on hosts that are no WSUS 3.x server.

    What a killed run left is removed, also from other hosts: nothing else may be left to do there. Whatever goes wrong
    becomes a note: it leaves facts unknown, never a host without a verdict.

    Args:
        shell: an open shell on the host.
        readings: an answer to the reads of the products C(host) and C(wsus).
        product: the product file C(wsus).
        inventory: what the operator says about the host.
        run_id: name of the run.
        timeout: seconds for each step on the host.
    """
    facts = wsus_facts(readings, product, inventory)
    try:
        if not facts["installed"] or facts["console_only"] is not False or facts["release"] not in _ASKED_RELEASES:
            clear_leftovers(shell, readings.text("host.session"))
            return None
        api_dll = find_api_dll(shell, readings)
        with Workspace.open(shell, run_id=run_id, timeout=timeout) as workspace:
            status = server_status(workspace, api_dll, timeout)
    except HostError as exc:
        return WsusServer(note=f"{exc.layer.value}: {exc.observed}")
    return WsusServer(is_replica=status.is_replica, upstream_server=status.upstream_server or "")
