# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers the facts C(wsus) of a Windows host."""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import read_inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import wsus_facts


class ActionModule(HostAction):
    """C(unblock.updates.wsus_facts), documented in ``plugins/modules/wsus_facts.py``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = self.read_arguments(task_vars)
        inventory = read_inventory(self.variables(task_vars), task_vars["inventory_hostname"])
        product = load_rules().products["wsus"]
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                answer = probe.ask(shell, reads_for(load_rules(), ["wsus"]), arguments["timeout"])
        except HostError as exc:
            return {**result, **self.error_result(exc)}
        facts = wsus_facts(Readings(answer), product, inventory)
        return {**result, "changed": False, "ansible_facts": {"wsus": facts}}
