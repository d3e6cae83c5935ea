# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the turn of a host has come to nothing: what became of the hosts before it decides.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

#: What can have become of a host whose turn it was.
DONE, FAILED, SKIPPED = "done", "failed", "skipped"

_OF_PARENT = {
    FAILED: "was not remedied",
    SKIPPED: "was skipped",
    None: "could not be judged or left the run",
}


def reason_to_hold(
    name: str,
    parents: t.Sequence[str],
    canary: t.Collection[str],
    hosts: int,
    outcomes: t.Mapping[str, str],
    max_fail_percentage: float = 100,
) -> str:
    """Why a host must not be treated now; empty if it may.

    Args:
        name: C(inventory_hostname).
        parents: the hosts above it whose outcome counts.
        canary: the hosts that went ahead to be watched.
        hosts: how many the run was to treat.
        outcomes: C(done), C(failed) or C(skipped) for each host whose turn has been.
        max_fail_percentage: the share of C(hosts) that may fail. One more, and the rest is left alone.
    """
    for parent in parents:
        outcome = outcomes.get(parent)
        if outcome != DONE:
            return f"{parent} above it {_OF_PARENT.get(outcome, _OF_PARENT[None])}, and goes first"
    failed = [host for host, outcome in outcomes.items() if outcome == FAILED]
    lost = [host for host in canary if host in failed]
    if lost and name not in canary:
        return f"{', '.join(lost)} went ahead as canary and failed"
    if 100 * len(failed) > max_fail_percentage * hosts:
        return (
            f"{len(failed)} of {hosts} hosts failed ({', '.join(failed)}), "
            f"more than the {max_fail_percentage:g} % that unblock_max_fail_percentage allows"
        )
    return ""
