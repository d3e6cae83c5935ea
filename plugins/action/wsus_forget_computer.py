# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removes one computer from the list of a WSUS server."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError, printable
from ansible_collections.unblock.updates.plugins.plugin_utils._host.workspace import Workspace
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.wsus_api import WsusApi, find_api_dll
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

_MOST_NAME = 255


class ActionModule(HostAction):
    """C(unblock.updates.wsus_forget_computer), documented in ``plugins/modules/wsus_forget_computer.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "client_id": {"type": "str", "required": True},
        "computer_name": {"type": "str", "required": True},
        "run_id": {"type": "str"},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        arguments = self.read_arguments(task_vars or {})
        name = _one_line(arguments, "computer_name")
        client_id = _one_line(arguments, "client_id")
        if self._task.check_mode:
            return {**result, "changed": True, "msg": f"{name} would be removed if the list holds it."}
        timeout = arguments["timeout"]
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                readings = Readings(probe.ask(shell, reads_for(load_rules(), ["wsus"]), timeout))
                api_dll = find_api_dll(shell, readings)
                with Workspace.open(shell, run_id=arguments["run_id"], timeout=timeout) as workspace:
                    forgotten = WsusApi(workspace, api_dll, timeout).forget(client_id, name)
        except HostError as exc:
            return {**result, **self.error_result(exc), "changed": False}
        told = {**result, "changed": forgotten.removed, "found": forgotten.found}
        if forgotten.removed:
            return {**told, "msg": f"{name} was removed from the list."}
        if forgotten.found is None:
            return {**told, "msg": f"{name} is not in the list."}
        found = printable(forgotten.found, _MOST_NAME)
        return {**told, "failed": True, "msg": f"the computer with this id is called {found}, not {name}: left alone"}


def _one_line(arguments: t.Mapping[str, t.Any], name: str) -> str:
    value: str = arguments[name]
    if not value.strip() or not value.isprintable() or len(value) > _MOST_NAME:
        raise AnsibleActionFail(f"{name} must be one line of at most {_MOST_NAME} characters, not {value[:80]!r}")
    return value
