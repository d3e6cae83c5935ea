# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what the probe answered on a client to its server and its log. A client is not judged.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import search_logs
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import ClientFacts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.client import client_facts, client_log_state
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.clock import clock_skew
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.host import host_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import CLIENT_LOG, client_reads
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc


def reads_for_client(rules: RuleSet) -> list[dict[str, t.Any]]:
    """What to ask a client."""
    return client_reads(rules.products["host"], rules.products["client"], rules.rules)


def describe_client(
    answer: t.Mapping[str, t.Any], rules: RuleSet, inventory: Inventory, received: datetime.datetime
) -> ClientFacts:
    """What a client says.

    Args:
        answer: a checked answer to ``reads_for_client(rules)``.
        rules: those whose signatures its log is searched for.
        inventory: what the operator says about the client.
        received: the controller's clock when the answer came.
    """
    readings = Readings(answer)
    found = [search_logs(rule, readings) for rule in rules.rules]
    facts = client_facts(readings)
    synced = [moment for logs in found if (moment := logs.healthy_at((CLIENT_LOG,)))]
    return {
        "os": host_facts(readings),
        "wu_server": facts["wu_server"],
        "use_wu_server": facts["use_wu_server"],
        "log": client_log_state(rules.rules, readings),
        "last_sync": format_utc(max(synced)) if synced else None,
        "office_2003": inventory.office_2003,
        "clock_skew": clock_skew(readings, received),
        "events": [event for logs in found for event in logs.events],
    }
