# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The logs that the probe searched on a host, through the signatures of the rules.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import Context, scan_hits
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, compile_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import LogEvent
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import log_read_ids
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc

#: Compiled signatures by the SHA-256 of the rule that they come from.
_SIGNATURES: dict[str, tuple[Signature, ...]] = {}


@dataclasses.dataclass(frozen=True)
class Found:
    """What a rule's signatures found in a host's logs.

    Attributes:
        events: of each log that was read, oldest log first.
        healthy: when work was finished that the fault would have stopped, by log.
    """

    events: list[LogEvent]
    healthy: dict[str, list[datetime.datetime]]

    def healthy_at(self, logs: t.Container[str]) -> datetime.datetime | None:
        """When such work was last finished, by some of the logs."""
        return max((moment for log, moments in self.healthy.items() if log in logs for moment in moments), default=None)


def compile_logs(rules: RuleSet) -> None:
    """Compiles the signatures of all rules, so that worker processes inherit them."""
    for rule in rules.rules:
        _signatures(rule)


def search_logs(rule: Rule, readings: Readings) -> Found:
    """Searches what the probe brought of a rule's logs; a log that it was not asked for holds nothing."""
    found = Found([], {})
    for signature in _signatures(rule):
        for read_id in reversed(log_read_ids(rule, signature.log)):
            read = readings.read(read_id)
            if read["state"] != "ok":
                continue
            result = scan_hits(
                read["lines"], (signature,), _context(readings, read), read["head"] or "", truncated=read["truncated"]
            )
            found.events.extend(t.cast(LogEvent, event.as_dict()) for event in result.events)
            moments = (parse_utc(work.last) for work in result.healthy)
            found.healthy.setdefault(signature.log, []).extend(moment for moment in moments if moment)
    return found


def _signatures(rule: Rule) -> tuple[Signature, ...]:
    if rule.sha256 not in _SIGNATURES:
        _SIGNATURES[rule.sha256] = compile_signatures(rule.id, rule.logs)
    return _SIGNATURES[rule.sha256]


def _context(readings: Readings, read: t.Mapping[str, t.Any]) -> Context:
    return Context(
        source=read["path"],
        offset=datetime.timedelta(minutes=readings.probe["utc_offset_minutes"]),
        code_page=f"cp{readings.probe['ansi_code_page'] or 1252}",
    )
