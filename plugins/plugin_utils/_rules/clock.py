# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The host's clock beside the controller's.

PRIVATE to the collection: may change without notice.

Records, files and logs of one host are dated by that host's clock, so they are compared as they are, however wrong it
is. What two hosts say can be compared only by the difference.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

#: Kerberos, and with it a domain, stands no more than this.
MOST_SKEW = datetime.timedelta(minutes=5)


def clock_skew(readings: Readings, received: datetime.datetime) -> int | None:
    """How many seconds the host's clock is ahead of the controller's; None if the host's is no clock.

    Args:
        readings: an answer that came over the network.
        received: the controller's clock when it came. The probe looks at the clock last: only the way back is between.
    """
    return None if readings.now is None else round((readings.now - received).total_seconds())


def skew_evidence(readings: Readings, skew: int | None) -> list[dict[str, t.Any]]:
    """An entry that says how far the host's clock is off, and its zone; none for a difference that is no matter."""
    if readings.now is None or skew is None or abs(skew) <= MOST_SKEW.total_seconds():
        return []
    offset = readings.probe["utc_offset_minutes"]
    zone = f"UTC{'-' if offset < 0 else '+'}{abs(offset) // 60:02}:{abs(offset) % 60:02}"
    # Whole minutes: a number of seconds would differ from run to run and say no more.
    words = f"{abs(skew) // 60} minutes {'ahead' if skew > 0 else 'behind'} (local time is {zone})"
    return [
        {
            "source": "probe",
            "where": "clock",
            "expected": f"within {MOST_SKEW.seconds // 60} minutes of the controller's clock",
            "observed": words,
        }
    ]
