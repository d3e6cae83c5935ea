# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Events: marks that stand together are one fault, and a fault is one event however many lines it fills."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.matcher import Found
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.reader import decode
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.signatures import Signature
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Stamp

MOST_EVENTS = 50
MOST_IDS = 200
MOST_EXCERPT = 2000
_MOST_OPEN = 8
_AROUND = 200
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe]+")
# A local clock is at most 14 hours ahead of UTC and 12 behind it.
_BEHIND = timedelta(hours=12)


@dataclass(frozen=True)
class Event:
    """What a signature found: one fault, or in a log with very many of them the rest of them in the last event.

    ``first`` and ``last`` are ISO 8601 or None; they end in ``Z`` if they are UTC, else they are the log's local time.
    ``where`` is ``SOURCE:LINE``; ``excerpt`` has at most 2000 characters and is what somebody else wrote: untrusted.
    """

    advisory: str
    log: str
    confidence: str
    first: str | None
    last: str | None
    count: int
    fault_ids: tuple[str, ...]
    where: str
    excerpt: str

    def as_dict(self) -> dict[str, object]:
        """Return the contract's form."""
        return {**vars(self), "fault_ids": list(self.fault_ids)}


@dataclass
class Fault:
    """Marks taken to be of one fault, by name."""

    marks: dict[str, Found] = field(default_factory=dict)
    end: int = 0
    first: Stamp | None = None
    last: Stamp | None = None
    threads: set[bytes] = field(default_factory=set)

    def add(self, mark: Found) -> None:
        """Take in a mark of a name that is not yet here."""
        self.marks[mark.name] = mark
        self.end = max(self.end, mark.position)
        if mark.thread:
            self.threads.add(mark.thread)
        if mark.stamp and (self.first is None or mark.stamp.moment < self.first.moment):
            self.first = mark.stamp
        if mark.stamp and (self.last is None or mark.stamp.moment > self.last.moment):
            self.last = mark.stamp

    def kinship(self, mark: Found) -> int:
        """Return 1 if a thread of this fault wrote the mark, -1 if another thread did, 0 if the log does not tell."""
        if not mark.thread or not self.threads:
            return 0
        return 1 if mark.thread in self.threads else -1


class Grouping:
    """Puts the marks of one signature together to faults.

    Entries of two faults may be interleaved and each may have lost some: a mark goes to the fault that lacks it and is
    near in place and time; of several to one of its own thread, then to the most complete one, then to the newest. What
    another thread wrote refutes nothing. Evidence that says the same again is passed over until the fault is complete.

    A log that was cut begins within a fault, and the next one must not complete it: what stands out of the writer's
    order begins a fault of its own. Only what remains of two in the end is put together: the lines of one may have been
    put into another order.
    """

    def __init__(self, signature: Signature) -> None:
        self._signature = signature
        self._open: list[Fault] = []
        self._order = {name: place for place, name in enumerate(signature.marks)}

    def add(self, marks: Iterable[Found]) -> Iterator[Fault]:
        """Take marks in the order of the log; yield the faults that can get no more."""
        for mark in marks:
            near = [fault for fault in self._open if self._is_near(fault, mark)]
            fitting = [fault for fault in near if self._lacks(fault, mark)]
            if mark.name in self._signature.sought:
                fitting = [fault for fault in fitting if self._follows(fault, mark)]
            elif not fitting and any(self._waits(fault) for fault in near):
                continue
            best = max(reversed(fitting), key=lambda fault: (fault.kinship(mark), len(fault.marks)), default=None)
            if best is None:
                best = Fault()
                self._open.append(best)
            best.add(mark)
            far = [fault for fault in self._open if mark.position - fault.end > self._signature.reach]
            for fault in far or self._open[:-_MOST_OPEN]:
                yield from self._close(fault)

    def rest(self) -> Iterator[Fault]:
        """Yield the faults that are still open at the end of the log."""
        while self._open:
            yield from self._close(self._open[0])

    def _close(self, fault: Fault) -> Iterator[Fault]:
        self._open.remove(fault)
        other = next((other for other in self._open if self._completes(fault, other)), None)
        if other is None:
            yield fault
            return
        for mark in fault.marks.values():
            other.add(mark)

    def _completes(self, fault: Fault, other: Fault) -> bool:
        names = fault.marks.keys() | other.marks.keys()
        return (
            len(names) == len(fault.marks) + len(other.marks)
            and not names & self._signature.refuted
            and self._waits(fault)
            and self._waits(other)
            and all(self._is_near(fault, mark) for mark in other.marks.values())
        )

    def _lacks(self, fault: Fault, mark: Found) -> bool:
        return mark.name not in fault.marks and not (mark.name in self._signature.refuted and fault.kinship(mark) < 0)

    def _follows(self, fault: Fault, mark: Found) -> bool:
        places = (self._order[name] for name in fault.marks if name not in self._signature.refuted)
        return self._order[mark.name] >= max(places, default=0)

    def _waits(self, fault: Fault) -> bool:
        return self._signature.confidence(fault.marks) != "certain"

    def _is_near(self, fault: Fault, mark: Found) -> bool:
        if mark.position - fault.end > self._signature.reach:
            return False
        if not mark.stamp or not fault.first or not fault.last:
            return True
        reach = self._signature.reach_time
        return fault.first.moment - reach <= mark.stamp.moment <= fault.last.moment + reach


