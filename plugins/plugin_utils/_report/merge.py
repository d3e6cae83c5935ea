# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merges the results of several runs into one report: slices of a sweep, sites, days.

Of a host that several runs judged, the newest verdict counts. One that nobody could reach today keeps the verdict of
yesterday, and the report names both.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple, cast

from ansible_collections.unblock.updates.plugins.plugin_utils._report.build import assemble
from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import (
    ClientResult,
    HostResult,
    MergedRun,
    OtherResult,
    Report,
    Result,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import REPORT, check
from ansible_collections.unblock.updates.plugins.plugin_utils._report.server_names import computer_name
from ansible_collections.unblock.updates.plugins.plugin_utils._report.sources import Source, read_source
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import host_status
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.names import plain
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc

_NEVER = datetime.min.replace(tzinfo=timezone.utc)


class _Found(NamedTuple):
    """A result, what it is about, and the path where it was found."""

    path: str
    result: Result
    entry: Mapping[str, Any]


def merge_reports(paths: Sequence[str], *, run_id: str, now: datetime | None = None) -> Report:
    """Returns one report of everything that lies at the paths.

    Args:
        paths: folders of reports, and report.json files.
        run_id: of the report that is made.
        now: when it is made; the present by default.

    Raises:
        ReportError: a path cannot be used, or hosts of one name are different computers; the message names it.
    """
    sources = {path: read_source(Path(path)) for path in dict.fromkeys(paths)}
    hosts = _by_name(_Found(path, one, one["host"]) for path, source in sources.items() for one in source.hosts)
    clients = _by_name(_Found(path, one, one["client"]) for path, source in sources.items() for one in source.clients)
    for found in hosts.values():
        _check_computer(found)
    report = assemble(
        [cast(HostResult, found[0].result) for found in hosts.values()],
        run_id=run_id,
        check_mode=all(unchanged for source in sources.values() for unchanged in source.runs.values()),
        clients=[cast(ClientResult, found[0].result) for found in clients.values()],
        now=now,
    )
    report["merged"] = [run for path, source in sources.items() for run in _runs(path, source)]
    passed_over = _passed_over(sources.values())
    for host in report["hosts"]:
        best, *rest = hosts[host["name"]]
        host["run_id"] = best.result["run_id"]
        others = _others(best, rest, passed_over.get(host["name"], []))
        if others:
            host["other_results"] = others
    for client in report["clients"]:
        client["run_id"] = clients[client["name"]][0].result["run_id"]
    check(report, REPORT)
    return report


def _by_name(results: Iterable[_Found]) -> dict[str, list[_Found]]:
    """Returns the results of each name, each once: the one that counts, then the others from the newest on."""
    named: dict[str, dict[tuple[str, str | None], _Found]] = {}
    for found in results:
        same = named.setdefault(found.entry["name"], {})
        same.setdefault((found.result["run_id"], found.result["finished_at"]), found)
    return {name: sorted(same.values(), key=_worth, reverse=True) for name, same in named.items()}


def _worth(found: _Found) -> tuple[bool, datetime]:
    return found.entry["error"] is None, _moment(found.result["finished_at"])


def _moment(time: str | None) -> datetime:
    return parse_utc(time) or _NEVER


def _check_computer(results: Sequence[_Found]) -> None:
    """Keeps two sites apart that call different servers by one name.

    Raises:
        ReportError: they call themselves differently.
    """
    known = {plain(called): one for one in results if (called := computer_name(cast(Any, one.entry)))}
    if len(known) > 1:
        words = " and ".join(f"{called} in {one.path}" for called, one in known.items())
        raise ReportError(
            f"{results[0].entry['name']} is the name of different computers: {words}. "
            "Give one of them another name in its inventory, or leave one of these reports out."
        )


def _runs(path: str, source: Source) -> Iterator[MergedRun]:
    hosts = Counter(result["run_id"] for result in source.hosts)
    clients = Counter(result["run_id"] for result in source.clients)
    for run_id, check_mode in source.runs.items():
        times = [one["finished_at"] for one in (*source.hosts, *source.clients) if one["run_id"] == run_id]
        yield {
            "source": path,
            "run_id": run_id,
            "check_mode": check_mode,
            "hosts": hosts[run_id],
            "clients": clients[run_id],
            "finished_at": max(times, key=_moment, default=None),
        }


def _passed_over(sources: Iterable[Source]) -> dict[str, list[OtherResult]]:
    """Returns what merged reports among the sources had already passed over."""
    found: dict[str, list[OtherResult]] = {}
    for source in sources:
        for name, others in source.others.items():
            found.setdefault(name, []).extend(others)
    return found


def _others(best: _Found, rest: Iterable[_Found], passed_over: Iterable[OtherResult]) -> list[OtherResult]:
    """Returns every result of a host but the best, each once, the newest first."""
    found: list[OtherResult] = [
        {
            "run_id": one.result["run_id"],
            "finished_at": one.result["finished_at"],
            "status": host_status(cast(HostResult, one.result)["host"]),
        }
        for one in rest
    ]
    each = {(other["run_id"], other["finished_at"]): other for other in (*passed_over, *found)}
    each.pop((best.result["run_id"], best.result["finished_at"]), None)
    return sorted(each.values(), key=lambda other: _moment(other["finished_at"]), reverse=True)
