# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Active probes in the report: what each saw, and what they left on the server.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Host, SyncProbe
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line


def host_probes(host: Host) -> list[SyncProbe]:
    """Returns the probes of a server, in the order in which it was asked."""
    return host.get("sync_probes", [])


def probe_time(probe: SyncProbe) -> str:
    """Returns when a probe ended, by the clock of the machine that asked; empty if nothing was sent."""
    return one_line(probe.get("finished_at", "")).replace("T", " ").replace("Z", " UTC")


def probe_result(probe: SyncProbe) -> str:
    """Returns what a probe saw, or what it would send."""
    return "; ".join(probe["would_send"]) if probe["outcome"] is None else probe["reason"]


def probe_words(probe: SyncProbe) -> str:
    """Returns what a probe saw and when, or what it would send, in one line."""
    begin = "would send" if probe["outcome"] is None else f"{probe['outcome']}, {probe_time(probe)}"
    return one_line(f"{begin}: {probe_result(probe)}")


def computer_note(host: Host) -> str:
    """Returns what became of the computer that the probes are to the server; empty if they left none."""
    left = [probe for probe in host_probes(host) if probe.get("changed")]
    if not left:
        return ""
    name = left[-1]["identity"]["computer_name"]
    stays = f"{name} stays in the list of the server"
    removal = left[-1].get("removal")
    if removal is None:
        return one_line(f"{stays} (id {left[-1]['identity']['client_id']}).")
    return one_line(removal["message"] if removal["removed"] else f"{stays}: {removal['message']}")


def probe_notes(host: Host) -> list[str]:
    """Returns a line for each probe, and one for what they left."""
    notes = [probe_words(probe) for probe in host_probes(host)]
    return [*notes, *filter(None, [computer_note(host)])]
