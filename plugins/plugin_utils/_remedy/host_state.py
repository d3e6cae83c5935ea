# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host as one rule sees it, before a fix and after it.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host import probe
from ansible_collections.unblock.updates.plugins.plugin_utils._host.connection import Shell
from ansible_collections.unblock.updates.plugins.plugin_utils._judge import Judgement, judge, reads_for
from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.outcome import Scalar
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import lookup, render
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Read, Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc
from ansible_collections.unblock.updates.plugins.plugin_utils._sms_provider import site_clients


@dataclasses.dataclass(frozen=True)
class HostState:
    """What was read of a host at one time, and the rule's verdict on it."""

    readings: Readings
    judgement: Judgement

    @property
    def verdict(self) -> Assessment:
        """The assessment by the rule."""
        return self.judgement.assessments[0]

    @property
    def kernel(self) -> tuple[int, int] | None:
        """The version of Windows, such as C((6, 0)); None if it could not be read."""
        parts = str(self.judgement.os["version"]).split(".")
        return (int(parts[0]), int(parts[1])) if len(parts) > 1 and all(map(str.isdigit, parts[:2])) else None

    @property
    def time(self) -> str | None:
        """The host's clock, UTC."""
        return format_utc(self.readings.now) if self.readings.now else None

    def shows(self, names: t.Iterable[str]) -> dict[str, Scalar]:
        """Facts by their dotted names; a list is shown as text."""
        facts = {"os": self.judgement.os, "wsus": self.judgement.wsus, "configmgr": self.judgement.configmgr}
        values = {name: lookup(facts, name) for name in names}
        return {name: render(value) if isinstance(value, list) else value for name, value in values.items()}


@dataclasses.dataclass(frozen=True)
class Onlooker:
    """Asks a host for what a rule wants to know, and judges it by that rule alone.

    Attributes:
        shell: an open shell on the host.
        rule: the rule.
        rules: the set that it comes from, for the products.
        inventory: what the operator says about the host.
        timeout: seconds that the probe may take.
    """

    shell: Shell
    rule: Rule
    rules: RuleSet
    inventory: Inventory
    timeout: float

    def look(self, extra: t.Iterable[Read] = ()) -> HostState:
        """Reads and judges the host.

        Args:
            extra: what is read beside what the rule asks for.

        Raises:
            HostError: if the host could not be read.
        """
        rules = RuleSet((self.rule,), self.rules.products)
        answer = probe.ask(self.shell, [*reads_for(rules), *extra], self.timeout)
        received = datetime.datetime.now(datetime.timezone.utc)
        readings = Readings(answer)
        clients = None
        if self.rule.product == "configmgr":
            clients = site_clients(self.shell, readings, self.rules.products["configmgr"])
        return HostState(readings, judge(answer, rules, self.inventory, clients, received=received))
