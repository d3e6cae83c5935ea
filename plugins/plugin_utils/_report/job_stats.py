# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job tells the jobs after it: few numbers and names, by C(set_stats); the rest travels as files.

AWX hands the stats of a job to later jobs of its workflow as extra variables and merges those of several jobs by key
(``docs/docsite/rst/userguide/workflows.rst`` of ansible/awx), so a slice must have a key of its own.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypedDict

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES

#: What every key begins with; C(playbooks/vars/controller.yml) finds the results of earlier jobs by it.
PREFIX = "unblock_result_"
#: Bytes of JSON that key and result may have together.
LIMIT = 64 * 1024
TOO_LONG = "The names of the hosts are too long for a job's stats. They are in report.json in report_dir."


class Counts(TypedDict):
    """Numbers of hosts. ``blocked`` counts those that still cannot deliver updates."""

    hosts: int
    blocked: int
    by_status: dict[str, int]


class Counted(TypedDict):
    """The result of a run in numbers; ``report_dir`` is the absolute path of its files."""

    run_id: str
    generated_at: str
    check_mode: bool
    report_dir: str
    counts: Counts


class JobResult(Counted, total=False):
    """With the names of the hosts by status, or with a note that says why they are missing."""

    names: dict[str, list[str]]
    note: str


def job_stats(report: Report, folder: Path) -> dict[str, JobResult]:
    """Returns the data for C(set_stats): one key, which no other run has, and the result below it.

    Args:
        report: the report of the run.
        folder: where its files are.
    """
    summary = report["summary"]
    # What set_stats takes must be the name of a variable.
    key = PREFIX + re.sub(r"\W", "_", report["run_id"], flags=re.ASCII)
    result = JobResult(
        run_id=report["run_id"],
        generated_at=report["generated_at"],
        check_mode=report["check_mode"],
        report_dir=str(folder),
        # Not by_release: a release is what a host says, and so is its length.
        counts=Counts(hosts=summary["hosts"], blocked=summary["blocked"], by_status=summary["by_status"]),
    )
    names = {status: [host["name"] for host in report["hosts"] if host["status"] == status] for status in STATUSES}
    result["names"] = {status: found for status, found in names.items() if found}
    if len(json.dumps({key: result}).encode()) > LIMIT:
        del result["names"]
        result["note"] = TOO_LONG
    return {key: result}
