# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(sync_probe) saw from outside, beside what the host itself shows.

PRIVATE to the collection: may change without notice.

The times of a probe are of the clock of whoever asked, taken for that of the controller; the host's facts are of the
host's clock. So a probe's times are shifted by what the two differ, and without that difference they are no times.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._report.errors import ReportError
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Evidence, LogEvent, SyncProbe
from ansible_collections.unblock.updates.plugins.plugin_utils._report.schema import SYNC_PROBES, check
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.symptoms import PROBE, Event, is_certain
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, parse_utc

#: The advisory whose fault a probe meets.
ADVISORY = "954960"

#: As host_result.schema.json bounds what a probe says.
_MOST_WORDS = 2000

_WORDS = ("reason", "next_step", "url")


class SyncProbeError(Exception):
    """The probes cannot be used; the text names the entry and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Seen:
    """What the probes of one server say about the fault.

    Attributes:
        events: a refusal for each one that the server's log does not hold.
        healthy_at: when the last walk began that came to its end, UTC by the host's clock; None if none did.
        evidence: an entry for each probe, and one for each fault id that was looked up.
    """

    events: list[Event]
    healthy_at: datetime.datetime | None
    evidence: list[Evidence]


def read_sync_probes(value: t.Any) -> list[SyncProbe]:
    """Probes from what a task was given.

    Args:
        value: a list of results of C(sync_probe), in the order in which it asked; what Ansible adds to one is left out.

    Raises:
        SyncProbeError: for the first entry that is wrong.
    """
    probes = [_plain(entry) for entry in value] if isinstance(value, list) else value
    try:
        check(probes, SYNC_PROBES)
    except ReportError as exc:
        raise SyncProbeError(f"sync_probes: {exc}") from exc
    return t.cast("list[SyncProbe]", probes)


def see(probes: t.Iterable[SyncProbe], events: t.Sequence[LogEvent], skew: datetime.timedelta | None) -> Seen:
    """Puts what the probes saw beside what the server's log holds.

    Args:
        probes: of one server; those that only say what they would send are passed over.
        events: what was found in the server's logs for the advisory.
        skew: how far the host's clock is ahead of the controller's; None if nobody compared them.
    """
    seen = Seen([], None, [])
    for probe in probes:
        if probe["outcome"] is None:
            continue
        seen.evidence.append(
            {
                "source": PROBE,
                "where": probe["url"],
                "expected": "healthy",
                "observed": f"{probe['outcome']} at {probe.get('finished_at')}: {probe['reason']}",
            }
        )
        if probe["outcome"] == "healthy":
            moments = (seen.healthy_at, _on_host(probe.get("started_at"), skew))
            seen = dataclasses.replace(seen, healthy_at=max(filter(None, moments), default=None))
        elif probe["outcome"] == "blocked":
            logged = _logged(probe, events)
            if probe.get("fault_id"):
                seen.evidence.append(_looked_up(str(probe["fault_id"]), logged))
            # The log's own entry tells the same with the host's own time: it is one refusal, not two.
            if logged is None or not is_certain(logged, events):
                seen.events.append(_refusal(probe, skew))
    return seen


def _plain(entry: t.Any) -> t.Any:
    if not isinstance(entry, dict):
        return entry
    known = {name: entry[name] for name in SyncProbe.__annotations__ if name in entry}
    cut = {name: known[name][:_MOST_WORDS] for name in _WORDS if isinstance(known.get(name), str)}
    return {**known, **cut}


def _logged(probe: SyncProbe, events: t.Iterable[LogEvent]) -> LogEvent | None:
    """The event in the server's log that has the fault's id; None for none."""
    of_server = (event for event in events if event["log"] == "server")
    return next((event for event in of_server if probe.get("fault_id") in event["fault_ids"]), None)


def _looked_up(fault_id: str, logged: LogEvent | None) -> Evidence:
    return {
        "source": "log",
        "where": logged["where"] if logged else "SoftwareDistribution.log",
        "expected": f"the fault {fault_id} of {PROBE}",
        "observed": "the same id: the pair is complete" if logged else "no symptom with this id in what was read",
    }


def _refusal(probe: SyncProbe, skew: datetime.timedelta | None) -> Event:
    moment = _on_host(probe.get("finished_at"), skew)
    at = format_utc(moment) if moment else None
    return {
        "log": PROBE,
        # Before it declares Office 2003, a client is refused for what concerns all clients.
        "confidence": "certain" if probe.get("office_2003") else "possible",
        "first": at,
        "last": at,
        "count": 1,
        "fault_ids": [probe["fault_id"]] if probe.get("fault_id") else [],
    }


def _on_host(text: str | None, skew: datetime.timedelta | None) -> datetime.datetime | None:
    moment = parse_utc(text)
    return moment + skew if moment is not None and skew is not None else None
