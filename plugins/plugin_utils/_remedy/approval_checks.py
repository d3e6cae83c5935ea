# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an update's approvals may be reset: what the API is documented to refuse is refused before any change.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, Layer
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.wsus_api import ApproveAs, Status, Update

#: Products that keep WSUS for themselves: nobody is to interfere without the word of whoever runs them.
_MANAGERS = {"configmgr2007": "Configuration Manager 2007", "sce2007": "System Center Essentials"}

_ADMINISTRATOR = "Administrator"


def manager(used_by: t.Sequence[str] | None) -> str:
    """A sentence on the product that manages WSUS on the host, without its end; empty if none does.

    Args:
        used_by: the fact C(wsus.used_by); what could not be read may be any product.
    """
    if used_by is None:
        return "Whether Configuration Manager or System Center Essentials manages WSUS here could not be read"
    names = [name for product, name in _MANAGERS.items() if product in used_by]
    return f"{' and '.join(names)} manages WSUS here" if names else ""


def require_administrator(host: str, status: Status) -> None:
    """Raises HostError unless the account may alter approvals."""
    role = status.server.user_role
    if role != _ADMINISTRATOR:
        raise refusal(
            host,
            f"the account's role is {role}, not {_ADMINISTRATOR}",
            "Put the account into the group WSUS Administrators or Administrators of the host.",
        )


def choose(host: str, status: Status, wanted: str) -> Update | None:
    """The update that is meant; None if the catalogue does not hold it.

    Args:
        host: for the error.
        status: what the server answered.
        wanted: how the operator called the update.

    Raises:
        HostError: if several updates have the title.
    """
    if len(status.updates) > 1:
        ids = ", ".join(update["id"] for update in status.updates[:5])
        raise refusal(
            host,
            f"the catalogue holds {len(status.updates)} updates {wanted}: {ids}",
            "Name the one that is meant by update_id (remediate_update_id in the role).",
        )
    return status.updates[0] if status.updates else None


def require_approvable(host: str, update: Update, approve_as: ApproveAs) -> None:
    """Raises HostError for an update that cannot be approved (MSDN: IUpdate.Approve)."""
    if update["expired"]:
        raise refusal(
            host,
            f"{named(update)} is expired, and an expired update cannot be approved",
            "Upgrade WSUS instead: set remediate_rtm_strategy to upgrade.",
        )
    if update["license_required"] and approve_as != "install":
        raise refusal(
            host,
            f"the licence of {named(update)} is not accepted, and without that it cannot be approved",
            "Accept it in the WSUS console, or set approve_as (remediate_approve_as in the role) to install.",
        )


def refusal(host: str, observed: str, next_step: str) -> HostError:
    """An error of the administration API."""
    return HostError(Layer.WSUS_API, host, observed, next_step)


def named(update: Update) -> str:
    """An update in words."""
    return f'"{update["title"]}" ({update["id"]})'
