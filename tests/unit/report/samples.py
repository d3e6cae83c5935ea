# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host results to build reports from, and texts that a hostile host may send."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import build_report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    Assessment,
    ClientResult,
    HostResult,
    LogEvent,
    Report,
    SyncProbe,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES

RUN = "20261121T100000Z-1f2e3d4c"
NOW = datetime(2026, 11, 21, 10, 5, 0, tzinfo=timezone.utc)

HOSTILE = {
    "markup": "<img src=x onerror=alert(1)>&amp;<b>",
    "script end": "</script><script>alert(1)</script><!--",
    "template": "{{ lookup('pipe', 'id') }}{% raw %}",
    "formula": '=HYPERLINK("http://example.invalid";"x")',
    "command formula": "@SUM(1+1)*cmd|' /C calc'!A0",
    "tabbed formula": "\t=1+1",
    "terminal": "\x1b[2J\x1b]0;title\x07red\x9b31m",
    "nul": "a\x00b",
    "lone surrogate": "a\ud800b",
    "direction override": "exe.\u202egpj\u2066",
    "line ends": "one\r\ntwo\u2028three\x85four",
    "non-character": "a\ufffeb\uffff",
    "quotes": '"\'`,;\n"',
}


def assessment(status: str = "non_compliant", **changes: t.Any) -> Assessment:
    """A verdict; ``changes`` replaces fields."""
    verdict: dict[str, t.Any] = {
        "advisory": "954960",
        "status": status,
        "action": "apply_kb954960" if status == "non_compliant" else "none",
        "reason": "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66.",
        "next_step": "Install it: ansible-playbook unblock.updates.remediate --limit wsus1",
        "symptom": {"seen": True, "suspected": False, "first": "2008-06-20T08:00:00Z", "last": None, "count": 3},
        "verification": "not_attempted",
        "evidence": [
            {"source": "file", "where": r"D:\WSUS\Client.Dll", "expected": ">= 3.1.6001.66", "observed": "3.1.6001.65"}
        ],
    }
    return t.cast(Assessment, {**verdict, **changes})


def remedy(outcome: str = "changed", **changes: t.Any) -> Remedy:
    """A change; ``changes`` replaces fields."""
    change: dict[str, t.Any] = {
        "advisory": "954960",
        "action": "apply_kb954960",
        "outcome": outcome,
        "message": "KB954960 was installed (file version 3.1.6001.66).",
        "next_step": "Nothing.",
        "started": "2026-11-21T09:58:00Z",
        "finished": "2026-11-21T09:59:30Z",
        "exit_code": 0,
        "before": {"wsus.client_dll.version": "3.1.6001.65"},
        "after": {"wsus.client_dll.version": "3.1.6001.66"},
        "log_tail": None,
        "package": {
            "name": "WSUS-KB954960-x86.exe", "sha256": "c4" * 32, "size": 1234567, "signer": "Microsoft Corporation",
            "signed_at": "2008-07-31T20:00:00Z", "architecture": "x86",
        },
        "rule_version": "1.1.0",
        "irreversible": True,
    }  # fmt: skip
    return t.cast(Remedy, {**change, **changes})


def sync_probe(outcome: str | None = "healthy", **changes: t.Any) -> SyncProbe:
    """An active probe; ``changes`` replaces fields. With the outcome None, it is one of check mode."""
    words = {
        "healthy": "A client with Office 2003 is answered to the end: 16 revisions in 4 rounds.",
        "blocked": "SyncUpdates ended in the fault InternalServerError.",
        None: "Nothing is sent in check mode.",
    }
    probe: dict[str, t.Any] = {
        "outcome": outcome,
        "reason": words.get(outcome, "TCP failed for http://wsus01:8530/: timed out."),
        "next_step": "Nothing.",
        "url": "http://wsus01:8530/",
        "identity": {
            "computer_name": "unblock-sync-probe.invalid",
            "client_id": "93126e74-4e05-52f7-af22-26054964ae03",
        },
    }
    if outcome is None:
        probe["would_send"] = ["GetConfig to http://wsus01:8530/", "SyncUpdates to http://wsus01:8530/"]
    else:
        is_blocked = outcome == "blocked"
        probe |= {
            "office_2003": True, "rounds": 1 if is_blocked else 4, "revisions": 2 if is_blocked else 16,
            "method": "SyncUpdates", "fault_code": "InternalServerError" if is_blocked else None,
            "fault_id": "c0a7445f-b989-43fa-ac20-11f8ca65fa8c" if is_blocked else None,
            "started_at": "2026-11-21T10:00:00.125Z", "finished_at": "2026-11-21T10:00:02.250Z",
        }  # fmt: skip
    return t.cast(SyncProbe, {**probe, **changes})


