# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.junit.xml: a suite for each host, a case for each rule, for continuous integration servers.

Fits both schemas in use, Ant's and Jenkins's: hence the attributes that only one of them demands.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import io
from xml.etree import ElementTree

from ansible_collections.unblock.updates.plugins.plugin_utils._report.changes import facts_changed, remedy_words
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report, ReportHost
from ansible_collections.unblock.updates.plugins.plugin_utils._report.notes import connection_warnings
from ansible_collections.unblock.updates.plugins.plugin_utils._report.probes import probe_notes
from ansible_collections.unblock.updates.plugins.plugin_utils._report.rows import Row, host_rows
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line, printable, shown

_OUTCOMES = {
    "unreachable": "error",
    "error": "error",
    "unknown": "error",
    "non_compliant": "failure",
    "fix_failed": "failure",
    "not_applicable": "skipped",
    "waived": "skipped",
}


def render_junit(report: Report) -> bytes:
    """Returns report.junit.xml in UTF-8."""
    content = io.BytesIO()
    content.write(b"<?xml version='1.0' encoding='utf-8'?>\n<testsuites>")
    for number, host in enumerate(report["hosts"]):  # one by one: the elements of a whole fleet take much memory
        content.write(ElementTree.tostring(_suite(report, host, number), encoding="unicode").encode("utf-8"))
    content.write(b"</testsuites>")
    return content.getvalue()


def _suite(report: Report, host: ReportHost, number: int) -> ElementTree.Element:
    rows = host_rows(host)
    outcomes = [_OUTCOMES.get(row.status) for row in rows]
    name = one_line(host["name"]) or "unnamed"
    suite = ElementTree.Element(
        "testsuite",
        {
            "id": str(number),
            "package": "unblock.updates",
            "name": name,
            "hostname": name,
            "timestamp": (host["finished_at"] or report["generated_at"])[:19],
            "tests": str(len(rows)),
            "failures": str(outcomes.count("failure")),
            "errors": str(outcomes.count("error")),
            "skipped": str(outcomes.count("skipped")),
            "time": "0",
        },
    )
    ElementTree.SubElement(suite, "properties")
    for row, outcome in zip(rows, outcomes, strict=True):
        _add_case(suite, name, row, outcome)
    output = ElementTree.SubElement(suite, "system-out")
    notes = [*connection_warnings(host), *(f"sync_probe {note}" for note in probe_notes(host))]
    output.text = "\n".join(notes) or None
    ElementTree.SubElement(suite, "system-err")
    return suite


def _add_case(suite: ElementTree.Element, host_name: str, row: Row, outcome: str | None) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", {"name": one_line(row.advisory) or "assessment", "classname": host_name, "time": "0"}
    )
    if outcome is None:
        return
    result = ElementTree.SubElement(case, outcome, {"message": one_line(row.reason)})
    if outcome != "skipped":
        result.set("type", row.status)
        result.text = _details(row)


def _details(row: Row) -> str:
    evidence = row.assessment["evidence"] if row.assessment is not None else []
    lines = [f"Action: {row.action}", f"Next step: {row.next_step}"]
    lines += [
        f"{item['where']}: expected {shown(item['expected'])}, observed {shown(item['observed'])}" for item in evidence
    ]
    for remedy in row.remedies:
        lines.append(f"Remedy: {remedy_words(remedy)}")
        lines += [f"{name}: before {before}, after {after}" for name, before, after in facts_changed(remedy)]
        lines += [remedy["log_tail"]] if remedy["log_tail"] else []
    return "\n".join(map(printable, lines))
