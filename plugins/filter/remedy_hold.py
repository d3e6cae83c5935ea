# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that holds hosts back."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.hold import reason_to_hold


def remedy_hold(
    value: t.Mapping[str, t.Any], host: str, outcomes: t.Mapping[str, str], max_fail_percentage: t.Any = 100
) -> str:
    """C(unblock.updates.remedy_hold), documented in ``remedy_hold.yml``."""
    try:
        return reason_to_hold(
            name=host,
            parents=value["parents"][host],
            canary=value["canary"],
            hosts=len(value["order"]),
            outcomes=outcomes,
            max_fail_percentage=float(max_fail_percentage),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise AnsibleFilterError(f"remedy_hold needs an order that holds {host!r}, and a percentage: {exc!r}") from exc


class FilterModule:
    """The filter C(remedy_hold)."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filters of this file by name."""
        return {"remedy_hold": remedy_hold}
