# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the package that cures an advisory, if the rule asks for it on the host."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible.utils.display import Display

from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HOST_ARGUMENT_SPEC, HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import operator_rules, read_inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.host_state import Onlooker
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.hotfix import Hotfix
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import remedy, remedy_result
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.plan import Options
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Fix, Rule, RuleSet

display = Display()


class ActionModule(HostAction):
    """C(unblock.updates.hotfix), documented in ``plugins/modules/hotfix.py``."""

    ARGUMENT_SPEC: t.ClassVar[dict[str, t.Any]] = {
        **HOST_ARGUMENT_SPEC,
        "accept_irreversible": {"type": "bool", "default": False},
        "action": {"type": "str", "required": True, "choices": ["apply_kb954960", "apply_kb954474", "upgrade_wsus"]},
        "advisory": {"type": "str", "required": True},
        "as_system": {"type": "bool", "default": False},
        "install_timeout": {"type": "float", "default": 3600.0},
        "packages": {"type": "dict"},
        "run_id": {"type": "str"},
        "wait_for_installer": {"type": "float", "default": 600.0},
    }

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = self.read_arguments(task_vars)
        variable = self.variables(task_vars)
        host = str(task_vars["inventory_hostname"])
        rules = operator_rules(None, variable)
        rule, fix = _find(rules, arguments["advisory"], arguments["action"])
        inventory = read_inventory(variable, host)
        options = self._options(arguments, variable)
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                onlooker = Onlooker(shell, rule, rules, inventory, options.timeout)
                done = Hotfix(onlooker, fix, options, lambda words: display.display(f"{host}: {words}")).run()
        except HostError as exc:
            lost = remedy(rule.id, fix.action, rule.version, "failed", f"{exc.observed}.", exc.next_step)
            return {**result, **self.error_result(exc), "changed": False, "remedy": lost}
        return {**result, **remedy_result(done)}

    def _options(self, arguments: t.Mapping[str, t.Any], variable: t.Callable[[str], t.Any]) -> Options:
        for name, least in (("install_timeout", 1), ("wait_for_installer", 0)):
            if arguments[name] < least:
                raise AnsibleActionFail(f"{name} must be at least {least} seconds, not {arguments[name]}")
        packages = arguments["packages"]
        return Options(
            packages=variable("unblock_packages") if packages is None else packages,
            run_id=arguments["run_id"],
            timeout=arguments["timeout"],
            install_timeout=arguments["install_timeout"],
            wait_for_installer=arguments["wait_for_installer"],
            as_system=arguments["as_system"],
            accept_irreversible=arguments["accept_irreversible"],
            check_mode=bool(self._task.check_mode),
        )


def _find(rules: RuleSet, advisory: str, action: str) -> tuple[Rule, Fix]:
    rule = next((rule for rule in rules.rules if rule.id == advisory), None)
    if rule is None:
        raise AnsibleActionFail(f"no rule is called {advisory}, only {', '.join(rule.id for rule in rules.rules)}")
    if action not in rule.fixes:
        known = ", ".join(rule.fixes) or "nothing"
        raise AnsibleActionFail(f"rule {advisory} does not carry out {action} by a package, only {known}")
    return rule, rule.fixes[action]
