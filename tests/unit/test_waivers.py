# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waivers: which entries are taken, which verdicts they speak of, and what becomes of those."""

from __future__ import annotations

import copy
import datetime
import typing as t

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.host_file import HOST_FILES
from ansible_collections.unblock.updates.plugins.plugin_utils._report.model import Assessment, HostResult
from ansible_collections.unblock.updates.plugins.plugin_utils._report.status import STATUSES
from ansible_collections.unblock.updates.plugins.plugin_utils._waivers import (
    Waiver,
    WaiverError,
    apply_waivers,
    read_waivers,
)

TODAY = datetime.date(2026, 11, 21)
ENTRY = {
    "host": "wsus-*",
    "advisory": "954960",
    "reason": "The branch closes.",
    "owner": "Jane Doe",
    "expires": "2027-01-31",
}
WAIVER = Waiver("wsus-*", "954960", "The branch closes.", "Jane Doe", datetime.date(2027, 1, 31))


def verdict(status: str = "non_compliant", advisory: str = "954960") -> Assessment:
    return {
        "advisory": advisory,
        "status": status,
        "action": "apply_kb954960",
        "reason": "The file is old.",
        "next_step": "Install KB954960.",
        "symptom": {"seen": None, "suspected": None, "first": None, "last": None, "count": None},
        "verification": "not_attempted",
        "evidence": [],
    }


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(ENTRY, id="texts"),
        pytest.param({**ENTRY, "advisory": 954960}, id="a number as YAML reads it"),
        pytest.param({**ENTRY, "expires": datetime.date(2027, 1, 31)}, id="a date as YAML reads it"),
        pytest.param({**ENTRY, "reason": "The branch\n closes.\n", "owner": " Jane Doe"}, id="lines of a folded text"),
    ],
)
def test_an_entry_is_taken(entry: dict[str, t.Any]) -> None:
    assert read_waivers([entry]) == (WAIVER,)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("wsus01", "unblock_waivers: 'wsus01' is not of type 'array'"),
        (ENTRY, "unblock_waivers: {"),
        (["wsus01"], "unblock_waivers[0]: 'wsus01' is not of type 'object'"),
        (
            [ENTRY, {**ENTRY, "experis": "2027-01-31"}],
            "unblock_waivers[1]: unknown key 'experis'; did you mean 'expires'?",
        ),
        (
            [{key: value for key, value in ENTRY.items() if key != "expires"} | {"expire": "2027-01-31"}],
            "unblock_waivers[0]: unknown key 'expire'; did you mean 'expires'?",
        ),
        ([{**ENTRY, 1: "x"}], "unblock_waivers[0]: unknown key '1'"),
        *(
            ([{key: value for key, value in ENTRY.items() if key != name}], f"[0]: '{name}' is a required property")
            for name in ENTRY
        ),
        ([{**ENTRY, "expires": None}], "unblock_waivers[0].expires: None is not of type 'string'"),
        ([{**ENTRY, "expires": "never"}], "unblock_waivers[0].expires: 'never' is not a 'date'"),
        ([{**ENTRY, "expires": "2027-02-30"}], "unblock_waivers[0].expires: '2027-02-30' is not a 'date'"),
        ([{**ENTRY, "expires": datetime.datetime(2027, 1, 31, 9)}], "'2027-01-31T09:00:00' is not a 'date'"),
        ([{**ENTRY, "reason": "  "}], "unblock_waivers[0].reason: ''"),
        ([{**ENTRY, "owner": ""}], "unblock_waivers[0].owner: ''"),
        ([{**ENTRY, "host": ""}], "unblock_waivers[0].host: ''"),
        ([{**ENTRY, "host": ["a", "b"]}], "unblock_waivers[0].host: ['a', 'b'] is not of type 'string'"),
        ([{**ENTRY, "advisory": "*"}], "unblock_waivers[0].advisory: '*' does not match"),
    ],
)
def test_an_entry_is_refused_by_its_place(value: t.Any, words: str) -> None:
    with pytest.raises(WaiverError) as caught:
        read_waivers(value)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("pattern", "host", "covers"),
    [
        ("wsus-1", "wsus-1", True),
        ("wsus-1", "wsus-10", False),
        ("wsus-?", "wsus-1", True),
        ("wsus-[12]", "wsus-3", False),
        ("*", "anything", True),
        ("WSUS-*", "wsus-1", False),
        ("wsus", "my.wsus.example", False),
    ],
)
def test_hosts_are_matched_whole(pattern: str, host: str, covers: bool) -> None:
    waivers = read_waivers([{**ENTRY, "host": pattern}])
    assert (apply_waivers(verdict(), waivers, host, TODAY)["status"] == "waived") is covers


