# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From facts to a verdict.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import holds
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Facts, Row, Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.templates import fill


@dataclasses.dataclass(frozen=True)
class Decision:
    """What the first matching row says, with the facts filled in."""

    row: Row
    status: str
    action: str
    reason: str
    next_step: str


def decide(rule: Rule, facts: Facts) -> Decision:
    """Judges one host.

    Args:
        rule: a rule that the loader has checked, so its last row always matches.
        facts: nested mappings; what could not be read is None or not there.
    """
    row = next(row for row in rule.decision if all(holds(condition, facts) for condition in row.when))
    return Decision(row, row.status, row.action, fill(row.reason, facts), fill(row.next_step, facts))
