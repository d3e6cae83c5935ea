# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lays reports of one fleet side by side: `demo_story.py FOLDER before after` reads FOLDER/before/report.json, ...

A line for each host whose status changed, then those whose status did not.
"""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from pathlib import Path
from textwrap import fill
from typing import Any


def cell(host: dict[str, Any]) -> str:
    """Return the status of a host, and what is to be done there, or how far a fix is verified."""
    deciding = [verdict for verdict in host["assessments"] if verdict["status"] == host["status"]]
    if host["status"] in ("non_compliant", "would_fix"):
        return f"{host['status']}: {', '.join(verdict['action'] for verdict in deciding)}"
    verified = [verdict["verification"] for verdict in deciding if verdict["verification"] != "not_attempted"]
    return ", ".join([host["status"], *verified[:1]])


def story(host: dict[str, Any]) -> str:
    """Return what a server that was asked before and after its remedy answered."""
    before, *after = [probe["outcome"] for probe in host["sync_probes"]]
    remedies = [verdict["remedy"]["action"] for verdict in host["assessments"] if "remedy" in verdict]
    return ", ".join([before, *remedies, *after])


def main(folder: str, *names: str) -> None:
    """Print the table, a column for each report, and below it the hosts whose status stayed."""
    paths = [Path(folder, name, "report.json") for name in names]
    reports = [json.loads(path.read_text(encoding="utf-8"))["hosts"] for path in paths]
    table, stayed = [["host", *names]], defaultdict(list)
    for hosts in zip(*reports, strict=True):
        if len({host["status"] for host in hosts}) == 1:
            stayed[cell(hosts[0])].append(hosts[0]["name"])
        else:
            table.append([hosts[0]["name"], *map(cell, hosts)])
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())
    for status, members in stayed.items():
        print(
            fill(f"{status} in every report: {', '.join(members)}", 120, subsequent_indent="  ", break_on_hyphens=False)
        )
    for host in (host for hosts in reports for host in hosts if "sync_probes" in host):
        print(f"{host['name']}, asked as a client with Office 2003 would ask: {story(host)}")


main(*sys.argv[1:])
