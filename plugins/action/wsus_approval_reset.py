# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resets the approvals of one update on a WSUS 3.0 server."""

from __future__ import annotations

import typing as t
import uuid

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import read_inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.approval_reset import (
    ApprovalReset,
    Options,
    Result,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import remedy_result
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules


class ActionModule(HostAction):
    """C(unblock.updates.wsus_approval_reset), documented in ``plugins/modules/wsus_approval_reset.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "approve_as": {"type": "str", "choices": ["not_approved", "install"], "default": "not_approved"},
        "managed_wsus": {"type": "bool", "default": False},
        "run_id": {"type": "str"},
        "title": {"type": "str", "default": "Office 2003 Service Pack 1"},
        "update_id": {"type": "str"},
        "use_helper": {"type": "bool", "default": False},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = self.read_arguments(task_vars)
        inventory = read_inventory(self.variables(task_vars), str(task_vars["inventory_hostname"]))
        options = Options(
            title=_one_line("title", arguments["title"]),
            update_id=_update_id(arguments["update_id"]),
            approve_as=arguments["approve_as"],
            managed_wsus=arguments["managed_wsus"],
            run_id=arguments["run_id"],
            timeout=arguments["timeout"],
            check_mode=bool(self._task.check_mode),
            use_helper=arguments["use_helper"],
        )
        reset = ApprovalReset(load_rules(), inventory, options)
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                reset.run(shell)
        except HostError as exc:
            reset.fail(exc)
            result |= {**_described(reset.result), "error": exc.as_dict()}
            if exc.unreachable and not reset.result.begun:
                result = {**result, "failed": False, "unreachable": True}
            return {**result, "changed": reset.result.begun}
        return {**result, **_described(reset.result)}


def _described(result: Result) -> dict[str, t.Any]:
    return {
        **remedy_result(result.remedy),
        "wsus_update": {"before": result.before, "after": result.after},
        "replica": {
            "before": result.replica_before,
            "during": result.replica_during,
            "after": result.replica_after,
        },
        "steps": result.steps,
    }


def _one_line(name: str, value: str) -> str:
    if not value.strip() or not value.isprintable():
        raise AnsibleActionFail(f"{name} must be one line of text, not {value!r}")
    return value


def _update_id(value: str | None) -> str | None:
    try:
        return None if value is None else str(uuid.UUID(value))
    except ValueError:
        raise AnsibleActionFail(f"update_id must be a GUID, not {value!r}") from None
