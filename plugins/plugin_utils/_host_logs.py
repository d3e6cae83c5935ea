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

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.scan import SKEW, Context, ScanResult, scan_hits
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature, compile_signatures
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import LogEvent
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.model import Rule, RuleSet
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.request import LOG_SCAN_BYTES, log_read_ids
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import parse_utc

#: Compiled signatures by the SHA-256 of the rule that they come from.
_SIGNATURES: dict[str, tuple[Signature, ...]] = {}


@dataclasses.dataclass(frozen=True)
class Found:
    """What a rule's signatures found in a host's logs.

    Attributes:
        events: of each log that was read, oldest log first.
        healthy: when work was finished that the fault would have stopped, by log.
        begins: from when on its files tell what happened, by log; None if none of them says.
    """

    events: list[LogEvent]
    healthy: dict[str, list[datetime.datetime]]
    begins: dict[str, datetime.datetime | None]

    def healthy_at(self, logs: t.Container[str]) -> datetime.datetime | None:
        """When such work was last finished, by some of the logs."""
        return max((moment for log, moments in self.healthy.items() if log in logs for moment in moments), default=None)

    def begins_at(self, logs: t.Container[str]) -> datetime.datetime | None:
        """From when on all of some logs tell what happened; None if one of them does not say."""
        moments = [moment for log, moment in self.begins.items() if log in logs]
        known = [moment for moment in moments if moment]
        return max(known) if known and len(known) == len(moments) else None


def compile_logs(rules: RuleSet) -> None:
    """Compiles the signatures of all rules, so that worker processes inherit them."""
    all_signatures(rules)


def all_signatures(rules: RuleSet) -> tuple[Signature, ...]:
    """The signatures of all rules."""
    return tuple(signature for rule in rules.rules for signature in _signatures(rule))


def log_read(read_id: str, path: str, signatures: t.Iterable[Signature], max_bytes: int) -> dict[str, t.Any]:
    """The read for the probe of one log: those of its lines that a signature needs, the last C(max_bytes) of them."""
    return {
        "id": read_id,
        "op": "log",
        "paths": [path],
        "anchors": list(dict.fromkeys(anchor for signature in signatures for anchor in signature.anchors)),
        "max_bytes": max_bytes,
        "max_scan_bytes": LOG_SCAN_BYTES,
    }


def search_read(
    readings: Readings,
    read: t.Mapping[str, t.Any],
    signatures: t.Sequence[Signature],
    since: datetime.datetime | None = None,
    skew: datetime.timedelta = SKEW,
) -> ScanResult:
    """Searches the lines of a log that the probe sent.

    Args:
        readings: the whole answer: times become UTC by the host's present offset.
        read: that of the log, with C(state) C(ok).
        signatures: those for whose anchors the probe looked.
        since: see Context; by the host's clock, but for C(skew).
        skew: how far the clock that C(since) is of may be off the host's.
    """
    context = Context(
        source=read["path"],
        since=since,
        skew=skew,
        offset=datetime.timedelta(minutes=readings.probe["utc_offset_minutes"]),
        code_page=f"cp{readings.probe['ansi_code_page'] or 1252}",
    )
    found = scan_hits(read["lines"], signatures, context, read["head"] or "", truncated=read["truncated"])
    if read.get("ended"):
        # The newest entries are those that nobody has seen, wherever the log begins.
        return dataclasses.replace(found, incomplete="its search took too long and was ended")
    return found


def search_logs(rule: Rule, readings: Readings) -> Found:
    """Searches what the probe brought of a rule's logs; a log that it was not asked for holds nothing."""
    found = Found([], {}, {})
    for signature in _signatures(rule):
        for read_id in reversed(log_read_ids(rule, signature.log)):
            read = readings.read(read_id)
            if read["state"] != "ok":
                continue
            result = search_read(readings, read, (signature,))
            found.events.extend(t.cast(LogEvent, event.as_dict()) for event in result.events)
            found.begins[signature.log] = found.begins.get(signature.log) or parse_utc(result.first_time)
            moments = (parse_utc(work.last) for work in result.healthy)
            found.healthy.setdefault(signature.log, []).extend(moment for moment in moments if moment)
    return found


def without_excerpt(event: LogEvent) -> LogEvent:
    """The event without its lines of the log."""
    return t.cast(LogEvent, {key: value for key, value in event.items() if key != "excerpt"})


def _signatures(rule: Rule) -> tuple[Signature, ...]:
    if rule.sha256 not in _SIGNATURES:
        _SIGNATURES[rule.sha256] = compile_signatures(rule.id, rule.logs)
    return _SIGNATURES[rule.sha256]
