# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Maintenance windows: days, midnight, clocks that are put forward and back, and what is refused."""

from __future__ import annotations

import datetime
import typing as t

import pytest
import yaml
from ansible.errors import AnsibleFilterError

from ansible_collections.unblock.updates.plugins.plugin_utils._remedy.window import DAYS, WindowError, read_windows
from ansible_collections.unblock.updates.plugins.test.open_window import open_window

WORKING_NIGHTS = [{"days": ["mon", "tue", "wed", "thu", "fri"], "from": "22:00", "to": "04:00"}]


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2008-08-18T21:59:59Z", False),  # a Monday
        ("2008-08-18T22:00:00Z", True),
        ("2008-08-19T03:59:59Z", True),
        ("2008-08-19T04:00:00Z", False),
        ("2008-08-23T03:00:00Z", True),  # Saturday morning: the window of Friday
        ("2008-08-23T22:30:00Z", False),
        ("2008-08-25T03:00:00Z", False),  # Monday morning: Sunday has none
        ("2008-08-19T00:30:00+02:00", True),
        ("2008-08-19T05:30:00+02:00", True),
    ],
)
def test_a_window_across_midnight_belongs_to_the_day_on_which_it_opens(at: str, is_open: bool) -> None:
    assert open_window(WORKING_NIGHTS, at) is is_open


@pytest.mark.parametrize(
    ("at", "is_open"),
    [
        ("2008-08-20T19:59:00Z", False),
        ("2008-08-20T20:00:00Z", True),  # 22:00 in summer
        ("2008-12-10T20:30:00Z", False),
        ("2008-12-10T21:00:00Z", True),  # 22:00 in winter
        ("2008-03-29T21:00:00Z", True),
        ("2008-03-30T01:59:00Z", True),  # 03:59, the clock was put forward at 02:00
        ("2008-03-30T02:00:00Z", False),
        ("2008-10-26T02:59:00Z", True),  # 03:59, the clock was put back at 03:00
        ("2008-10-26T03:00:00Z", False),
    ],
)
def test_the_time_zone_of_the_window_counts(at: str, is_open: bool) -> None:
    assert open_window([{"from": "22:00", "to": "04:00", "timezone": "Europe/Berlin"}], at) is is_open


def test_the_clock_of_the_moment_may_be_in_any_zone() -> None:
    window = read_windows([{"from": "09:00", "to": "10:00"}])[0]
    zone = datetime.timezone(datetime.timedelta(hours=14))
    assert window.is_open(datetime.datetime(2008, 8, 20, 23, 30, tzinfo=zone))
    assert not window.is_open(datetime.datetime(2008, 8, 20, 9, 30, tzinfo=zone))


def test_times_are_understood_as_people_write_them() -> None:
    written = yaml.safe_load("[{from: 22:00, to: 04:00}, {from: '9:30', to: 24:00, days: [sun]}]")
    assert written[0]["from"] == 22 * 60, "a number to the base of 60"
    night, morning = read_windows(written)
    assert (night.opens, night.closes) == (22 * 60, 28 * 60)
    assert (morning.opens, morning.closes, morning.days) == (570, 1440, {6})


def test_no_windows_are_always_open_and_one_of_many_is_enough() -> None:
    assert open_window([])
    both = [{"from": "00:00", "to": "01:00"}, {"from": "12:00", "to": "13:00"}]
    assert [open_window(both, f"2008-08-20T{hour:02}:30:00Z") for hour in (0, 6, 12)] == [True, False, True]


def test_without_a_moment_the_clock_of_the_controller_counts() -> None:
    assert open_window([{"from": "00:00", "to": "24:00"}])
    far = DAYS[(datetime.datetime.now(datetime.timezone.utc).weekday() + 3) % 7]
    assert not open_window([{"from": "00:00", "to": "24:00", "days": [far]}])


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ({"from": "22:00", "to": "04:00"}, "must be a list of windows"),
        (["22:00-04:00"], r"remediate_window\[0\] must have from and to"),
        ([{"from": "22:00"}], "must have from and to"),
        ([{"from": "22:00", "to": "04:00", "day": "mon"}], "nothing else"),
        ([{"from": "22:00", "to": "24:01"}], r"\[0\].to must be a time of the day"),
        ([{"from": "22", "to": "04:00"}], r"\[0\].from must be a time of the day"),
        ([{"from": True, "to": "04:00"}], "must be a time of the day"),
        ([{"from": "10:00", "to": "10:00"}], "never open"),
        ([{"from": "24:00", "to": "10:00"}], "never open"),
        ([{"from": "22:00", "to": "04:00", "days": "mon"}], "must be a list of mon"),
        ([{"from": "22:00", "to": "04:00", "days": []}], "must be a list of mon"),
        ([{"from": "22:00", "to": "04:00", "days": ["Monday"]}], "must be a list of mon"),
        ([{"from": "22:00", "to": "04:00", "timezone": "Mars/Olympus"}], "tzdata"),
        ([{"from": "22:00", "to": "04:00", "timezone": "/etc/passwd"}], "time zone that the controller knows"),
    ],
)
def test_what_is_wrong_is_named(windows: t.Any, words: str) -> None:
    with pytest.raises(WindowError, match=words):
        read_windows(windows)
    with pytest.raises(AnsibleFilterError, match="open_window: remediate_window"):
        open_window(windows)


@pytest.mark.parametrize("at", ["2008-08-20T22:00:00", "yesterday", 5])
def test_a_moment_without_an_offset_is_refused(at: t.Any) -> None:
    with pytest.raises(AnsibleFilterError, match="at must"):
        open_window([], at)
