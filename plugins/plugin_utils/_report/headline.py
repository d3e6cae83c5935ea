# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The report in plain sentences: where the estate stands, what that means and what to do next.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from typing import NamedTuple

from ansible_collections.unblock.updates.plugins.plugin_utils._report.labels import ACTION_LABELS
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Report
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import UNJUDGED


class Headline(NamedTuple):
    """The sentences at the top of a report, and their tone (ok, bad, doubt)."""

    tone: str
    sentence: str
    meaning: str
    next_step: str


def headline(report: Report) -> Headline:
    """Returns the sentences that head a report."""
    summary = report["summary"]
    hosts, blocked = summary["hosts"], summary["blocked"]
    unjudged = sum(count for status, count in summary["by_status"].items() if status in UNJUDGED)
    waived = summary["by_status"].get("waived", 0)
    if not hosts:
        return Headline("doubt", "This run covered no servers.", "", "Check the inventory group of the play.")
    if blocked:
        doubt = f" {_servers(unjudged)} could not be judged." if unjudged else ""
        work = _work(summary["by_action"])
        return Headline(
            "bad",
            f"{_share(blocked, hosts)} still cannot deliver updates.{doubt}",
            "This is not a vulnerability in itself, but it keeps security updates from the clients of these servers.",
            f"{work}. The row of each server gives the exact command." if work else "The row of each server names it.",
        )
    if unjudged:
        return Headline(
            "doubt",
            f"No server{' without a waiver' if waived else ''} is known to be blocked. "
            f"{_share(unjudged, hosts)} could not be judged.",
            "What could not be read is never counted as compliant.",
            "Make these servers readable; the row of each says how.",
        )
    if waived:
        return Headline(
            "doubt",
            f"No server without a waiver is kept from delivering updates. Under a waiver: {_share(waived, hosts)}.",
            "Somebody answers for these servers until the waiver's last day.",
            "Treat these servers before that day; the row of each names it.",
        )
    return Headline(
        "ok",
        "No server of this run is kept from delivering updates by these advisories.",
        "",
        "Nothing is left to do; run the report again after the next change.",
    )


def _servers(count: int) -> str:
    return "1 server" if count == 1 else f"{count} servers"


def _share(count: int, total: int) -> str:
    if total == 1:
        return "The one server of this run"
    return f"{count} of {total} servers"


def _work(by_action: dict[str, int]) -> str:
    return ", ".join(
        f"{ACTION_LABELS[name]} ({_servers(count)})" for name, count in by_action.items() if name != "none"
    )
