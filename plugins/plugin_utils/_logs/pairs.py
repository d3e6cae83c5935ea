# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs: a client's fault and a server's that carry the same id are one event, seen from both sides.

The server puts a new id into each fault it answers with and logs it (``ID=``); the agent logs what it was answered
(``ID:``). The id alone decides: the clocks may differ, and client logs are in local time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypedDict


class Pair(TypedDict):
    """This client was refused by this server. Times as the two logs give them: UTC if they end in ``Z``, or None."""

    advisory: str
    fault_id: str
    client: str
    client_time: str | None
    server: str
    server_time: str | None


Events = Mapping[str, Iterable[Mapping[str, Any]]]


def pair(clients: Events, servers: Events) -> list[Pair]:
    """Return the pairs among the events of clients and servers, both by host, ordered by client and id.

    A host may be among both: a server is often its own client.
    """
    answered: dict[tuple[str, str], list[tuple[str, str | None]]] = {}
    for host, event, fault_id in _ids(servers, "server"):
        answered.setdefault((event["advisory"], fault_id), []).append((host, event["first"]))
    pairs = [
        Pair(
            advisory=event["advisory"],
            fault_id=fault_id,
            client=client,
            client_time=event["first"],
            server=server,
            server_time=server_time,
        )
        for client, event, fault_id in _ids(clients, "client")
        for server, server_time in answered.get((event["advisory"], fault_id), ())
    ]
    return sorted(pairs, key=lambda found: (found["client"], found["fault_id"], found["server"]))


def _ids(events: Events, log: str) -> Iterable[tuple[str, Mapping[str, Any], str]]:
    for host, of_host in events.items():
        for event in of_host:
            if event["log"] == log:
                for fault_id in event["fault_ids"]:
                    yield host, event, fault_id
