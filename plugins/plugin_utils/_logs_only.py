# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of which nothing is known but logs: what the report can honestly say of them.

A log shows that a fault happened, not which release runs there nor whether it was fixed since. So no such server gets
another status than C(unknown); what its logs show is its symptom and its evidence.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import without_excerpt
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.folder import Log
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    Assessment,
    Client,
    Evidence,
    Host,
    LogEvent,
    Symptom,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.client import LOG_STATES
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.evidence import Evidence as RuleEvidence
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import CLIENT_LOG
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import DECIDING_LOGS, summarise
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

_MOST_EVENTS = 5000
_MOST_ENTRIES = 100
_NAMES = {"client": "WindowsUpdate.log", "server": "SoftwareDistribution.log", "site": "wsyncmgr.log"}
_JUDGE = "Judge the server itself: put it into the inventory and run ansible-playbook unblock.updates.compliance"


def is_client(logs: t.Iterable[Log]) -> bool:
    """Whether a host sent logs of an update client and of nothing else."""
    kinds = frozenset().union(*(log.kinds for log in logs))
    return kinds == {CLIENT_LOG}


def client_of(name: str, logs: t.Sequence[Log]) -> Client:
    """A client of which only logs are known; its server is the one whose log holds its faults."""
    synced = [
        moment
        for log in logs
        if log.result
        for work in log.result.healthy
        if work.log == CLIENT_LOG and (moment := parse_utc(work.last))
    ]
    return {
        "name": name,
        "os": None,
        "wu_server": None,
        "use_wu_server": None,
        "log": min(map(_state, logs), key=LOG_STATES.index),
        "last_sync": format_utc(max(synced)) if synced else None,
        "office_2003": None,
        "events": _events(logs),
        "error": None,
    }


def server_of(name: str, logs: t.Sequence[Log], rules: RuleSet) -> tuple[Host, list[LogEvent]]:
    """A server of which only logs are known, and the faults in them, by which its clients are paired with it."""
    host: Host = {
        "name": name,
        "status": "unknown",
        "os": None,
        "wsus": None,
        "configmgr": None,
        "assessments": [_assessment(rule, logs) for rule in rules.rules],
        "error": None,
    }
    return host, [without_excerpt(event) for event in _events(logs)]


def _assessment(rule: Rule, logs: t.Sequence[Log]) -> Assessment:
    deciding = frozenset(rule.logs) & frozenset(DECIDING_LOGS)
    asked = [log for log in logs if log.kinds & deciding]
    events = [event for event in _events(logs) if event["advisory"] == rule.id]
    found = summarise(
        events,
        fixed_at=None,
        now=None,
        days=0,
        searched=bool(asked) and all(log.result and not log.result.incomplete for log in asked),
    )
    symptom = t.cast(Symptom, found.as_dict())
    return {
        "advisory": rule.id,
        "status": "unknown",
        "action": "investigate",
        "reason": f"Only logs of this host are known: {_words(symptom, bool(asked), deciding)}.",
        "next_step": _JUDGE,
        "symptom": symptom,
        "verification": "not_attempted",
        "evidence": [
            *(_entry(log, rule.id) for log in logs[:_MOST_ENTRIES] if log.kinds & deciding or log.problem),
            *t.cast("list[Evidence]", RuleEvidence.of_events(events)),
        ],
    }


def _words(symptom: Symptom, is_there: bool, deciding: t.Iterable[str]) -> str:
    if symptom["seen"] or symptom["suspected"]:
        count = "once" if symptom["count"] == 1 else f"{symptom['count']} times"
        last = f"last {symptom['last']}" if symptom["last"] else "at a time that they do not tell in UTC"
        shown = "show the fault" if symptom["seen"] else "hold something like the fault, not all of it,"
        return f"they {shown} {count}, {last}; whether it was fixed since, they do not tell"
    if not is_there:
        return f"none of them is one in which this fault shows ({', '.join(_NAMES[log] for log in sorted(deciding))})"
    if symptom["seen"] is None:
        return "what could be read of them does not show the fault"
    return "they do not show the fault; which release runs there, they do not tell"


def _entry(log: Log, advisory: str) -> Evidence:
    result = log.result
    if result is None:
        observed = log.problem
    else:
        count = sum(event.count for event in result.events if event.advisory == advisory)
        span = f"from {result.first_time} to {result.last_time}" if result.first_time else "without times"
        observed = f"faults: {count}, lines: {result.lines}, {span}"
        if result.incomplete:
            observed += f"; {result.incomplete}"
    return {"source": "log", "where": log.name, "expected": "no fault, read to its end", "observed": observed}


def _state(log: Log) -> str:
    """One of C(LOG_STATES); a file that could not be read may hold a part of the log."""
    if log.result is None:
        return "unreadable" if log.kinds else "truncated"
    return "truncated" if log.kinds and log.result.incomplete else "read"


def _events(logs: t.Iterable[Log]) -> list[LogEvent]:
    found = (event for log in logs if log.result for event in log.result.events)
    return [t.cast(LogEvent, event.as_dict()) for event in found][:_MOST_EVENTS]
