# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The time stamps of the writers, as they stand in flat text."""

from __future__ import annotations

from datetime import timedelta

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.flat import flatten
from ansible_collections.unblock.updates.plugins.plugin_utils._logs.times import Clock, last_offset, stamps


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2008-06-13\t19:59:53:383\t788\tee4\tPT", "2008-06-13T19:59:53.383"),
        ("2008-06-13    19:59:53.383  788", "2008-06-13T19:59:53.383"),
        ("2008-06-13 19:59:53,383 788", "2008-06-13T19:59:53.383"),
        ("2005-06-0118:30:03 992810Service", "2005-06-01T18:30:03.000"),
        ("2008-06-13 19.59.53.383 788", "2008-06-13T19:59:53.383"),
        ("2008-06-\n13 19:5\n9:53:383", "2008-06-13T19:59:53.383"),
        ("HTTP status code = 200\n2008-06-13 19:59:53:383", "2008-06-13T19:59:53.383"),
        ("12:2008-06-13 19:59:53:383", "2008-06-13T19:59:53.383"),
        ("2008-06-14 02:59:57.642 UTC Error", "2008-06-14T02:59:57.642Z"),
        ("2008-06-14 02:59:57,642 UTC-fejl w3wp.12", "2008-06-14T02:59:57.642Z"),
        ("$$<SMS_X><Fri Sep 03 12:23:46.229 1999 Central Daylight Time><thread=4>", "1999-09-03T12:23:46.229"),
        ("$$<SMS_X><Tue Jun  3 01:02:03.004 2008 Mitteleurop\u00e4ische Sommerzeit>", "2008-06-03T01:02:03.004"),
        ("$$<SMS_X><06-12-2008 18:53:52.608+300><thread=1>", "2008-06-12T23:53:52.608Z"),
        ("$$<SMS_X><06-12-2008 18:53:52.608-120><thread=1>", "2008-06-12T16:53:52.608Z"),
        ("08-14-2019 08:37:30.102 Synchronizing update", "2019-08-14T08:37:30.102"),
        ('<![LOG[x]LOG]!><time="08:51:08.954-570" date="8-1-2013" component="W">', "2013-07-31T23:21:08.954Z"),
        ("SITE=CS1 GMTDATE=Thu Jan 16 18:53:52.608 2014 ISTR0", "2014-01-16T18:53:52.608Z"),
    ],
)
def test_forms(text: str, expected: str) -> None:
    assert [stamp.text() for stamp in stamps(flatten(text.encode()))] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Date Time UTC Error",
        "2008-13-13 19:59:53:383",
        "2008-06-31 19:59:53",
        "2008-06-13 25:59:53",
        "version 5.8.0.2468",
        "08-99-2019 08:37:30.102",
        "0001-01-01 00:00:00",
    ],
)
def test_no_times(text: str) -> None:
    assert list(stamps(flatten(text.encode()))) == []


def test_an_entry_cut_off_inside_its_time() -> None:
    flat = flatten(b"2025-12-20 20:08:\n2008-06-14 02:59:57,642 UTC Error")
    assert [stamp.text() for stamp in stamps(flat)][-1] == "2008-06-14T02:59:57.642Z"


def test_offset_of_the_agent() -> None:
    flat = flatten(b"Logging initialized (build: 7.5, tz: +0530)  == Logging initialized (build: 7.5, tz: -0330)")
    assert last_offset(flat, None) == -timedelta(hours=3, minutes=30)
    assert last_offset(flat[:50], None) == timedelta(hours=5, minutes=30)
    assert last_offset(b"", timedelta(hours=1)) == timedelta(hours=1)


def test_utc() -> None:
    (local,) = stamps(b"2008-06-1319:59:53:383")
    assert local.in_utc(None) is local
    assert local.in_utc(timedelta(hours=-7)).text() == "2008-06-14T02:59:53.383Z"
    (utc,) = stamps(b"2008-06-1402:59:57.642utc")
    assert utc.in_utc(timedelta(hours=-7)) is utc


def test_side_of_the_entry() -> None:
    flat = flatten(b"2008-06-13 19:59:53 one 2008-06-13 20:00:00 two")
    one, two = flat.index(b"one"), flat.index(b"two")

    def at(after: bool, index: int) -> str | None:
        stamp = Clock(flat, after).at(index, index + 3)
        return stamp.text() if stamp else None

    assert (at(False, one), at(False, two)) == ("2008-06-13T19:59:53.000", "2008-06-13T20:00:00.000")
    assert (at(True, one), at(True, two)) == ("2008-06-13T20:00:00.000", "2008-06-13T20:00:00.000")
    assert Clock(b"", False).at(0, 0) is None
