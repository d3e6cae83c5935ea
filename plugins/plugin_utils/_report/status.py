# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The status words of the report: their order, and how a host gets its own.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from collections.abc import Iterable

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Host

# Worst first. A host that nobody could reach says nothing at all, which beats whatever else is known of it.
STATUSES = (
    "unreachable",
    "error",
    "fix_failed",
    "unknown",
    "non_compliant",
    "would_fix",
    "fixed_pending_reboot",
    "fixed",
    "waived",
    "compliant",
    "not_applicable",
)
# In the order in which work goes: what is known to help first, riddles last.
ACTIONS = (
    "apply_kb954960",
    "apply_rtm_workaround",
    "upgrade_wsus",
    "apply_kb954474",
    "investigate",
    "none",
)

# A fix that waits for its restart has not replaced the loaded file yet: the server is still mute.
BLOCKED = frozenset({"fix_failed", "non_compliant", "would_fix", "fixed_pending_reboot"})
UNJUDGED = frozenset({"unreachable", "error", "unknown"})

_RANK = {status: rank for rank, status in enumerate(STATUSES)}


def worst(statuses: Iterable[str]) -> str:
    """Returns the worst of the statuses; of none at all, ``unknown``: nothing was judged.

    Raises:
        KeyError: a word is no status.
    """
    return min(statuses, key=_RANK.__getitem__, default="unknown")


def rank(status: str) -> int:
    """Returns the place of a status, 0 being the worst."""
    return _RANK[status]


def host_status(host: Host) -> str:
    """Returns the status that a host's error and assessments add up to, whatever its result claims."""
    if host["status"] == "unreachable":
        return "unreachable"
    if host["error"] is not None:
        return "error"
    return worst(assessment["status"] for assessment in host["assessments"])


def is_blocked(host: Host) -> bool:
    """Tells whether some advisory still keeps this server from delivering updates."""
    return any(assessment["status"] in BLOCKED for assessment in host["assessments"])
