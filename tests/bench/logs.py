# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The search of a log on the controller, against `grep -c -i` with the same anchors.

The start-up of Python is not part of it: where logs are searched, Ansible runs already.
"""

from __future__ import annotations

import os
import time
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_file
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, compile_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from tests.bench.measure import MEBIBYTE, BenchError, Cost, measure, medians

# What such a log holds while nothing is wrong. One line in twenty has an anchor.
_ORDINARY = {
    "client": "2008-06-14\t02:{minute:02}:03:271\t 788\tee4\tAgent\t  * Added update "
    "{{0F5B6E28-3C4A-4D5E-9B1A-{number:012X}}}.102 to search result\r\n",
    "server": "2008-06-14 02:{minute:02}:03.286 UTC\tInfo\tWsusService.27\tContentSyncAgent.WakeUpWorkerThreadProc"
    "\tServerHealth: Updating Server Health for Component: ContentSyncAgent Running {number}\r\n",
    "site": "Synchronizing update {number:08x}-1b2c-4d3e-8f40-5a6b7c8d9e0f - Security Update for Windows XP  "
    "$$<SMS_WSUS_SYNC_MANAGER><Sat Jun 14 02:{minute:02}:03.000 2008 Romance Daylight Time><thread=3652 (0xE44)>\r\n",
}
_ANCHORED = {
    "client": "2008-06-14\t02:{minute:02}:09:125\t 788\tee4\tPT\t  + ServiceId = "
    "{{9482F4B4-E343-43B6-B170-9A65BC822C77}}, Server URL = http://wsus/ClientWebService/client.asmx\r\n",
    "server": "2008-06-14 02:{minute:02}:44.029 UTC\tWarning\tw3wp.6\tSoapUtilities.CreateException\tThrowException: "
    "actor = http://wsus/ReportingWebService/ReportingWebService.asmx, ErrorCode=InvalidCookie, Client={number}\r\n",
    "site": "Sync done; next scheduled sync at 15-06-2008 02:{minute:02}:00  "
    "$$<SMS_WSUS_SYNC_MANAGER><Sat Jun 14 02:{minute:02}:09.000 2008 Romance Daylight Time><thread=3652 (0xE44)>\r\n",
}


def write_healthy_log(path: Path, log: str, size: int) -> None:
    """Write so many bytes, or a little more, of a log in which nothing is wrong."""
    piece = "".join(
        (_ORDINARY if number % 20 else _ANCHORED)[log].format(minute=number % 60, number=number)
        for number in range(4000)
    ).encode("ascii")
    with path.open("wb") as stream:
        for part in cycle([piece]):
            stream.write(part)
            if stream.tell() >= size:
                return


def signatures(log: str) -> list[Signature]:
    """Return every rule's signatures for a kind of log."""
    return [
        signature
        for rule in load_rules().rules
        for signature in compile_signatures(rule.id, rule.logs)
        if signature.log == log
    ]


def measure_logs(folder: Path, size: int, repetitions: int) -> list[dict[str, Any]]:
    """Search a healthy log of each kind; the ratio is of wall time."""
    folder.mkdir(parents=True, exist_ok=True)
    figures = []
    for log in _ORDINARY:
        path = folder / f"{log}.log"
        write_healthy_log(path, log, size)
        anchors = dict.fromkeys(anchor for signature in signatures(log) for anchor in signature.anchors)
        grep = ["sh", "-c", 'grep "$@" || true', "sh", "-a", "-c", "-i", "-F"]
        grep += [argument for anchor in anchors for argument in ("-e", anchor)] + [str(path)]
        scans: list[float] = []
        greps: list[Cost] = []
        for _number in range(repetitions):
            scans.append(scan_seconds(log, path))
            greps.append(measure(grep, folder / "grep.log", {**os.environ, "LC_ALL": "C"}))
        scan, reference = median(scans), medians(greps)
        figures.append(
            {
                "log": log,
                "mb": round(path.stat().st_size / MEBIBYTE),
                "scan_s": round(scan, 2),
                "grep_s": round(reference.wall_s, 2),
                "scan_vs_grep": round(scan / reference.wall_s, 2),
            }
        )
        path.unlink()
    return figures


def scan_seconds(log: str, path: Path) -> float:
    """Search one log, a healthy one, and return the seconds that it took.

    :raises BenchError: the search found a fault, or did not read all of it.
    """
    searched = signatures(log)
    started = time.monotonic()
    result = scan_file(path, searched, Context(source=str(path)))
    seconds = time.monotonic() - started
    if result.events or result.size != path.stat().st_size:
        raise BenchError(f"{result.scanned()}: {result.events}")
    return seconds
