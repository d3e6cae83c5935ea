# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator says about a host, because nothing on the host does.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import typing as t

RTM_STRATEGIES = ("workaround", "upgrade")


@dataclasses.dataclass(frozen=True)
class Inventory:
    """The variables that rules and facts depend on; None is: nobody said.

    Attributes:
        host: C(inventory_hostname).
        office_2003: C(unblock_office_2003).
        rtm_strategy: C(remediate_rtm_strategy), one of C(workaround) and C(upgrade).
        wsus_upstream: C(unblock_wsus_upstream).
        wsus_replica: C(unblock_wsus_replica).
        symptom_days: C(unblock_symptom_days), days.
    """

    host: str
    office_2003: bool | None = None
    rtm_strategy: str = "workaround"
    wsus_upstream: str | None = None
    wsus_replica: bool | None = None
    symptom_days: float = 7.0

    def __post_init__(self) -> None:
        if self.rtm_strategy not in RTM_STRATEGIES:
            known = " or ".join(RTM_STRATEGIES)
            raise ValueError(f"remediate_rtm_strategy must be {known}, not {self.rtm_strategy!r}")
        if not 0 < self.symptom_days <= 36500:
            raise ValueError(f"unblock_symptom_days must be above 0 and at most 36500 days, not {self.symptom_days!r}")

    def facts(self) -> dict[str, dict[str, t.Any]]:
        """The facts that conditions know these by."""
        return {
            "host": {"name": self.host},
            "operator": {"office_2003": self.office_2003, "rtm_strategy": self.rtm_strategy},
        }