def result(name: str = "wsus1", *verdicts: Assessment, events: t.Sequence[LogEvent] = (), **host: t.Any) -> HostResult:
    """What an assessment writes; ``host`` replaces fields of the host."""
    entry: dict[str, t.Any] = {
        "name": name,
        "status": "non_compliant",
        "os": {
            "name": "Windows Server 2008", "version": "6.0.6001", "service_pack": 1, "arch": "x64", "language": "de-DE",
        },
        "wsus": {"installed": True, "version": "3.1.6001.65", "release": "3.0 SP1"},
        "configmgr": None,
        "assessments": list(verdicts or [assessment()]),
        "error": None,
    }  # fmt: skip
    return t.cast(
        HostResult,
        {
            "run_id": RUN,
            "finished_at": "2026-11-21T10:00:07Z",
            "check_mode": False,
            "rules": [{"id": "954960", "version": "1.2.0", "sha256": "b7" * 32}],
            "host": {**entry, **host},
            "events": list(events),
        },
    )


def failed(
    name: str, status: str = "unreachable", text: str = "no answer within 5 seconds", **host: t.Any
) -> HostResult:
    """The result of a host that could not be judged; ``host`` replaces fields of the host."""
    error = {"layer": "TCP", "observed": text, "next_step": f"Look at {text}", "message": f"TCP: {text}"}
    return result(name, status=status, os=None, wsus=None, assessments=[], error=error, **host)


def event(log: str, **changes: t.Any) -> LogEvent:
    """A fault in a client's or a server's log; ``changes`` replaces fields."""
    fault: dict[str, t.Any] = {
        "advisory": "954960",
        "log": log,
        "confidence": "certain",
        "first": "2008-06-13T19:59:56.617Z",
        "last": "2008-06-13T19:59:56.617Z",
        "count": 1,
        "fault_ids": ["c0a7445f-b989-43fa-ac20-11f8ca65fa8c"],
        "where": r"C:\WINDOWS\WindowsUpdate.log:7",
    }
    return t.cast(LogEvent, {**fault, **changes})


def client(name: str = "pc1", *events: LogEvent, **changes: t.Any) -> ClientResult:
    """What a client's assessment writes; ``changes`` replaces fields of the client."""
    entry: dict[str, t.Any] = {
        "name": name,
        "os": None,
        "wu_server": "http://wsus1:8530",
        "use_wu_server": True,
        "log": "read",
        "last_sync": None,
        "events": list(events),
        "error": None,
    }
    head = {"run_id": RUN, "finished_at": "2026-11-21T10:01:00Z", "check_mode": False, "rules": []}
    return t.cast(ClientResult, {**head, "client": {**entry, **changes}})


def every_status() -> list[HostResult]:
    """One host for each status, named like it."""
    return [
        failed(status, status) if status in ("unreachable", "error") else result(status, assessment(status))
        for status in STATUSES
    ]


def hostile_result(text: str) -> HostResult:
    """A host that sends the text wherever it can."""
    evidence = [{"source": text, "where": text, "expected": text, "observed": text}]
    symptom = {"seen": None, "suspected": None, "first": text, "last": text, "count": None}
    facts = {text: text, "wsus.version": text}
    package = dict.fromkeys(("name", "sha256", "signer", "signed_at", "architecture"), text) | {"size": None}
    change = remedy("failed", message=text, next_step=text, before=facts, after=facts, log_tail=text, package=package)
    probe = sync_probe(
        "blocked", reason=text, next_step=text, url=text, changed=True,
        removal={"removed": False, "message": text}, identity={"computer_name": text, "client_id": text},
    )  # fmt: skip
    return result(
        text,
        assessment("unknown", reason=text, next_step=text, evidence=evidence, symptom=symptom, remedy=change),
        os=dict.fromkeys(("name", "version", "service_pack", "arch", "language"), text),
        wsus={"installed": True, "version": text, "release": text, "upstream_server": text},
        sync_probes=[probe],
    )


def report(*results: HostResult, clients: t.Sequence[ClientResult] = (), check_mode: bool = False) -> Report:
    """The report of a run with these results."""
    return build_report(results, run_id=RUN, check_mode=check_mode, clients=clients, now=NOW)
