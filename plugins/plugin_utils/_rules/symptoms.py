# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the events in a host's logs say about the symptom, before and after the fix.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import typing as t

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import format_utc, is_after, parse_utc

#: An event of the log code: C(log), C(confidence), C(first), C(last), C(count), C(fault_ids), C(where), C(excerpt), ...
Event = t.Mapping[str, t.Any]

#: Logs in which the advisory's evidence stands by itself. A client's log names a fault that has other causes, too.
DECIDING_LOGS = ("server", "site")

#: In the place of a log: what C(sync_probe) met when it asked as a client would.
PROBE = "sync_probe"

_DECIDING = (*DECIDING_LOGS, PROBE)


@dataclasses.dataclass(frozen=True)
class Symptom:
    """The symptom on one host.

    Attributes:
        seen: whether it is certain; None if the logs could not be searched to their end.
        suspected: whether something points to it that is not certain; None likewise.
        first: earliest known time of what was counted.
        last: latest known time of what was counted.
        count: how often the symptom was seen or, if it was not, suspected.
        after_fix: whether it was certainly seen later than the fix; None if that is not known.
        searched_from: from when on the logs that decide are whole; None if that is not known.
    """

    seen: bool | None
    suspected: bool | None
    first: str | None
    last: str | None
    count: int
    after_fix: bool | None
    searched_from: str | None

    def as_dict(self) -> dict[str, t.Any]:
        """The contract's C(symptom) and, beyond it, what a proof rests on."""
        return dataclasses.asdict(self)


def is_certain(event: Event, events: t.Sequence[Event]) -> bool:
    """Whether an event by itself, or paired with the server's log by its fault id, shows the symptom for certain."""
    if event["log"] in _DECIDING:
        return bool(event["confidence"] == "certain")
    server_ids = {fault_id for other in events if other["log"] == "server" for fault_id in other["fault_ids"]}
    return not server_ids.isdisjoint(event["fault_ids"])


def summarise(
    events: t.Sequence[Event],
    *,
    fixed_at: datetime.datetime | None,
    now: datetime.datetime | None,
    days: float,
    searched: bool,
    begins: datetime.datetime | None = None,
) -> Symptom:
    """Sums up the events of one advisory on one host.

    A log that was rolled over proves nothing about the time before its first entry. Silence counts if the logs reach
    back to the fix. It counts, too, if they cover the last C(days): the fault is no single event but comes again with
    every search of a client that it concerns, about daily, and the contract looks no farther back where it knows no
    time of a fix. Without that second way each server that was treated long ago would become unknown when its logs are
    rolled over. A proof asks for more, see ``is_silent_since``.

    Args:
        events: from every log that was read, a client's among them.
        fixed_at: time of the fix; None if it is not known.
        now: the host's clock.
        days: without a time of the fix, symptoms of so many last days count as later.
        searched: whether the logs that decide were read to their end: only then is silence an answer.
        begins: when the last of these logs begins; None if one does not say.
    """
    certain = [event for event in events if is_certain(event, events)]
    others = [event for event in events if event not in certain]
    lately = now - datetime.timedelta(days=days) if now else None
    since = fixed_at or lately
    reach = max((moment for moment in (since, lately) if moment), default=None)
    is_covered = searched and begins is not None and reach is not None and begins <= reach
    counted = certain or others
    firsts = [moment for event in counted if (moment := parse_utc(event["first"]))]
    lasts = [moment for event in counted if (moment := parse_utc(event["last"]))]
    silent = False if searched else None
    return Symptom(
        seen=True if certain else silent,
        suspected=bool(others) if certain or others else silent,
        first=format_utc(min(firsts)) if firsts else None,
        last=format_utc(max(lasts)) if lasts else None,
        count=sum(int(event["count"]) for event in counted),
        after_fix=_after(certain, others, since, is_covered),
        searched_from=format_utc(begins) if searched and begins else None,
    )


def _after(
    certain: t.Sequence[Event], others: t.Sequence[Event], since: datetime.datetime | None, is_covered: bool
) -> bool | None:
    if any(_is_later(event, since) is True for event in certain):
        return True
    # An event without a time, or a half-seen one in a log that decides, leaves the question open.
    doubtful = [*certain, *(event for event in others if event["log"] in _DECIDING)]
    return None if not is_covered or any(_is_later(event, since) is not False for event in doubtful) else False


def _is_later(event: Event, since: datetime.datetime | None) -> bool | None:
    last = parse_utc(event["last"])
    return None if last is None or since is None else is_after(last, since)


def is_silent_since(symptom: t.Mapping[str, t.Any], fixed_at: datetime.datetime | None) -> bool:
    """Whether the logs are whole from the fix on and show no certain symptom: what a proof needs, whoever brings it.

    Args:
        symptom: as ``Symptom.as_dict`` gives it.
        fixed_at: time of the fix.
    """
    begins = parse_utc(symptom.get("searched_from"))
    is_whole = fixed_at is not None and begins is not None and begins <= fixed_at
    return is_whole and symptom.get("after_fix") is False


def verification(
    stated: str,
    status: str,
    *,
    silent: bool,
    fixed_at: datetime.datetime | None,
    healthy_at: datetime.datetime | None,
) -> str:
    """How far a fix is verified.

    Args:
        stated: what the row of the decision says beyond its status.
        status: the verdict's status.
        silent: what ``is_silent_since`` says.
        fixed_at: time of the fix.
        healthy_at: time of the last work that the fault would have stopped.

    Returns:
        C(not_attempted), C(pending), C(contradicted) or C(proven).
    """
    word = stated or ("pending" if status == "compliant" else "not_attempted")
    is_later = fixed_at is not None and healthy_at is not None and is_after(healthy_at, fixed_at)
    return "proven" if word == "pending" and status == "compliant" and silent and is_later else word
