# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Healthy lines: work that the fault would have stopped, on which a proof rests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.unit.logs.material import FIXTURES, scan_bytes, scan_on_host, signature

MANAGED = "{3DA21691-E39D-4DA6-8A4B-B43877BCB1B7}"
ONLINE = "{9482F4B4-E343-43B6-B170-9A65BC822C77}"
FAILED = (FIXTURES / "advisory-954960-cs-client.log").read_text(encoding="utf-8")
FAILED += "2008-06-13 19:59:56:617 788 ee4 Agent * WARNING: Failed to synchronize, error = 0x8024400E\n"


def sync(hour: int, service: str = MANAGED, found: str = "0 updates and 10 categories") -> str:
    lines = (
        "PT\t+++++++++++  PT: Synchronizing server updates  +++++++++++",
        f"PT\t  + ServiceId = {service}, Server URL = http://wsus/ClientWebService/client.asmx",
        "PT\t+++++++++++  PT: Synchronizing extended update info  +++++++++++",
        f"PT\t  + ServiceId = {service}, Server URL = http://wsus/ClientWebService/client.asmx",
        "Agent\t  * Added update {AC94DB3B-E1A8-4E92-9FD0-E86F355E6A44}.100 to search result",
        f"Agent\t  * Found {found} in search; evaluated appl. rules of 435 out of 712 deployed entities",
    )
    return "".join(f"2008-08-20\t{hour:02}:00:0{number}:000\t 788\tee4\t{line}\n" for number, line in enumerate(lines))


def legacy(hour: int, summary: str, failure: str = "") -> str:
    tool = r"C:\Program Files\Microsoft Configuration Manager\bin\i386\updatewuscatalog.exe"
    lines = ("Performing legacy sync", f"Started with command line: {tool} /x", failure, f"Updates summary: {summary}")
    stamp = f"$$<SMS_WSUS_SYNC_MANAGER><Wed Aug 20 {hour:02}:00:00.000 2008 Pacific Daylight Time><thread=404 (0x194)>"
    return "".join(f"{line}  {stamp}\n" for line in lines if line)


FAULT = "Error 0x80004005, Unexpected DeploymentAction for update 1293995. Returned from CreateUpdateNode"
ZEROS = "0 processed, 0 matched, 0 outdated, 0 updated"
WORK = "120 processed, 80 matched, 3 outdated, 3 updated"


@pytest.mark.parametrize(
    ("log", "text", "last"),
    [
        ("client", sync(3), "2008-08-20T03:00:05.000"),
        ("client", sync(3) + sync(5), "2008-08-20T05:00:05.000"),
        ("client", sync(3) + sync(5, ONLINE) * 3, "2008-08-20T03:00:05.000"),
        ("client", FAILED + sync(3), "2008-08-20T03:00:05.000"),
        ("client", sync(3) + FAILED, "2008-08-20T03:00:05.000"),
        ("client", sync(3, ONLINE), None),
        ("client", FAILED, None),
        ("client", FAILED + sync(5, ONLINE).split("\n")[-2] + "\n", None),
        ("site", legacy(3, WORK), "2008-08-20T03:00:00.000"),
        ("site", legacy(3, WORK) + legacy(4, ZEROS, FAULT), "2008-08-20T03:00:00.000"),
        ("site", legacy(4, ZEROS, FAULT) + legacy(5, WORK), "2008-08-20T05:00:00.000"),
        ("site", legacy(3, WORK, FAULT), None),
        ("site", legacy(3, ZEROS), None),
        ("site", (FIXTURES / "s3-neg-01.log").read_text(encoding="utf-8"), None),
    ],
)
def test_newest_finished_work(log: str, text: str, last: str | None) -> None:
    data = text.encode()
    for result in (scan_bytes(data, log), scan_bytes(data, log, piece=500), scan_on_host(text, log)):
        (healthy,) = result.healthy
        assert healthy.last == last
        if healthy.where:
            line = text.split("\n")[int(healthy.where.partition(":")[2]) - 1]
            assert "Found" in line or "summary" in line


def test_in_utc() -> None:
    (healthy,) = scan_bytes(sync(3).encode(), "client", offset=timedelta(hours=2)).healthy
    assert healthy.last == "2008-08-20T01:00:05.000Z"
    began = "2008-08-20 02:59:00:000 788 ee4 Misc = Logging initialized (build: 7.1.6001.65, tz: -0700) =\n"
    (healthy,) = scan_bytes((began + sync(3)).encode(), "client", offset=timedelta(hours=2)).healthy
    assert healthy.last == "2008-08-20T10:00:05.000Z"


def test_a_server_log_tells_none() -> None:
    assert signature("server").work is None
    (healthy,) = scan_bytes(b"", "server").healthy
    assert (healthy.last, healthy.where) == (None, None)
