# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients in the report: whose clients they are, and which server refused them.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.pairs import Pair, pair
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    ClientResult,
    ClientSymptom,
    HostResult,
    LogEvent,
    ReportClient,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.server_names import ServerNames
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

#: How sure an event is, the surest first.
_CONFIDENCES = ("certain", "possible")


def find_pairs(clients: Iterable[ClientResult], servers: Iterable[HostResult]) -> list[Pair]:
    """Returns which client was refused by which server."""
    return pair(
        {result["client"]["name"]: result["client"]["events"] for result in clients},
        {result["host"]["name"]: result["events"] for result in servers},
    )


def report_clients(
    clients: Iterable[ClientResult], servers: Sequence[HostResult], pairs: Iterable[Pair]
) -> list[ReportClient]:
    """Returns the report's clients in the order of their results.

    A client's server is the one that its policy names. Where that is none of this run, it is the one whose log holds
    the client's faults: the policy may name an alias of it.
    """
    names = ServerNames([result["host"] for result in servers])
    refused: dict[str, list[Pair]] = {}
    for found in pairs:
        refused.setdefault(found["client"], []).append(found)
    return [_report_client(result, names, refused.get(result["client"]["name"], [])) for result in clients]


def _report_client(result: ClientResult, names: ServerNames, refused: Sequence[Pair]) -> ReportClient:
    client = result["client"]
    wu_server = client["wu_server"] if client["use_wu_server"] is not False else None
    refusing = {found["server"] for found in refused}
    server = server_of(wu_server, names) or (refusing.pop() if len(refusing) == 1 else None)
    added = {
        "server": server,
        "symptom": _symptom(client["events"], refused, client["log"] == "read"),
        "finished_at": result["finished_at"],
        "rules": [rule["sha256"] for rule in result["rules"]],
    }
    return cast(ReportClient, {**client, **added})


def server_of(wu_server: str | None, names: ServerNames) -> str | None:
    """Returns the server that a client's policy names, None if it names none of these or more than one.

    Args:
        wu_server: the policy's C(WUServer), a URL.
        names: the servers of this run.
    """
    url = wu_server or ""
    try:
        wanted = urlsplit(url if "//" in url else f"//{url}").hostname
    except ValueError:
        return None
    return names.find(wanted) if wanted else None


def _symptom(events: Iterable[LogEvent], refused: Sequence[Pair], searched: bool) -> ClientSymptom:
    """Sums up a client's events: those that a server's log holds too or, if there are none, all of them.

    Where the client's log does not tell its times in UTC, the server's does.
    """
    events = [event for event in events if event["log"] == "client"]
    ids = {found["fault_id"] for found in refused}
    paired = [event for event in events if not ids.isdisjoint(event["fault_ids"])]
    answered = [moment for found in refused if (moment := parse_utc(found["server_time"]))]
    counted = paired or events
    firsts = [moment for event in counted if (moment := parse_utc(event["first"]))] or answered
    lasts = [moment for event in counted if (moment := parse_utc(event["last"]))] or answered
    known = {event["confidence"] for event in counted}
    silent = False if searched else None
    return {
        "seen": True if paired else silent,
        "suspected": len(events) > len(paired) if events else silent,
        "first": format_utc(min(firsts)) if firsts else None,
        "last": format_utc(max(lasts)) if lasts else None,
        "count": sum(event["count"] for event in counted),
        "confidence": next((word for word in _CONFIDENCES if word in known), None),
    }


def symptom_words(client: ReportClient) -> str:
    """Returns what a client's log says of the fault, in words."""
    symptom = client["symptom"]
    if client["error"] is not None:
        return one_line(f"not read: {client['error']['message']}")
    if not symptom["seen"] and not symptom["suspected"]:
        return "not seen" if symptom["seen"] is False else f"unknown: the log was {client['log']}"
    words = "refused by the server, in both logs" if symptom["seen"] else "suspected, in the client's log only"
    count = "once" if symptom["count"] == 1 else f"{symptom['count']} times"
    last = f"{symptom['last'][:19].replace('T', ' ')} UTC" if symptom["last"] else "at an unknown time"
    return f"{words}, {count}, last {last}"


def clients_sentence(clients: Sequence[ReportClient], pairs: Iterable[Pair], limit: int = 20) -> str:
    """Returns what became of the clients; empty if the run had none.

    Args:
        clients: the report's clients.
        pairs: the report's pairs.
        limit: so many refused clients are named.
    """
    if not clients:
        return ""
    silent = sum(client["error"] is not None for client in clients)
    heard = len(clients) - silent
    words = [
        f"{_clients(heard)} gave {'its' if heard == 1 else 'their'} log" + (f", {silent} did not" if silent else "")
    ]
    refused = dict.fromkeys((found["client"], found["server"]) for found in pairs)
    count = len({client for client, dummy in refused})
    if count:
        named = ", ".join(one_line(f"{client} ({server})") for client, server in [*refused][:limit])
        more = f" and {len(refused) - limit} more" if len(refused) > limit else ""
        verb = "was refused by its server" if count == 1 else "were refused by their server"
        words.append(f"{count} {verb}: {named}{more}")
    return f"{'; '.join(words)}."


class Refusal(NamedTuple):
    """A client that one server refused: how many faults are in both logs, and the last one by either."""

    client: str
    server: str
    advisory: str
    faults: int
    client_time: str
    server_time: str


def refusals(pairs: Iterable[Pair]) -> list[Refusal]:
    """Returns who was refused by whom, each client, server and advisory once, the most faults first."""
    found: dict[tuple[str, str, str], list[Pair]] = {}
    for one in pairs:
        found.setdefault((one["client"], one["server"], one["advisory"]), []).append(one)
    listed = [
        Refusal(
            one_line(client),
            one_line(server),
            advisory,
            len({one["fault_id"] for one in same}),
            _latest(one["client_time"] for one in same),
            _latest(one["server_time"] for one in same),
        )
        for (client, server, advisory), same in found.items()
    ]
    return sorted(listed, key=lambda one: -one.faults)


def _latest(times: Iterable[str | None]) -> str:
    """Returns the last of some times of one log, to the second."""
    latest = max((moment for moment in times if moment), default="unknown")
    zone = " UTC" if latest.endswith("Z") else ""
    return one_line(latest[:19].replace("T", " ")) + zone


def strays_sentence(clients: Sequence[ReportClient]) -> str:
    """Returns how many clients belong to no server of the run; empty if each belongs to one."""
    strays = sum(client["server"] is None for client in clients)
    return f"{_clients(strays)} without a known server in this run." if strays else ""


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
