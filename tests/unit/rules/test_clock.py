# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a host's clock is off, and when that is worth a word."""

from __future__ import annotations

import datetime

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._rules.clock import clock_skew, skew_evidence
from tests.unit.rules.support import readings

RECEIVED = datetime.datetime(2008, 8, 1, 10, 0, 0, 400_000, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    ("time", "skew"),
    [
        ("2008-08-01T10:00:00Z", 0),
        ("2008-08-01T10:00:05Z", 5),
        ("2008-08-01T09:00:00Z", -3600),
        ("2009-08-01T10:00:00Z", 365 * 86400),
        ("2008-02-30T10:00:00Z", None),
    ],
)
def test_skew(time: str, skew: int | None) -> None:
    assert clock_skew(readings({}, time=time), RECEIVED) == skew


@pytest.mark.parametrize(
    ("skew", "offset", "observed"),
    [
        (301, 0, "5 minutes ahead (local time is UTC+00:00)"),
        (-4000, 330, "66 minutes behind (local time is UTC+05:30)"),
        (7200, -210, "120 minutes ahead (local time is UTC-03:30)"),
    ],
)
def test_a_clock_that_is_off_is_evidence(skew: int, offset: int, observed: str) -> None:
    (entry,) = skew_evidence(readings({}, utc_offset_minutes=offset), skew)
    assert (entry["where"], entry["observed"]) == ("clock", observed)
    assert entry["expected"] == "within 5 minutes of the controller's clock"


@pytest.mark.parametrize("skew", [0, 300, -300, None])
def test_a_difference_that_is_no_matter_is_none(skew: int | None) -> None:
    assert skew_evidence(readings({}, utc_offset_minutes=0), skew) == []