class Events:
    """Collects the events of one log: those not older than ``since``, a bounded number, each fault counted.

    :param source: name of the log, for ``where``.
    :param since: UTC; a fault is dropped if even the latest reading of its time is before it. No time: it stays.
    """

    def __init__(self, source: str, code_page: str, since: datetime | None) -> None:
        self._source = source
        self._code_page = code_page
        self._since = since
        self._kinds: dict[tuple[str, str, str], _Kind] = {}

    def add(self, signature: Signature, fault: Fault) -> None:
        """Judge a fault by its signature and keep what is certain or possible."""
        confidence = signature.confidence(fault.marks)
        if confidence is None:
            return
        if fault.last and self._since and latest(fault.last) < self._since:
            return
        kind = self._kinds.setdefault((signature.advisory, signature.log, confidence), _Kind())
        ids = dict.fromkeys(mark.fault_id for mark in fault.marks.values() if mark.fault_id)
        first = fault.first.text() if fault.first else None
        last = fault.last.text() if fault.last else None
        if len(kind.events) == MOST_EVENTS:
            kind.fold(last, ids)
            return
        mark = min(fault.marks.values(), key=lambda found: found.position)
        event = Event(
            advisory=signature.advisory,
            log=signature.log,
            confidence=confidence,
            first=first,
            last=last,
            count=1,
            fault_ids=tuple(ids),
            where=f"{self._source}:{mark.buffer.line_at(mark.index)}",
            excerpt=_excerpt(fault, self._code_page),
        )
        kind.events.append((mark.position, event))

    def all(self) -> tuple[Event, ...]:
        """Return the events in the order of the log."""
        placed = [item for kind in self._kinds.values() for item in kind.all()]
        return tuple(event for dummy, event in sorted(placed, key=lambda item: item[0]))


@dataclass
class _Kind:
    """Events of one advisory, log and confidence with their places; what comes after them is folded into the last."""

    events: list[tuple[int, Event]] = field(default_factory=list)
    folded: int = 0
    last: str | None = None
    ids: dict[str, None] = field(default_factory=dict)

    def fold(self, last: str | None, ids: dict[str, None]) -> None:
        self.folded += 1
        self.last = last or self.last
        if len(self.ids) < MOST_IDS:
            self.ids.update(ids)

    def all(self) -> list[tuple[int, Event]]:
        if not self.folded:
            return self.events
        position, event = self.events[-1]
        ids = tuple(dict.fromkeys((*event.fault_ids, *self.ids)))[:MOST_IDS]
        rest = replace(event, last=self.last or event.last, count=1 + self.folded, fault_ids=ids)
        return [*self.events[:-1], (position, rest)]


def latest(stamp: Stamp) -> datetime:
    """Return the latest UTC time that a stamp can mean: a local one may be up to 12 hours behind."""
    try:
        return stamp.aware() if stamp.utc else stamp.aware() + _BEHIND
    except OverflowError:
        return stamp.aware()


def _excerpt(fault: Fault, code_page: str) -> str:
    parts: list[str] = []
    length = 0
    shown: tuple[int, int] = (-1, 0)
    for mark in sorted(fault.marks.values(), key=lambda found: found.position):
        begin, stop = mark.buffer.lines(mark.index, mark.end, _AROUND)
        if shown[0] == mark.buffer.start:
            begin = max(begin, shown[1])
        if begin >= stop:
            continue
        shown = (mark.buffer.start, stop)
        text = _CONTROL.sub("", decode(mark.buffer.text(begin, stop), code_page))
        text = "\n".join(line.strip() for line in text.split("\n") if line.strip())
        text = text[: MOST_EXCERPT - length]
        if text:
            parts.append(text)
            length += len(text) + 1
        if length >= MOST_EXCERPT:
            break
    return "\n".join(parts)
