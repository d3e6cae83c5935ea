# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Proofs that take two hosts: a client that was served shows that the fix of its server works.

PRIVATE to the collection: may change without notice.

A WSUS server's own log does not tell that it served anybody. A client's does: were the fault there still, its search at
this server would have failed. Only a client with Office 2003 meets the fault at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    Assessment,
    ClientResult,
    Evidence,
    Host,
    HostResult,
    ReportClient,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import is_silent_since
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, is_after, parse_utc

#: The advisory whose fault needs a client with Office 2003.
ADVISORY = "954960"

_TREATED = frozenset({"compliant", "fixed"})


def with_proofs(
    results: Iterable[HostResult], asked: Iterable[ClientResult], listed: Sequence[ReportClient]
) -> list[HostResult]:
    """Returns the results with every verdict proven that one of the server's clients proves.

    Args:
        results: of the servers; they are not altered.
        asked: of the clients.
        listed: the same clients as the report has them, for their servers.
    """
    clients: dict[str, list[ClientResult]] = {}
    for result, client in zip(asked, listed, strict=True):
        if client["server"] is not None:
            clients.setdefault(client["server"], []).append(result)
    return [_with_proof(result, clients.get(result["host"]["name"], ())) for result in results]


def _with_proof(result: HostResult, clients: Iterable[ClientResult]) -> HostResult:
    proofs = {
        index: proof
        for index, verdict in enumerate(result["host"]["assessments"])
        if (proof := _proof(verdict, result["host"], clients))
    }
    if not proofs:
        return result
    verdicts = [
        _proven(verdict, proofs[index]) if index in proofs else verdict
        for index, verdict in enumerate(result["host"]["assessments"])
    ]
    return {**result, "host": {**result["host"], "assessments": verdicts}}


def _proven(verdict: Assessment, proof: Evidence) -> Assessment:
    return {**verdict, "verification": "proven", "evidence": [*verdict["evidence"], proof]}


def _proof(verdict: Assessment, host: Host, clients: Iterable[ClientResult]) -> Evidence | None:
    """Returns the latest proof of a fix that waits for one."""
    fixed_at = parse_utc(verdict.get("fixed_at"))
    is_waiting = verdict["status"] in _TREATED and verdict["verification"] == "pending"
    if verdict["advisory"] != ADVISORY or not is_waiting or not is_silent_since(verdict["symptom"], fixed_at):
        return None
    server_time = _on_controller(fixed_at, host)
    if fixed_at is None or server_time is None:
        return None
    served = [(moment, words) for client in clients for moment, words in _served(client, server_time)]
    if not served:
        return None
    moment, words = max(served)
    return {
        "source": "client",
        "where": words,
        "expected": f"a search at this server that ended after {format_utc(fixed_at)}",
        "observed": format_utc(moment),
    }


def _served(result: ClientResult, fixed_at: datetime) -> Iterable[tuple[datetime, str]]:
    """Yields when a client that would have met the fault was served after the fix, and which client that is.

    Args:
        result: of the client.
        fixed_at: time of the fix by the controller's clock.
    """
    client = result["client"]
    served = parse_utc(client["last_sync"])
    compared = _on_controller(served, client)
    if served is None or compared is None or not is_after(compared, fixed_at):
        return
    faults = [event for event in client["events"] if event["advisory"] == ADVISORY and event["log"] == "client"]
    moments = [_on_controller(parse_utc(event["last"]), client) for event in faults]
    # One that was refused again, or nobody knows when, proves nothing.
    if any(moment is None or moment > fixed_at for moment in moments):
        return
    if any(event["confidence"] == "certain" for event in faults):
        yield served, f"{client['name']}, which was refused before the fix, so that it has Office 2003"
    elif client.get("office_2003"):
        yield served, f"{client['name']}, which has Office 2003 by the operator's word (unblock_office_2003)"


def _on_controller(moment: datetime | None, host: Mapping[str, object]) -> datetime | None:
    """Returns a host's time by the controller's clock, None if nobody compared the two."""
    skew = host.get("clock_skew")
    return moment - timedelta(seconds=skew) if moment is not None and isinstance(skew, int) else None
