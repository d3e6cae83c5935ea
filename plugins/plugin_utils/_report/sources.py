# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What earlier runs left: a folder of reports with the files of its hosts, or a report.json alone.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, cast

from ansible_collections.unblock.updates.plugins.plugin_utils._files import read_bounded
from ansible_collections.unblock.updates.plugins.plugin_utils._report.client_file import CLIENT_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    ClientResult,
    HostResult,
    OtherResult,
    Report,
    ReportClient,
    ReportHost,
    Result,
    Rule,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.result_files import ResultFileError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, SchemaError, check

MAX_BYTES = 1 << 30

# What the report adds to the entry of a result.
_ADDED = frozenset({"finished_at", "rules", "run_id", "other_results"})
_ADDED_TO_HOST = _ADDED | {"events"}
_ADDED_TO_CLIENT = _ADDED | {"server", "symptom"}


class Source(NamedTuple):
    """What was found at a path.

    Attributes:
        runs: whether each run changed nothing, by its id.
        hosts: results of servers.
        clients: results of clients.
        others: by the name of a server, results that a merged report had passed over.
    """

    runs: dict[str, bool]
    hosts: list[HostResult]
    clients: list[ClientResult]
    others: dict[str, list[OtherResult]]


def read_source(path: Path) -> Source:
    """Reads a folder of reports, or a report.json.

    In a folder the files of hosts count as well: a run that was interrupted leaves them beside an older report. Of a
    result that is in both, the report's form counts: it holds the proofs that took another host.

    Raises:
        ReportError: it cannot be read, holds nothing or does not fit its schema; the message names the file.
    """
    if not path.is_dir():
        return _of_report(path)
    report = path / "report.json"
    found = _of_report(report) if report.exists() else Source({}, [], [], {})
    known = {_identity(one, one["host"]["name"]) for one in found.hosts}
    known_clients = {_identity(one, one["client"]["name"]) for one in found.clients}
    try:
        hosts = [
            *found.hosts,
            *(one for one in HOST_FILES.read_all(path) if _identity(one, one["host"]["name"]) not in known),
        ]
        clients = [
            *found.clients,
            *(one for one in CLIENT_FILES.read_all(path) if _identity(one, one["client"]["name"]) not in known_clients),
        ]
    except ResultFileError as error:
        raise ReportError(f"In {path}, {error}.") from None
    runs = {result["run_id"]: result["check_mode"] for result in (*hosts, *clients)} | found.runs
    if not runs:
        raise ReportError(f"{path} holds neither a report.json nor results of hosts.")
    return Source(runs, hosts, clients, found.others)


def _identity(result: Result, name: str) -> tuple[str, str, str | None]:
    return name, result["run_id"], result["finished_at"]


def _of_report(path: Path) -> Source:
    report = _read_report(path)
    rules = {rule["sha256"]: rule for rule in report["rules"]}
    runs = {run["run_id"]: run["check_mode"] for run in report.get("merged", [])}
    runs = runs or {report["run_id"]: report["check_mode"]}
    return Source(
        runs,
        [_host_result(host, report, rules, runs) for host in report["hosts"]],
        [_client_result(client, report, rules, runs) for client in report["clients"]],
        {host["name"]: host["other_results"] for host in report["hosts"] if "other_results" in host},
    )


def _read_report(path: Path) -> Report:
    try:
        report = json.loads(read_bounded(path, MAX_BYTES))
        check(report, REPORT)
    except OSError as error:
        raise ReportError(f"{path} cannot be read: {error.strerror}.") from None
    except SchemaError as error:
        raise ReportError(f"{path} is no report of this collection's schema: {error}.") from None
    except (ValueError, RecursionError) as error:
        raise ReportError(f"{path} is not JSON: {error}.") from None
    return cast(Report, report)


def _host_result(host: ReportHost, report: Report, rules: Mapping[str, Rule], runs: Mapping[str, bool]) -> HostResult:
    head = _head(host, report, rules, runs)
    return cast(HostResult, {**head, "host": _without(host, _ADDED_TO_HOST), "events": host["events"]})


def _client_result(
    client: ReportClient, report: Report, rules: Mapping[str, Rule], runs: Mapping[str, bool]
) -> ClientResult:
    return cast(ClientResult, {**_head(client, report, rules, runs), "client": _without(client, _ADDED_TO_CLIENT)})


def _head(
    entry: ReportHost | ReportClient, report: Report, rules: Mapping[str, Rule], runs: Mapping[str, bool]
) -> Result:
    run_id = entry.get("run_id", report["run_id"])
    return {
        "run_id": run_id,
        "finished_at": entry["finished_at"],
        "check_mode": runs.get(run_id, report["check_mode"]),
        "rules": [rules[digest] for digest in entry["rules"] if digest in rules],
    }


def _without(entry: ReportHost | ReportClient, keys: frozenset[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}
