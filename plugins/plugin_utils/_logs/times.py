# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Times in flat text.

Four writers stamp their entries in five forms (blanks are gone in flat text):

- ``2008-06-1319:59:53:383`` WindowsUpdate.log, local time; ``2008-06-1402:59:57.642utc`` SoftwareDistribution.log
- ``<thujun1218:53:52.6082008...>`` wsyncmgr.log, local time; the zone's name follows, in the system's language
- ``<06-12-200818:53:52.608+300>`` wsyncmgr.log, newer: local time and the minutes to add for UTC
- ``<time="18:53:52.608+300"date="06-12-2008"`` the ``<![LOG[`` frame, the same bias
- ``gmtdate=thujun1218:53:52.6082008`` in status messages, UTC

The agent writes its offset from UTC when it starts: ``loggedinitialized(build:...,tz:+0530)``.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypeVar

_CLOCK = rb"(?P<%b>\d\d)[:.](?P<%b>\d\d)[:.](?P<%b>\d\d)(?:[:.,](?P<%b>\d{3}))?"
_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()


def _clock(suffix: bytes) -> bytes:
    return _CLOCK % tuple(name + suffix for name in (b"h", b"m", b"s", b"f"))


_STAMP = re.compile(
    rb"(?P<y1>(?:19|20)\d\d)-(?P<o1>\d\d)-(?P<d1>\d\d)" + _clock(b"1") + rb"(?P<utc1>utc)?"
    rb"|(?P<gmt2>gmtdate=)?(?:mon|tue|wed|thu|fri|sat|sun)?(?P<name2>" + b"|".join(_MONTHS) + rb")(?P<d2>[0-3]?\d)"
    + _clock(b"2") + rb"(?P<y2>(?:19|20)\d\d)"
    rb"|(?P<o3>\d\d)-(?P<d3>\d\d)-(?P<y3>(?:19|20)\d\d)" + _clock(b"3") + rb"(?P<bias3>[+-]\d{1,4})?"
    rb'|time="' + _clock(b"4") + rb'(?P<bias4>[+-]\d{1,4})?"date="(?P<o4>\d\d?)-(?P<d4>\d\d?)-(?P<y4>(?:19|20)\d\d)"'
)
_OFFSET = re.compile(rb"tz:([+-])(\d\d)(\d\d)\)")


# Visible characters in which an entry's time is looked for: after it, and before it in two steps.
_NEAR, _FAR = 300, 3000

T = TypeVar("T")


@dataclass(frozen=True)
class Stamp:
    """A time found in flat text, from ``start`` to ``end``. ``utc`` tells whether ``moment`` (without zone) is UTC."""

    start: int
    end: int
    moment: datetime
    utc: bool

    def in_utc(self, offset: timedelta | None) -> Stamp:
        """Return this time in UTC by the clock's ``offset`` (east is positive), itself if that is unknown."""
        if self.utc or offset is None:
            return self
        try:
            return Stamp(self.start, self.end, self.moment - offset, True)
        except OverflowError:
            return self

    def text(self) -> str:
        """Return ISO 8601; only a UTC time ends in ``Z``, a local one names no zone."""
        return self.moment.isoformat(timespec="milliseconds") + ("Z" if self.utc else "")

    def aware(self) -> datetime:
        """Return the time with zone UTC, also for a local time: for comparisons that allow for the difference."""
        return self.moment.replace(tzinfo=timezone.utc)


def stamps(flat: bytes, start: int = 0, end: int | None = None) -> Iterator[Stamp]:
    """Yield the times in ``flat[start:end]``; what only looks like a time (month 13) is left out."""
    for match in _STAMP.finditer(flat, max(start, 0), len(flat) if end is None else end):
        stamp = _stamp(match)
        if stamp:
            yield stamp


def entry_stamp(flat: bytes, index: int, end: int, after: bool) -> Stamp | None:
    """Return the time of the entry that holds ``flat[index:end]``; it stands before the text, or ``after`` it."""
    stamp = next(stamps(flat, end, end + _NEAR), None) if after else None
    return (
        stamp or last_item(stamps(flat, index - _NEAR, index)) or last_item(stamps(flat, index - _FAR, index - _NEAR))
    )


def last_offset(flat: bytes) -> timedelta | None:
    """Return the last offset from UTC that the agent wrote."""
    match = last_item(_OFFSET.finditer(flat))
    if match is None:
        return None
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return offset if match[1] == b"+" else -offset


def last_item(items: Iterable[T]) -> T | None:
    """Return the last of some items, None if there is none."""
    kept = deque(items, 1)
    return kept[0] if kept else None


def _stamp(match: re.Match[bytes]) -> Stamp | None:
    form = next(number for number in "1234" if match["h" + number] is not None)
    names = match.groupdict()
    month = _MONTHS.index(names["name2"]) + 1 if form == "2" else int(names["o" + form])
    year, day, hour, minute, second = (int(names[key + form]) for key in "ydhms")
    bias = names.get("bias" + form)
    try:
        moment = datetime(year, month, day, hour, minute, second, int(names["f" + form] or 0) * 1000)
        moment += timedelta(minutes=int(bias or 0))
    except (ValueError, OverflowError):
        return None
    return Stamp(match.start(), match.end(), moment, bool(bias or names["utc1"] or names["gmt2"]))