@pytest.mark.parametrize("status", STATUSES)
def test_which_verdicts_can_be_waived(status: str) -> None:
    waived = apply_waivers(verdict(status), [WAIVER], "wsus-1", TODAY)
    if status in ("non_compliant", "unknown"):
        assert (waived["status"], waived["action"], waived["waiver"]["would_be"]) == ("waived", "none", status)
    else:
        assert waived == verdict(status)


def test_another_advisory_is_not_waived() -> None:
    assert apply_waivers(verdict(advisory="954474"), [WAIVER], "wsus-1", TODAY) == verdict(advisory="954474")


def test_a_waived_verdict_keeps_what_it_replaces() -> None:
    original = verdict()
    waived = apply_waivers(original, [WAIVER], "wsus-1", TODAY)
    assert waived["waiver"] == {
        "reason": "The branch closes.",
        "owner": "Jane Doe",
        "expires": "2027-01-31",
        "would_be": "non_compliant",
        "would_do": "apply_kb954960",
    }
    assert waived["reason"] == (
        "Waived until 2027-01-31 by Jane Doe (The branch closes.), otherwise non_compliant: The file is old."
    )
    assert waived["next_step"] == "Nothing until 2027-01-31. Without the waiver: Install KB954960."
    assert original == verdict(), "the verdict that was given is not altered"


@pytest.mark.parametrize(
    ("today", "status"),
    [
        (datetime.date(2027, 1, 30), "waived"),
        (datetime.date(2027, 1, 31), "waived"),
        (datetime.date(2027, 2, 1), "non_compliant"),
    ],
)
def test_its_last_day_counts(today: datetime.date, status: str) -> None:
    judged = apply_waivers(verdict(), [WAIVER], "wsus-1", today)
    assert judged["status"] == status
    assert ("expired_waivers" in judged) is (status != "waived")


OLD = Waiver("wsus-1", "954960", "Until the move.", "John Doe", datetime.date(2026, 11, 20))
OLD_LISTED = {"reason": "Until the move.", "owner": "John Doe", "expires": "2026-11-20"}


@pytest.mark.parametrize("status", STATUSES)
def test_an_expired_one_counts_for_nothing_and_is_listed(status: str) -> None:
    judged = apply_waivers(verdict(status), [OLD], "wsus-1", TODAY)
    assert judged == {**verdict(status), "expired_waivers": [OLD_LISTED]}


def test_an_expired_one_beside_a_valid_one_is_listed_too() -> None:
    later = Waiver("*", "954960", "Again.", "Jim Doe", datetime.date(2026, 12, 1))
    judged = apply_waivers(verdict(), [OLD, later, WAIVER], "wsus-1", TODAY)
    assert (judged["waiver"]["owner"], judged["expired_waivers"]) == ("Jim Doe", [OLD_LISTED])


def test_an_expired_one_of_another_host_is_not_listed() -> None:
    assert apply_waivers(verdict(), [OLD], "wsus-2", TODAY) == verdict()


def test_what_it_makes_fits_the_schema_of_a_hosts_result(tmp_path: t.Any) -> None:
    judged = apply_waivers(verdict(), [OLD, WAIVER], "wsus-1", TODAY)
    result: HostResult = {
        "run_id": "r",
        "finished_at": "2026-11-21T10:00:00Z",
        "check_mode": False,
        "rules": [],
        "host": {
            "name": "wsus-1",
            "status": "waived",
            "os": None,
            "wsus": None,
            "configmgr": None,
            "assessments": [judged],
            "error": None,
        },
        "events": [],
    }
    assert HOST_FILES.write(tmp_path, result).exists()
    without = copy.deepcopy(t.cast(t.Any, result))
    del without["host"]["assessments"][0]["waiver"]["owner"]
    with pytest.raises(Exception, match="owner"):
        HOST_FILES.write(tmp_path, without)
