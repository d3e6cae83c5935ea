# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Moments: UTC or nothing."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.times import (
    format_utc,
    is_after,
    parse_moment,
    parse_utc,
)


@pytest.mark.parametrize("text", ["2008-07-15T09:30:00Z", "2008-07-15T09:30:00.642000Z", "2000-02-29T00:00:00Z"])
def test_there_and_back(text: str) -> None:
    moment = parse_utc(text)
    assert moment is not None and format_utc(moment) == text


def test_a_moment_in_another_zone_is_written_in_utc() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    assert format_utc(datetime.datetime(2008, 7, 15, 1, 30, tzinfo=zone)) == "2008-07-14T23:30:00Z"


@pytest.mark.parametrize(
    "text",
    ["", "2008-07-15", "2008-07-15T09:30:00", "2008-07-15T09:30:00+02:00", "2008-13-15T09:30:00Z",
     "2007-02-29T00:00:00Z", "2008-07-15T09:30:00Z ", None, 5],
)  # fmt: skip
def test_anything_else_is_no_moment(text: object) -> None:
    assert parse_utc(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-21T10:00:00Z", "2026-11-21T10:00:00Z"),
        (" 2026-11-21t10:00z", "2026-11-21T10:00:00Z"),
        ("2026-11-21T11:00:00+01:00", "2026-11-21T10:00:00Z"),
        ("2026-11-21 04:30:00-05:30", "2026-11-21T10:00:00Z"),
        ("2026-11-21T10:00:00.250+00:00", "2026-11-21T10:00:00.250000Z"),
    ],
)
def test_what_a_person_writes(text: str, moment: str) -> None:
    assert format_utc(parse_moment(text)) == moment


@pytest.mark.parametrize("text", ["", "now", "2026-11-21", "2026-11-21T10:00:00", "2026-02-30T10:00:00Z", "1763719200"])
def test_a_time_of_no_ones_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no time with its offset from UTC, such as 2026-11-21T10:00:00Z"):
        parse_moment(text)


@pytest.mark.parametrize(
    ("moment", "mark", "after"),
    [
        ("2008-07-15T09:30:00.251Z", "2008-07-15T09:30:00.250Z", True),
        ("2008-07-15T09:30:00.250Z", "2008-07-15T09:30:00.250Z", False),
        # What is dated to the second can have been at the end of that second.
        ("2008-07-15T09:30:00.999Z", "2008-07-15T09:30:00Z", False),
        ("2008-07-15T09:30:01Z", "2008-07-15T09:30:00Z", True),
        ("2008-07-15T09:29:59Z", "2008-07-15T09:30:00Z", False),
    ],
)
def test_later_is_what_is_later_for_certain(moment: str, mark: str, after: bool) -> None:
    later, earlier = parse_utc(moment), parse_utc(mark)
    assert later is not None and earlier is not None and is_after(later, earlier) is after


@pytest.mark.parametrize("year", ["0001", "1601", "3000", "9999"])
def test_what_no_clock_of_such_a_host_shows_is_no_moment(year: str) -> None:
    assert parse_utc(f"{year}-01-01T00:00:00Z") is None
    with pytest.raises(ValueError, match="is no time with its offset"):
        parse_moment(f"{year}-01-01T00:00:00+01:00")
