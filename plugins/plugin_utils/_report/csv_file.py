# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.csv: a row for each host and advisory, safe to open in a spreadsheet.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any

from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import (
    facts_changed,
    package_words,
    remedy_words,
    span,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.notes import (
    age_note,
    connection_warnings,
    other_results,
    waiver_notes,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._report.probes import probe_notes
from ansible_collections.unblock.updates.plugins.plugin_utils._report.rows import Row, report_rows
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, shown

# A cell that starts with one of these is a formula to some spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")

_COLUMNS: dict[str, Callable[[Row], object]] = {
    "host": lambda row: row.host["name"],
    "host_status": lambda row: row.host["status"],
    "advisory": lambda row: row.advisory,
    "status": lambda row: row.status,
    "action": lambda row: row.action,
    "reason": lambda row: row.reason,
    "next_step": lambda row: row.next_step,
    "verification": lambda row: _verdict(row, "verification"),
    "symptom_seen": lambda row: _symptom(row, "seen"),
    "symptom_suspected": lambda row: _symptom(row, "suspected"),
    "symptom_last": lambda row: _symptom(row, "last"),
    "fixed_at": lambda row: row.assessment.get("fixed_at") if row.assessment else None,
    "evidence": lambda row: _evidence(row.assessment),
    "remedies": lambda row: "; ".join(map(remedy_words, row.remedies)),
    "remedy_facts": lambda row: "; ".join(
        f"{name}: {before} -> {after}" for remedy in row.remedies for name, before, after in facts_changed(remedy)
    ),
    "remedy_times": lambda row: "; ".join(filter(None, map(span, row.remedies))),
    "remedy_packages": lambda row: "; ".join(filter(None, map(package_words, row.remedies))),
    "sync_probes": lambda row: "; ".join(probe_notes(row.host)),
    "expired_waivers": lambda row: "; ".join(waiver_notes(row.assessment)),
    "wsus_release": lambda row: _fact(row.host["wsus"], "release"),
    "wsus_version": lambda row: _fact(row.host["wsus"], "version"),
    "configmgr_release": lambda row: _fact(row.host["configmgr"], "release"),
    "os": lambda row: _fact(row.host["os"], "name"),
    "os_version": lambda row: _fact(row.host["os"], "version"),
    "service_pack": lambda row: _fact(row.host["os"], "service_pack"),
    "arch": lambda row: _fact(row.host["os"], "arch"),
    "finished_at": lambda row: row.host["finished_at"],
    "collected": lambda row: age_note(row.host),
    "connection_warnings": lambda row: " ".join(connection_warnings(row.host)),
    "other_results": lambda row: "; ".join(other_results(row.host)),
}


def render_csv(report: Report) -> bytes:
    """Returns report.csv: UTF-8, CRLF, a header line; unknown is an empty cell."""
    rules = {rule["sha256"]: rule for rule in report["rules"]}
    content = io.BytesIO()  # text of a whole fleet would take four bytes for each character
    text = io.TextIOWrapper(content, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([*_COLUMNS, "rule_version", "run_id"])
    for row in report_rows(report):
        cells = [column(row) for column in _COLUMNS.values()]
        judges = (rules[digest] for digest in row.host["rules"])
        version = next((rule["version"] for rule in judges if rule["id"] == row.advisory), None)
        run_id = row.host.get("run_id", report["run_id"])
        writer.writerow([cell(value) for value in (*cells, version, run_id)])
    text.flush()
    return content.getvalue()


def cell(value: object) -> str:
    """Returns a value as one line of plain text that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    text = one_line(value) if isinstance(value, str) else shown(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _fact(facts: dict[str, Any] | None, name: str) -> object:
    return None if facts is None else facts.get(name)


def _verdict(row: Row, name: str) -> object:
    return None if row.assessment is None else row.assessment[name]  # type: ignore[literal-required]


def _symptom(row: Row, name: str) -> object:
    return None if row.assessment is None else row.assessment["symptom"][name]  # type: ignore[literal-required]


def _evidence(assessment: Assessment | None) -> str | None:
    if assessment is None:
        return None
    return "; ".join(
        f"{item['where']}: expected {shown(item['expected'])}, observed {shown(item['observed'])}"
        for item in assessment["evidence"]
    )
