# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Facts about a client of an update server.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import CLIENT_LOG, log_read_ids

#: What can have become of a client's log, the least readable first.
LOG_STATES = ("unreadable", "truncated", "absent", "read")


def client_facts(readings: Readings) -> dict[str, t.Any]:
    """The facts C(client): C(wu_server), C(use_wu_server); unknown is None.

    The agent asks C(WUServer) only if C(UseWUServer) is 1. A switch that is not there is off.
    """
    is_known = readings.is_known("client.use_wu_server")
    return {
        "wu_server": readings.text("client.wu_server"),
        "use_wu_server": readings.number("client.use_wu_server") == 1 if is_known else None,
    }


def client_log_state(rules: t.Iterable[Rule], readings: Readings) -> str:
    """What became of the client's log: one of C(LOG_STATES); of several rules' logs, the worst."""
    reads = [readings.read(log_read_ids(rule, CLIENT_LOG)[0]) for rule in rules if CLIENT_LOG in rule.logs]
    return min(map(_state, reads), key=LOG_STATES.index, default="absent")


def _state(read: t.Mapping[str, t.Any]) -> str:
    if read["state"] == "ok":
        return "truncated" if read["truncated"] else "read"
    return "absent" if read["state"] == "absent" else "unreadable"
