# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for people: what the contract's words are called, and how a page marks them.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from typing import NamedTuple


class Mark(NamedTuple):
    """How a status is shown: a word, an icon of the page's set and a tone (ok, bad, warn, doubt, quiet)."""

    label: str
    icon: str
    tone: str


MARKS = {
    "unreachable": Mark("Unreachable", "plug", "doubt"),
    "error": Mark("Error", "alert", "doubt"),
    "fix_failed": Mark("Fix failed", "alert", "bad"),
    "unknown": Mark("Unknown", "question", "doubt"),
    "non_compliant": Mark("Non-compliant", "cross", "bad"),
    "would_fix": Mark("Would be fixed", "wrench", "warn"),
    "fixed_pending_reboot": Mark("Fixed, restart pending", "clock", "warn"),
    "fixed": Mark("Fixed", "check", "ok"),
    "waived": Mark("Waived", "flag", "quiet"),
    "compliant": Mark("Compliant", "check", "ok"),
    "not_applicable": Mark("Not applicable", "minus", "quiet"),
}
ACTION_LABELS = {
    "apply_kb954960": "Apply KB954960",
    "apply_rtm_workaround": "Apply the RTM workaround",
    "upgrade_wsus": "Upgrade WSUS",
    "apply_kb954474": "Apply KB954474",
    "investigate": "Investigate",
    "none": "None",
}
RELEASE_LABELS = {
    **{release: f"WSUS {release}" for release in ("2.0", "2.0 SP1", "3.0", "3.0 SP1", "3.0 SP2", "4.0+")},
    **{release: f"ConfigMgr {release}" for release in ("2007", "2007 SP1", "2007 SP2", "2012+")},
    "not_installed": "Not installed",
    "unknown": "Unknown",
}
VERIFICATION_LABELS = {
    "proven": "Proven by later traffic",
    "pending": "Pending: no later traffic has shown it yet",
    "contradicted": "Contradicted by a later symptom",
    "not_attempted": "Not attempted",
}
PROBE_LABELS = {
    "healthy": "Healthy",
    "blocked": "Blocked",
    "inconclusive": "Inconclusive",
    "refused": "Refused",
    "unreachable": "Unreachable",
    None: "Would be asked",
}
OUTCOME_LABELS = {
    "changed": "Carried out",
    "would_change": "Would be carried out",
    "unchanged": "Nothing to do",
    "reboot_required": "Carried out, restart needed",
    "failed": "Failed",
    "skipped": "Skipped",
}
