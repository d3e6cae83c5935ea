# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which server of a run somebody means who names it: a client's policy, or a WSUS below it.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Host
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.names import Names, plain


class ServerNames:
    """The servers of a run by their inventory names, and by what they call themselves."""

    def __init__(self, hosts: Sequence[Host]) -> None:
        called = [(host["name"], host["name"]) for host in hosts]
        self._own = {plain(name): name for dummy, name in called}
        self._all = Names([*called, *((computer_name(host), host["name"]) for host in hosts)])

    def find(self, called: str) -> str | None:
        """Returns the inventory name of the server that is called so; None if that is none of these, or several."""
        found = self._all.find(called)
        return self._own.get(plain(called)) or (found[0] if len(found) == 1 else None)


def computer_name(host: Host) -> str:
    """Returns what a host calls itself, empty if that is not known."""
    return str((host["os"] or {}).get("computer_name") or "")
