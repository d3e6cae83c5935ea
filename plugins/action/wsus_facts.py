# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gathers the facts C(wsus) of a Windows host."""

from __future__ import annotations

import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._facts_action import FactsAction
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Product
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.wsus import wsus_facts


class ActionModule(FactsAction):
    """C(unblock.updates.wsus_facts), documented in ``plugins/modules/wsus_facts.py``."""

    PRODUCT: t.ClassVar[str] = "wsus"

    def gather(self, shell: Shell, readings: Readings, product: Product, inventory: Inventory) -> dict[str, t.Any]:
        return wsus_facts(readings, product, inventory)
