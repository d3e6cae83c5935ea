# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said beside a verdict, in every form of the report."""

from __future__ import annotations

import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.csv_file import render_csv
from ansible_collections.unblock.updates.plugins.plugin_utils._report.headline import headline
from ansible_collections.unblock.updates.plugins.plugin_utils._report.html import render_html
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, OtherResult, Report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.notes import upstream_words
from ansible_collections.unblock.updates.plugins.plugin_utils._report.terminal import render_table
from tests.unit.report.samples import assessment, report, result

OLD = {"reason": "Until\nthe \x1b[2Jmove.", "owner": "John Doe", "expires": "2026-10-31"}
OLD_NOTE = "expired 2026-10-31: Until the \\x1b[2Jmove. (John Doe)"


def forms(whole: Report) -> dict[str, str]:
    """Each form of the report as one text."""
    return {
        "csv": render_csv(whole).decode("utf-8"),
        "html": render_html(whole).decode("utf-8").replace("\\\\", "\\"),
        "terminal": " ".join(" ".join(render_table(whole)).split()),
    }


@pytest.mark.parametrize("form", ["csv", "html", "terminal"])
@pytest.mark.parametrize(
    ("computer_name", "days", "note"),
    [
        ("SBS01", 3, "collected by hand on SBS01, 2026-11-18 10:00:00 UTC, 3 days before"),
        (None, 1, "collected by hand, 2026-11-18 10:00:00 UTC, 1 day before"),
        ("a\r\nb\x1b", 0, "collected by hand on a b\\x1b, 2026-11-18 10:00:00 UTC, 0 days before"),
    ],
)
def test_the_age_of_what_was_collected(form: str, computer_name: str | None, days: int, note: str) -> None:
    collected = {"at": "2026-11-18T10:00:00Z", "age_days": days, "computer_name": computer_name}
    assert note in forms(report(result("sbs01", collected=collected)))[form]
    assert "collected by hand" not in forms(report(result("sbs01")))[form]


@pytest.mark.parametrize("form", ["csv", "html", "terminal"])
@pytest.mark.parametrize("status", ["non_compliant", "waived", "compliant"])
def test_a_waiver_that_ran_out(form: str, status: str) -> None:
    assert OLD_NOTE in forms(report(result("wsus1", assessment(status, expired_waivers=[OLD]))))[form]


@pytest.mark.parametrize(
    ("verdicts", "tone", "words"),
    [
        (
            [assessment("waived"), assessment("compliant")],
            "doubt",
            "No server without a waiver is kept from delivering updates. Under a waiver: 1 of 2 servers.",
        ),
        ([assessment("waived"), assessment("unknown")], "doubt", "No server without a waiver is known to be blocked."),
        ([assessment("waived"), assessment("non_compliant")], "bad", "1 of 2 servers still cannot deliver updates."),
        ([assessment("compliant")], "ok", "No server of this run is kept"),
    ],
)
def test_a_waived_server_is_not_called_well(verdicts: list[Assessment], tone: str, words: str) -> None:
    head = headline(report(*(result(f"wsus{number}", verdict) for number, verdict in enumerate(verdicts))))
    assert head.tone == tone
    assert head.sentence.startswith(words)


def _other(day: int, status: str = "unreachable") -> OtherResult:
    return {"run_id": f"run-{day}", "finished_at": f"2026-11-{day}T10:00:00Z", "status": status}


@pytest.mark.parametrize("form", ["csv", "html", "terminal"])
def test_other_results_of_a_merged_report(form: str) -> None:
    built = report(result("wsus1"), result("wsus2"), result("wsus3"))
    built["merged"] = [
        {"source": "a", "run_id": run, "check_mode": False, "hosts": 1, "clients": 0, "finished_at": None}
        for run in ("run-20", "run-21", "run-20")
    ]
    built["hosts"][0]["other_results"] = [_other(22), _other(20, "compliant")]
    built["hosts"][1]["other_results"] = [{**_other(20), "finished_at": None}]
    written = forms(built)[form]
    for words in (
        "Unreachable in run run-22, 2026-11-22 10:00:00 UTC, later than this result",
        "Compliant in run run-20, 2026-11-20 10:00:00 UTC",
        "Unreachable in run run-20, which left no result",
    ):
        assert words in written
    assert written.count(", later than this result") == 1
    merged = (
        "Merged from 2 runs. 2 servers are in more than one: the newest verdict counts. 1 server could not be judged"
    )
    assert (merged in written) is (form != "csv")
    assert "Merged from" not in forms(report(result("wsus1")))[form]


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, ""),
        ({"upstream_server": "", "is_replica": False}, "Microsoft Update, with approvals of its own"),
        ({"upstream_server": "top\x1b", "is_replica": True}, r"top\x1b, as a replica"),
        ({"upstream_server": "top", "is_replica": None}, "top"),
        ({"upstream_server": None, "is_replica": True}, ""),
    ],
)
def test_what_a_server_synchronizes_from(facts: dict[str, t.Any], words: str) -> None:
    assert upstream_words(result("wsus1", wsus=facts)["host"]) == words
