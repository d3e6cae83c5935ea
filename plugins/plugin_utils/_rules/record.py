# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection left on a host when it treated it.

PRIVATE to the collection: may change without notice.

The value C(Record) is one JSON object, C({"action": "apply_rtm_workaround", "time": "2026-11-21T10:00:00Z"}); the value
C(Journal) is there only while an approval reset is under way, or after one was interrupted.
"""

from __future__ import annotations

import json
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Read, Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

#: Key of what the collection writes about an advisory on a host.
KEY = r"HKLM\SOFTWARE\unblock\updates"


def record_reads(rule_id: str) -> tuple[Read, ...]:
    """The reads C(RULE.record) and C(RULE.journal)."""
    return tuple(
        {"id": f"{rule_id}.{value.lower()}", "op": "reg_value", "key": f"{KEY}\\{rule_id}", "value": value}
        for value in ("Record", "Journal")
    )


def record_facts(readings: Readings, rule: Rule) -> dict[str, dict[str, t.Any]]:
    """The facts C(record.action) (C(none) where nothing is recorded), C(record.time) and C(journal.present)."""
    return {
        "record": _record(readings, f"{rule.id}.record"),
        "journal": {"present": _present(readings, f"{rule.id}.journal")},
    }


def _record(readings: Readings, read_id: str) -> dict[str, t.Any]:
    if readings.is_absent(read_id):
        return {"action": "none", "time": None}
    try:
        record = json.loads(readings.text(read_id) or "")
        action, moment = record["action"], parse_utc(record["time"])
    except (ValueError, TypeError, KeyError, RecursionError):
        action, moment = None, None
    # A record without a time could not tell a later symptom from an earlier one.
    is_usable = isinstance(action, str) and moment is not None
    return {"action": action if is_usable else None, "time": format_utc(moment) if is_usable and moment else None}


def _present(readings: Readings, read_id: str) -> bool | None:
    return {"ok": True, "absent": False}.get(readings.state(read_id))
