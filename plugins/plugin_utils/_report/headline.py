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
    if not hosts:
        return Headline("doubt", "This run covered no servers.", "", "Check the inventory group of the play.")
    if not blocked and not unjudged:
        return Headline(
            "ok",
            f"None of {_servers(hosts)} is kept from delivering updates by these advisories.",
            "",
            "Nothing is left to do; run the report again after the next change.",
        )
    doubt = f" {_servers(unjudged, capital=True)} could not be judged." if unjudged else ""
    if not blocked:
        return Headline(
            "doubt",
            f"No server is known to be blocked, but {_servers(unjudged)} of {hosts} could not be judged.",
            "What could not be read is never counted as compliant.",
            "Make these servers readable; the row of each says how.",
        )
    return Headline(
        "bad",
        f"{blocked} of {_servers(hosts)} still cannot deliver updates.{doubt}",
        "This is not a vulnerability in itself, but it keeps security updates from the clients of these servers.",
        f"{_work(summary['by_action'])} The row of each server gives the exact command.",
    )


def _servers(count: int, capital: bool = False) -> str:
    one = "One" if capital else "one"
    return f"{one} server" if count == 1 else f"{count} servers"


def _work(by_action: dict[str, int]) -> str:
    """Names the actions in the order in which fixing goes: repairs first, riddles last."""
    actions = [action for action in ACTION_LABELS if action not in ("none", "investigate")]
    steps = [f"{ACTION_LABELS[action]} on {_servers(by_action[action])}" for action in actions if action in by_action]
    if "investigate" in by_action:
        steps.append(f"Investigate {_servers(by_action['investigate'])}")
    return "; ".join(step[0].lower() + step[1:] if index else step for index, step in enumerate(steps)) + "."
