# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The assessment of one host by one rule.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import holds, lookup
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.decision import decide
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.evidence import Evidence
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.inventory import Inventory
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Facts, Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.record import record_facts
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import build_reads, log_read_ids
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import (
    DECIDING_LOGS,
    Event,
    is_silent_since,
    summarise,
    verification,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc


def assess_rule(
    rule: Rule,
    rules: RuleSet,
    readings: Readings,
    facts: Facts,
    inventory: Inventory,
    events: t.Sequence[Event] = (),
    healthy_at: datetime.datetime | None = None,
    *,
    begins: datetime.datetime | None = None,
    since: datetime.datetime | None = None,
    probed: t.Sequence[Event] = (),
) -> dict[str, t.Any]:
    """Judges one host by one rule.

    Args:
        rule: the rule.
        rules: the set that it comes from, for its product.
        readings: what the probe answered to C(build_reads()).
        facts: C(os) and the facts of the rule's product, as nested mappings under their own names.
        inventory: what the operator says.
        events: what the log code found for this advisory in the host's logs.
        healthy_at: when the host last finished work that the fault would have stopped; UTC.
        begins: when the last of the logs that decide begins, UTC; None if one of them does not say.
        since: time of the fix by the operator's word, UTC by the host's clock, instead of any source of the rule.
        probed: what was met from outside and no log of the host tells; its evidence is the caller's.

    Returns:
        The contract's assessment: C(advisory), C(status), C(action), C(reason), C(next_step), C(symptom),
        C(verification), C(evidence); and C(fixed_at), the time of the fix if the verdict says that there is one.
    """
    searched = was_searched(rule, readings)
    known = {**facts, **inventory.facts(), **record_facts(readings, rule), "probe": {"wow64": readings.wow64}}
    fixed_at = since or time_of_fix(rule, known)
    symptom = summarise(
        [*events, *probed],
        fixed_at=fixed_at,
        now=readings.now,
        days=inventory.symptom_days,
        searched=searched,
        begins=begins,
    )
    known["symptom"] = {"after_fix": symptom.after_fix}
    decision = decide(rule, known)
    verified = verification(
        decision.row.verification,
        decision.status,
        silent=is_silent_since(symptom.as_dict(), fixed_at),
        fixed_at=fixed_at,
        healthy_at=healthy_at,
    )
    products = [rules.products["host"], rules.products[rule.product]]
    evidence = Evidence(rule, rules.facts_for(rule.product), build_reads(products, [rule]), readings)
    return {
        "advisory": rule.id,
        "status": decision.status,
        "action": decision.action,
        "reason": decision.reason,
        "next_step": decision.next_step,
        "symptom": symptom.as_dict(),
        "verification": verified,
        "fixed_at": format_utc(fixed_at) if fixed_at and verified != "not_attempted" else None,
        "evidence": [
            *evidence.of_row(decision.row, known),
            *evidence.of_unread_logs(),
            *(evidence.of_late_logs(begins, fixed_at) if searched and verified == "pending" and fixed_at else ()),
            *evidence.of_events(events),
        ],
    }


def time_of_fix(rule: Rule, facts: Facts) -> datetime.datetime | None:
    """When the fix that is in force was made, by the first of the rule's sources that holds and is known."""
    holding = (source for source in rule.fixed_at if all(holds(condition, facts) for condition in source.when))
    moments = (parse_utc(lookup(facts, source.fact)) for source in holding)
    return next((moment for moment in moments if moment is not None), None)


def was_searched(rule: Rule, readings: Readings) -> bool:
    """Whether the logs that decide were read to their end. A log that is not where it should be was not read."""
    logs = [log for log in rule.logs if log in DECIDING_LOGS]
    return bool(logs) and all(_was_read_whole(rule, log, readings) for log in logs)


def _was_read_whole(rule: Rule, log: str, readings: Readings) -> bool:
    current, older = (readings.read(read_id) for read_id in log_read_ids(rule, log))
    is_current_whole = current["state"] == "ok" and not current.get("truncated")
    is_older_whole = older["state"] == "absent" or (older["state"] == "ok" and not older.get("truncated"))
    return is_current_whole and (is_older_whole or "older" not in rule.logs[log])
