# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts judged by a file and waivers that ran out, in every form of the report."""

from __future__ import annotations

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.csv_file import render_csv
from ansible_collections.unblock.updates.plugins.plugin_utils._report.headline import headline
from ansible_collections.unblock.updates.plugins.plugin_utils._report.html import render_html
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Report
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
