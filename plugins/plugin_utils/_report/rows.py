# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report as rows: one for each host and advisory, for every format that is a list.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Remedy
from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import verdict_remedies
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Report, ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import rank


class Row(NamedTuple):
    """One verdict. A host that could not be judged has one row, whose assessment is None and advisory empty."""

    host: ReportHost
    assessment: Assessment | None
    advisory: str
    status: str
    action: str
    reason: str
    next_step: str

    @property
    def remedies(self) -> list[Remedy]:
        """The changes that led to the verdict, or to a host that could not be judged."""
        return verdict_remedies(self.assessment) if self.assessment else self.host.get("remedies", [])


def report_rows(report: Report) -> Iterator[Row]:
    """Yields the rows of all hosts in the report's order."""
    for host in report["hosts"]:
        yield from host_rows(host)


def host_rows(host: ReportHost) -> list[Row]:
    """Returns a host's rows, its worst verdict first: that is the one that gave the host its status."""
    rows = [
        Row(
            host,
            assessment,
            assessment["advisory"],
            assessment["status"],
            assessment["action"],
            assessment["reason"],
            assessment["next_step"],
        )
        for assessment in host["assessments"]
    ]
    error = host["error"]
    if error is not None:
        reason = f"{error['layer']}: {error['observed']}"
        rows.append(Row(host, None, "", host["status"], "none", reason, error["next_step"]))
    elif not rows:
        rows.append(Row(host, None, "", host["status"], "none", "No rule judged this host.", ""))
    return sorted(rows, key=lambda row: rank(row.status))
