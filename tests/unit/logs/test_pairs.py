# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pairs: the id of a fault is the same in the client's and the server's log."""

from __future__ import annotations

from ansible_collections.unblock.updates.plugins.plugin_utils._logs.pairs import pair
from tests.unit.logs.material import FAULT, FIXTURES, scan_bytes

CLIENT = [event.as_dict() for event in scan_bytes((FIXTURES / "advisory-954960-cs-client.log").read_bytes()).events]
SERVER = [event.as_dict() for event in scan_bytes((FIXTURES / "advisory-954960-cs-server.log").read_bytes()).events]
SITE = [event.as_dict() for event in scan_bytes((FIXTURES / "s3-pos-01.log").read_bytes()).events]
EXPECTED = {
    "advisory": "954960",
    "fault_id": FAULT,
    "client": "pc1",
    "client_time": "2008-06-13T19:59:56.617",
    "server": "wsus1",
    "server_time": "2008-06-14T02:59:57.642Z",
}


def test_one_event_seen_from_both_sides() -> None:
    assert pair({"pc1": CLIENT, "pc0": []}, {"wsus1": SERVER, "wsus0": []}) == [EXPECTED]


def test_a_server_that_is_its_own_client() -> None:
    both = {"wsus1": CLIENT + SERVER}
    assert pair(both, both) == [{**EXPECTED, "client": "wsus1"}]


def test_no_pair_without_the_same_id() -> None:
    other = [{**CLIENT[0], "fault_ids": ["11111111-2222-3333-4444-555555555555"]}]
    assert pair({"pc1": other}, {"wsus1": SERVER}) == []
    assert pair({"pc1": SERVER}, {"wsus1": CLIENT}) == []


def test_update_numbers_of_sites_are_no_pairs() -> None:
    assert SITE[0]["fault_ids"] == ["1293995"]
    assert pair({"site1": SITE}, {"site2": SITE}) == []


def test_order() -> None:
    pairs = pair({"pc2": CLIENT, "pc1": CLIENT}, {"wsus2": SERVER, "wsus1": SERVER})
    assert [(one["client"], one["server"]) for one in pairs] == [
        ("pc1", "wsus1"),
        ("pc1", "wsus2"),
        ("pc2", "wsus1"),
        ("pc2", "wsus2"),
    ]
