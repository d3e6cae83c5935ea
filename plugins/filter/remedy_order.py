# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that orders the hosts of a run."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.order import Member, OrderError, order_members


def remedy_order(value: t.Any, serial: t.Any = None, canary: t.Any = 0) -> dict[str, t.Any]:
    """C(unblock.updates.remedy_order), documented in ``remedy_order.yml``."""
    sizes = list(serial) if isinstance(serial, (list, tuple)) else [] if serial is None else [serial]
    try:
        order = order_members([_member(host) for host in value], sizes, canary)
    except OrderError as exc:
        raise AnsibleFilterError(f"remedy_order: {exc}") from exc
    except (AttributeError, KeyError, TypeError) as exc:
        raise AnsibleFilterError(f"remedy_order needs a list of hosts, each with a name: {exc!r}") from exc
    return {
        "order": order.order,
        "levels": order.levels,
        "batches": order.batches,
        "canary": order.canary,
        "parents": order.parents,
        "problems": order.problems,
        "notes": order.notes,
    }


def _member(host: t.Mapping[str, t.Any]) -> Member:
    wsus, configmgr = host.get("wsus") or {}, host.get("configmgr") or {}
    return Member(
        name=host["name"],
        aliases=tuple(alias for alias in host.get("aliases") or () if alias),
        upstream=wsus.get("upstream_server"),
        replica=wsus.get("is_replica"),
        inventory_upstream=host.get("wsus_upstream"),
        inventory_replica=host.get("wsus_replica"),
        site=configmgr.get("site_code"),
        parent_site=configmgr.get("parent_site_code"),
        judged=bool(host.get("judged", True)),
        treated=bool(host.get("actions")),
    )


class FilterModule:
    """The filter C(remedy_order)."""

    def filters(self) -> dict[str, t.Callable[..., t.Any]]:
        """The filters of this file by name."""
        return {"remedy_order": remedy_order}
