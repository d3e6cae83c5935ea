# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a host found in its log: how far its silence goes."""

from __future__ import annotations

import datetime
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._host_logs import search_read
from ansible_collections.unblock.updates.plugins.plugin_utils._rules.readings import Readings

READINGS = Readings({"probe": {"utc_offset_minutes": 0, "ansi_code_page": "1252"}, "reads": {}})
SINCE = datetime.datetime(2008, 7, 15, tzinfo=datetime.timezone.utc)
LOG = {
    "path": r"C:\WSUS\LogFiles\SoftwareDistribution.log",
    "head": "2008-06-14 02:00:03.271 UTC\tInfo\tWsusService.4\tx\r\n",
    "lines": "\r\n4:2008-06-14 02:59:57.642 UTC\tInfo\tw3wp.6\tx",
    "truncated": True,
}


@pytest.mark.parametrize(
    ("ended", "incomplete"),
    [({}, None), ({"ended": True}, "its search took too long and was ended")],
    ids=["cut at its front", "ended"],
)
def test_an_old_entry_does_not_show_that_the_newest_were_searched(
    ended: dict[str, t.Any], incomplete: str | None
) -> None:
    assert search_read(READINGS, {**LOG, **ended}, (), SINCE).incomplete == incomplete
