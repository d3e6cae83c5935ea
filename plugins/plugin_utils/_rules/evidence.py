# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a verdict rests on: where each deciding fact was read, what a treated host shows, what this one showed.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.conditions import describe, lookup, render
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import (
    Condition,
    Facts,
    FactSpec,
    Read,
    Row,
    Rule,
)
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import log_read_ids
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import DECIDING_LOGS, Event
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.templates import placeholders
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc

_SOURCES = {"reg_value": "registry", "reg_tree": "registry", "file": "file", "service": "service", "log": "log"}
_SEEN = ("data", "version", "status", "text")
_LONGEST_TEXT = 400
_MOST_EVENTS = 5

Entry = dict[str, t.Any]


class Evidence:
    """Collects the evidence of one rule on one host."""

    def __init__(
        self, rule: Rule, specs: t.Mapping[str, FactSpec], reads: t.Iterable[Read], readings: Readings
    ) -> None:
        """Args:
        specs: the facts that the rule may name.
        reads: the request that the readings answer.
        """
        self._rule = rule
        self._specs = specs
        self._reads = {read["id"]: read for read in reads}
        self._readings = readings
        self._expected = {condition.fact: describe(condition) for condition in rule.expected}

    def of_row(self, row: Row, facts: Facts) -> list[Entry]:
        """An entry for each place at which a deciding fact of the row was read."""
        entries: dict[tuple[str, str], Entry] = {}
        for name, expected in self._deciding(row).items():
            for entry in self._of_fact(self._specs[name], expected, lookup(facts, name)):
                entries.setdefault((entry["where"], entry["expected"]), entry)
        return list(entries.values())

    @staticmethod
    def of_events(events: t.Sequence[Event]) -> list[Entry]:
        """An entry for each of the latest events."""
        latest = sorted(events, key=lambda event: str(event["last"]))[-_MOST_EVENTS:]
        return [
            {
                "source": "log",
                "where": str(event["where"]),
                "expected": "no such event",
                "observed": str(event["excerpt"])[:_LONGEST_TEXT],
            }
            for event in latest
        ]

    def of_unread_logs(self) -> list[Entry]:
        """An entry for each log that decides and was not read to its end, and why: its silence proves nothing."""
        entries = []
        for log in self._rule.logs:
            if log in DECIDING_LOGS:
                current, older = log_read_ids(self._rule, log)
                entries += [self._unread(current), self._unread(older, may_be_absent=True)]
        return [entry for entry in entries if entry]

    def of_late_logs(self, begins: datetime.datetime | None, fixed_at: datetime.datetime) -> list[Entry]:
        """An entry for logs that were rolled over since the fix: they tell nothing about the time before they begin."""
        if begins is not None and begins <= fixed_at:
            return []
        observed = "no time at its beginning" if begins is None else f"begins at {format_utc(begins)}"
        expected = f"reaches back to {format_utc(fixed_at)}"
        return [{"source": "log", "where": self._logs(), "expected": expected, "observed": observed}]

    def _unread(self, read_id: str, may_be_absent: bool = False) -> Entry | None:
        answer = self._readings.read(read_id)
        state = answer["state"]
        where = answer.get("path") or "; ".join(answer.get("paths", ()))
        is_whole = state == "ok" and not answer["truncated"]
        # Where nothing could lie, nothing was missed.
        if is_whole or not where or (state == "absent" and may_be_absent):
            return None
        words = {
            "ok": "more hits than were sent, or a search that took too long: some are missing",
            "too_large": f"{answer.get('size', 0):.0f} bytes",
        }
        return {
            "source": "log",
            "where": where,
            "expected": "read to its end",
            "observed": f"{state}: {words[state]}" if state in words else self._observed(self._reads[read_id]),
        }

    def _deciding(self, row: Row) -> dict[str, str]:
        """The facts of the row's conditions, or else those that its reason names, with what is expected of them."""
        conditions = row.when or tuple(Condition(name, "known") for name in placeholders(row.reason))
        expected = {
            condition.fact: "known" if condition.op == "unknown" else describe(condition) for condition in conditions
        }
        return {name: self._expected.get(name, words) for name, words in expected.items()}

    def _of_fact(self, spec: FactSpec, expected: str, value: t.Any) -> t.Iterator[Entry]:
        if not spec.reads:
            where = self._logs() if spec.source == "log" else spec.where or spec.name
            yield {"source": spec.source, "where": where, "expected": expected, "observed": render(value)}
        for read in map(self._resolve, spec.reads):
            observed = self._observed(read)
            # A fact of several reads is what they say together; each of them shows only what it saw itself.
            if len(spec.reads) == 1 and value is not None and observed != render(value):
                observed = f"{render(value)} ({observed})"
            yield {
                "source": _SOURCES.get(read["op"], read["op"]),
                "where": self._where(read),
                "expected": expected,
                "observed": observed,
            }

    def _resolve(self, name: str) -> Read:
        return self._reads.get(name) or self._reads[f"{self._rule.id}.{name}"]

    def _logs(self) -> str:
        """The logs in which the symptom was looked for."""
        ids = [read_id for log in self._rule.logs if log in DECIDING_LOGS for read_id in log_read_ids(self._rule, log)]
        paths = [self._readings.read(read_id).get("path") for read_id in ids]
        return "; ".join(path for path in paths if path) or "no log was read"

    def _where(self, read: Read) -> str:
        if read["op"] == "reg_value":
            return f"{read['key']}\\{read['value']}"
        if read["op"] == "file":
            return str(self._readings.read(read["id"]).get("path") or read["path"])
        return str(read.get("key") or read.get("name"))

    def _observed(self, read: Read) -> str:
        """What one read saw, or why it saw nothing."""
        answer = self._readings.read(read["id"])
        words = str(answer["state"])
        if words == "ok":
            seen = (answer[name] for name in _SEEN if answer.get(name) is not None)
            words = render(next(seen, "present"))
        elif words != "absent" and "error" in answer:
            words = f"{words} ({answer['error']['number']}: {answer['error']['message']})"
        return words[:_LONGEST_TEXT]
