# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What this collection left on a host when it treated it.

PRIVATE to the collection: may change without notice.

Each advisory has a key of its own with up to two values, JSON objects. C(Record) tells what was done; C(Journal) is
there only while an approval reset is under way, or after one was interrupted, and holds what is needed to end it.
"""

from __future__ import annotations

import json
import typing as t
import uuid

from ansible_collections.unblock.updates.plugins.plugin_utils._registry import KEY
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Read, Rule
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

RECORD = "Record"
JOURNAL = "Journal"


class Record(t.TypedDict):
    """A change that was made: the action, its end by the host's clock (UTC), the rule's version, the operator's run."""

    action: str
    time: str
    rule_version: str
    run_id: str | None


class ResetRecord(Record):
    """The record of an approval reset: which update it was."""

    update_id: str


class Journal(ResetRecord):
    """A reset that was begun; C(time) is that of its begin, C(replica) what the server is to be in the end."""

    replica: bool


def advisory_key(rule_id: str) -> str:
    """The registry key that holds record and journal of an advisory."""
    return rf"{KEY}\{rule_id}"


def record_reads(rule_id: str) -> tuple[Read, ...]:
    """The reads C(RULE.record) and C(RULE.journal)."""
    return tuple(
        {"id": f"{rule_id}.{value.lower()}", "op": "reg_value", "key": advisory_key(rule_id), "value": value}
        for value in (RECORD, JOURNAL)
    )


def record_facts(readings: Readings, rule: Rule) -> dict[str, dict[str, t.Any]]:
    """The facts C(record.action) (C(none) where nothing is recorded), C(record.time) and C(journal.present)."""
    return {
        "record": _record(readings, f"{rule.id}.record"),
        "journal": {"present": _present(readings, f"{rule.id}.journal")},
    }


def read_journal(readings: Readings, rule: Rule) -> Journal | None:
    """The journal of a reset that was interrupted; None if there is none.

    Raises:
        ValueError: if there is one that no reset writes; the text quotes it.
    """
    text = readings.text(f"{rule.id}.journal")
    if text is None:
        return None
    try:
        journal = json.loads(text)
        fits = (
            uuid.UUID(journal["update_id"]) and journal["replica"] in (True, False) and isinstance(journal["time"], str)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        fits = False
    if not fits:
        raise ValueError(f"{JOURNAL} holds {text[:200]}")
    return t.cast(Journal, journal)


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
