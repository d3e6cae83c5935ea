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
from bisect import bisect_left
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypeVar

_MONTHS = b"jan feb mar apr may jun jul aug sep oct nov dec".split()
_TIME = re.compile(rb"(\d\d)[:.](\d\d)[:.](\d\d)(?:[:.,](\d{3}))?")
# What stands before the time of day (never longer than _LONGEST), and what after it where that is not all.
_BEFORE = re.compile(
    rb"(?:(?P<iso>(?P<y>(?:19|20)\d\d)-(?P<o>\d\d)-(?P<d>\d\d))"
    rb"|(?P<us>(?P<us_o>\d\d)-(?P<us_d>\d\d)-(?P<us_y>(?:19|20)\d\d))"
    rb"|(?P<gmt>gmtdate=)?(?:mon|tue|wed|thu|fri|sat|sun)?(?P<name>" + b"|".join(_MONTHS) + rb")(?P<name_d>[0-3]?\d)"
    rb'|time=")\Z'
)
_LONGEST = 16
_BIAS = re.compile(rb"[+-]\d{1,4}")
_YEAR = re.compile(rb"(?:19|20)\d\d")
_DATE = re.compile(rb'([+-]\d{1,4})?"date="(\d\d?)-(\d\d?)-((?:19|20)\d\d)"')
_OFFSET = re.compile(rb"tz:([+-])(\d\d)(\d\d)\)")


# Visible characters in which an entry's time is looked for, after it and before it.
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


def stamps(flat: bytes) -> Iterator[Stamp]:
    """Yield the times in flat text; what only looks like a time (month 13) is left out."""
    for clock in _TIME.finditer(flat):
        # An entry may be cut off inside its time, so a date may stand in what the time before it took in.
        before = _BEFORE.search(flat, max(clock.start() - _LONGEST, 0), clock.start())
        stamp = _stamp(flat, before, clock) if before else None
        if stamp:
            yield stamp


class Clock:
    """The times in a stretch of flat text, for the entries in it.

    :param after: a time stands after its entry's text, not before it.
    """

    def __init__(self, flat: bytes, after: bool) -> None:
        self._stamps = list(stamps(flat))
        self._starts = [stamp.start for stamp in self._stamps]
        self._after = after

    def at(self, index: int, end: int) -> Stamp | None:
        """Return the time of the entry that holds ``flat[index:end]``."""
        following = bisect_left(self._starts, end)
        if self._after and following < len(self._stamps) and self._starts[following] < end + _NEAR:
            return self._stamps[following]
        preceding = bisect_left(self._starts, index) - 1
        if preceding >= 0 and self._starts[preceding] > index - _FAR:
            return self._stamps[preceding]
        return None


def last_offset(flat: bytes, default: timedelta | None) -> timedelta | None:
    """Return the last offset from UTC that the agent wrote, ``default`` if it wrote none."""
    match = last_item(_OFFSET.finditer(flat))
    if match is None:
        return default
    offset = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return offset if match[1] == b"+" else -offset


def last_item(items: Iterable[T]) -> T | None:
    """Return the last of some items, None if there is none."""
    kept = deque(items, 1)
    return kept[0] if kept else None


def _stamp(flat: bytes, before: re.Match[bytes], clock: re.Match[bytes]) -> Stamp | None:
    end, bias, utc = clock.end(), None, False
    if before["iso"]:
        year, month, day = before["y"], int(before["o"]), before["d"]
        utc = flat.startswith(b"utc", end)
        end += len(b"utc") if utc else 0
    elif before["us"]:
        year, month, day = before["us_y"], int(before["us_o"]), before["us_d"]
        after = _BIAS.match(flat, end)
        bias, end = (after[0], after.end()) if after else (None, end)
    elif before["name"]:
        after = _YEAR.match(flat, end)
        if after is None:
            return None
        year, month, day = after[0], _MONTHS.index(before["name"]) + 1, before["name_d"]
        utc, end = bool(before["gmt"]), after.end()
    else:
        after = _DATE.match(flat, end)
        if after is None:
            return None
        bias, year, month, day, end = after[1], after[4], int(after[2]), after[3], after.end()
    hour, minute, second, fraction = clock.groups()
    try:
        moment = datetime(int(year), month, int(day), int(hour), int(minute), int(second), int(fraction or 0) * 1000)
        moment += timedelta(minutes=int(bias or 0))
    except (ValueError, OverflowError):
        return None
    return Stamp(before.start(), end, moment, utc or bias is not None)
