# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: the hours of the week in which hosts may be changed.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import dataclasses
import datetime
import re
import typing as t
import zoneinfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_KEYS = frozenset({"days", "from", "to", "timezone"})
_CLOCK = re.compile(r"([01]?[0-9]|2[0-4]):([0-5][0-9])")
_DAY = 24 * 60


class WindowError(Exception):
    """A window cannot be understood; the text names the entry and what is wrong with it."""


@dataclasses.dataclass(frozen=True)
class Window:
    """Hours of some days of the week.

    Attributes:
        days: on which it opens, 0 is Monday.
        opens: minutes after midnight.
        closes: minutes after the same midnight; above 1440 on the day after.
        zone: whose clock counts.
    """

    days: frozenset[int]
    opens: int
    closes: int
    zone: zoneinfo.ZoneInfo

    def is_open(self, now: datetime.datetime) -> bool:
        """Whether it is open at a moment (aware)."""
        today = now.astimezone(self.zone).date()
        return any(
            day.weekday() in self.days and self._at(day, self.opens) <= now < self._at(day, self.closes)
            for day in (today - datetime.timedelta(days=1), today)
        )

    def _at(self, day: datetime.date, minutes: int) -> datetime.datetime:
        days, minutes = divmod(minutes, _DAY)
        clock = datetime.time(minutes // 60, minutes % 60, tzinfo=self.zone)
        # In UTC: differences within one zone would leave out that its clock is put forward and back.
        moment = datetime.datetime.combine(day + datetime.timedelta(days=days), clock)
        return moment.astimezone(datetime.timezone.utc)


def read_windows(value: t.Any, name: str = "remediate_window") -> tuple[Window, ...]:
    """Windows from what stands in a variable.

    Args:
        value: a list of mappings. C(from) and C(to) are times of the day such as C(22:00), the last is C(24:00); a
            C(to) that is not later than C(from) is of the next day. Without quotation marks, YAML makes numbers of
            minutes of some times; they are taken for what they look like. C(days) are those on which the window opens,
            C(mon) to C(sun), every day by default; C(timezone) is C(UTC) by default.
        name: what the variable is called.

    Raises:
        WindowError: for the first entry that is wrong.
    """
    if not isinstance(value, list):
        raise WindowError(f"{name} must be a list of windows, not {value!r}")
    return tuple(_window(entry, f"{name}[{place}]") for place, entry in enumerate(value))


def _window(entry: t.Any, name: str) -> Window:
    if not isinstance(entry, dict) or not {"from", "to"} <= entry.keys() <= _KEYS:
        raise WindowError(f"{name} must have from and to, may have days and timezone, and nothing else: {entry!r}")
    opens, closes = _minutes(entry["from"], f"{name}.from"), _minutes(entry["to"], f"{name}.to")
    if opens in (closes, _DAY):
        raise WindowError(f"{name} is never open from {entry['from']} to {entry['to']}; a whole day is 00:00 to 24:00")
    return Window(
        days=_days(entry.get("days", list(DAYS)), f"{name}.days"),
        opens=opens,
        closes=closes if closes > opens else closes + _DAY,
        zone=_zone(entry.get("timezone", "UTC"), f"{name}.timezone"),
    )


def _minutes(value: t.Any, name: str) -> int:
    match = _CLOCK.fullmatch(str(value))
    # YAML 1.1 reads 22:00 as a number to the base of 60.
    minutes = int(match[1]) * 60 + int(match[2]) if match else value
    if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= _DAY:
        raise WindowError(f"{name} must be a time of the day such as 22:00, not {value!r}")
    return int(minutes)


def _days(value: t.Any, name: str) -> frozenset[int]:
    if not isinstance(value, list) or not value or not all(day in DAYS for day in value):
        raise WindowError(f"{name} must be a list of {', '.join(DAYS)}, not {value!r}")
    return frozenset(DAYS.index(day) for day in value)


def _zone(value: t.Any, name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(str(value))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise WindowError(
            f"{name} must be a time zone that the controller knows, such as Europe/Berlin, not {value!r} "
            "(the controller needs the package tzdata of the system or of Python)"
        ) from None
