# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments as the collection writes them: UTC, ISO 8601, ending in Z.

PRIVATE to the collection: may change without notice.
"""

from __future__ import annotations

import datetime
import re

_UTC = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,6}))?Z")


def parse_utc(text: object) -> datetime.datetime | None:
    """Reads a moment from untrusted text; None for anything but a true moment in UTC."""
    match = _UTC.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    try:
        moment = datetime.datetime.fromisoformat(match.group(1))
    except ValueError:
        return None
    if not _is_sane(moment):
        return None
    microseconds = int((match.group(2) or "").ljust(6, "0"))
    return moment.replace(microsecond=microseconds, tzinfo=datetime.timezone.utc)


def parse_moment(text: str) -> datetime.datetime:
    """Reads what a person wrote: ISO 8601 with a C(Z) or an offset from UTC, C(2026-11-21T11:00:00+01:00).

    Raises:
        ValueError: for anything else, a time without an offset among it: nobody could tell whose clock it is of.
    """
    try:
        # Python reads the letter itself from 3.11 on.
        moment = datetime.datetime.fromisoformat(re.sub(r"[Zz]\Z", "+00:00", text.strip()))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not _is_sane(moment):
        raise ValueError(f"{text!r} is no time with its offset from UTC, such as 2026-11-21T10:00:00Z")
    return moment.astimezone(datetime.timezone.utc)


def _is_sane(moment: datetime.datetime) -> bool:
    """Whether it can be shifted by the difference of two clocks; what no clock of these hosts shows may not be."""
    return 1900 <= moment.year < 3000


def is_after(moment: datetime.datetime, mark: datetime.datetime) -> bool:
    """Whether a moment is certainly later than a mark; one without a fraction, as of a file, is that whole second."""
    return moment > mark if mark.microsecond else moment >= mark + datetime.timedelta(seconds=1)


def format_utc(moment: datetime.datetime) -> str:
    """Writes a moment, to the second or, if it has a fraction, to the microsecond."""
    return moment.astimezone(datetime.timezone.utc).replace(tzinfo=None).isoformat() + "Z"
