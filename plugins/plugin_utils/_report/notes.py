# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a reader must know beside a verdict: how old its facts are, and which waivers ran out.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, Host
from ansible_collections.unblock.updates.plugins.plugin_utils._report.text import one_line


def age_note(host: Host) -> str:
    """Returns when and where a host's facts were collected by hand; empty if they came over the network."""
    if "collected" not in host:
        return ""
    collected = host["collected"]
    days = collected["age_days"]
    where = f" on {collected['computer_name']}" if collected["computer_name"] else ""
    when = collected["at"].replace("T", " ").replace("Z", " UTC")
    return one_line(f"collected by hand{where}, {when}, {days} day{'' if days == 1 else 's'} before")


def waiver_notes(assessment: Assessment | None) -> list[str]:
    """Returns a sentence for each waiver that ran out."""
    expired = assessment.get("expired_waivers", []) if assessment is not None else []
    return [one_line(f"expired {waiver['expires']}: {waiver['reason']} ({waiver['owner']})") for waiver in expired]
