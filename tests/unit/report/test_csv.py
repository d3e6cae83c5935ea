# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""report.csv in the hands of a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.csv_file import cell, render_csv
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report
from tests.unit.report.samples import (
    HOSTILE,
    assessment,
    every_status,
    failed,
    hostile_result,
    remedy,
    report,
    result,
    sync_probe,
)


def _rows(built: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(render_csv(built).decode("utf-8"), newline="")))


def test_a_row_for_each_host_and_advisory() -> None:
    second = assessment("compliant", advisory="954474")
    rows = _rows(report(result("a", second, assessment()), result("b", second), failed("c")))
    assert [(row["host"], row["advisory"], row["status"], row["host_status"]) for row in rows] == [
        ("a", "954960", "non_compliant", "non_compliant"),
        ("a", "954474", "compliant", "non_compliant"),
        ("b", "954474", "compliant", "compliant"),
        ("c", "", "unreachable", "unreachable"),
    ]


def test_a_row_says_why_what_next_and_what_was_seen() -> None:
    (row,) = _rows(report(result("a")))
    assert row["reason"] == "wsus.client_dll.version is 3.1.6001.65, below 3.1.6001.66."
    assert row["next_step"] == "Install it: ansible-playbook unblock.updates.remediate --limit wsus1"
    assert row["evidence"] == r"D:\WSUS\Client.Dll: expected >= 3.1.6001.66, observed 3.1.6001.65"
    assert (row["wsus_release"], row["rule_version"], row["symptom_seen"], row["symptom_last"]) == (
        "3.0 SP1",
        "1.2.0",
        "yes",
        "",
    )


def test_a_row_says_what_was_done() -> None:
    treated = assessment("fixed", remedy=remedy(), fixed_at="2026-11-21T09:59:30Z")
    failure = remedy("failed", message="It ended\nwith 1603.", exit_code=1603, package=None, after={})
    row, lost, untouched = _rows(
        report(result("a", treated), failed("b", remedies=[failure]), result("c", assessment("compliant")))
    )
    assert (row["fixed_at"], row["remedies"]) == (
        "2026-11-21T09:59:30Z",
        "apply_kb954960 changed (exit code 0): KB954960 was installed (file version 3.1.6001.66).",
    )
    assert row["remedy_facts"] == "wsus.client_dll.version: 3.1.6001.65 -> 3.1.6001.66"
    assert row["remedy_times"] == "2026-11-21 09:58:00 UTC to 2026-11-21 09:59:30 UTC"
    assert row["remedy_packages"].startswith("WSUS-KB954960-x86.exe, SHA-256 c4c4")
    assert lost["remedies"] == "apply_kb954960 failed (exit code 1603): It ended with 1603."
    assert (lost["remedy_facts"], lost["remedy_packages"]) == ("wsus.client_dll.version: 3.1.6001.65 -> -", "")
    assert {untouched[name] for name in ("fixed_at", "remedies", "remedy_facts", "remedy_packages")} == {""}


def test_a_row_says_what_was_seen_from_outside() -> None:
    removed = {"removed": True, "message": "It was removed from the list."}
    probes = [sync_probe("blocked", changed=True), sync_probe("healthy", changed=True, removal=removed)]
    asked, unasked = _rows(report(result("a", sync_probes=probes), result("b")))
    first, second, left = asked["sync_probes"].split("; ")
    assert (first.split(",")[0], second.split(",")[0], left) == ("blocked", "healthy", removed["message"])
    assert unasked["sync_probes"] == ""


def test_every_status_has_its_row() -> None:
    assert {row["host"]: row["status"] for row in _rows(report(*every_status()))} == {
        one["host"]["name"]: one["host"]["name"] for one in every_status()
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\n =1", "'=1"),
        ("\x00=1", r"\x00=1"),
        ("＝1", "'＝1"),
        (-1, "'-1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (False, "no"),
    ],
)
def test_no_cell_starts_a_formula(value: object, expected: str) -> None:
    assert cell(value) == expected


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_in_its_cell(text: str) -> None:
    rows = _rows(report(hostile_result(text), result("after")))
    assert [row["host"] for row in rows] == [cell(text), "after"]
    assert all(value.isprintable() and not value.startswith(tuple("=+-@\t\r")) for value in rows[0].values())
    assert None not in rows[0]
