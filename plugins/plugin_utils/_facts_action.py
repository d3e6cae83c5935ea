# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the actions that gather the facts of one product have in common.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import abc
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.action import HostAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._host.errors import HostError
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._operator import read_inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.loading import load_rules
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings


class FactsAction(HostAction):
    """Reads one product's facts in one exchange."""

    #: Name of the product file, and of the fact.
    PRODUCT: t.ClassVar[str]

    @abc.abstractmethod
    def gather(self, shell: Shell, readings: Readings, product: Product, inventory: Inventory) -> dict[str, t.Any]:
        """The product's facts.

        Args:
            shell: still open, for what the probe cannot read.
            readings: what the probe answered.
            product: the product file.
            inventory: what the operator says about the host.

        Raises:
            HostError: if the host could not be read.
        """

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result: dict[str, t.Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        arguments = self.read_arguments(task_vars)
        inventory = read_inventory(self.variables(task_vars), str(task_vars["inventory_hostname"]))
        rules = load_rules()
        try:
            with self.open_shell(arguments["connect_timeout"]) as shell:
                readings = Readings(probe.ask(shell, reads_for(rules, [self.PRODUCT]), arguments["timeout"]))
                facts = self.gather(shell, readings, rules.products[self.PRODUCT], inventory)
        except HostError as exc:
            return {**result, **self.error_result(exc)}
        return {**result, "changed": False, "ansible_facts": {self.PRODUCT: facts}}
