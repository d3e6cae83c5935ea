# Copyright (c) 2026, unblock.updates contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a job leaves for the jobs after it: bounded, and below a key that no other run has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ansible_collections.unblock.updates.plugins.plugin_utils._report.job_stats import LIMIT, TOO_LONG, job_stats
from tests.unit.report.samples import RUN, assessment, every_status, hostile_result, report, result

FOLDER = Path("/srv/report")
KEY = "unblock_result_20261121T100000Z_1f2e3d4c"


def test_counts_and_names_are_told_by_status() -> None:
    written = report(*every_status(), result("wsus2", assessment("compliant")), check_mode=True)
    assert job_stats(written, FOLDER) == {
        KEY: {
            "run_id": RUN,
            "generated_at": "2026-11-21T10:05:00Z",
            "check_mode": True,
            "report_dir": "/srv/report",
            "counts": {
                "hosts": 12,
                "blocked": 4,
                "by_status": {host["status"]: 1 for host in written["hosts"]} | {"compliant": 2},
            },
            "names": {host["status"]: [host["status"]] for host in written["hosts"]}
            | {"compliant": ["compliant", "wsus2"]},
        }
    }


@pytest.mark.parametrize(("run_id", "name"), [("nightly 1/2", "nightly_1_2"), ("Prüfung", "Pr_fung")])
def test_the_key_is_the_name_of_a_variable(run_id: str, name: str) -> None:
    (key,) = job_stats({**report(), "run_id": run_id}, FOLDER)
    assert key == f"unblock_result_{name}" and key.isidentifier() and key.isascii()


@pytest.mark.parametrize(("hosts", "kept"), [(1_000, True), (10_000, False)])
def test_names_that_are_too_many_give_way_to_a_note(hosts: int, kept: bool) -> None:
    written = report(*(result(f"wsus{number:05}.site{number % 40:02}.example.com") for number in range(hosts)))
    stats = job_stats(written, FOLDER)
    assert len(json.dumps(stats).encode()) <= LIMIT
    assert stats[KEY]["counts"]["by_status"] == {"non_compliant": hosts}
    assert ("names" in stats[KEY]) is kept
    assert stats[KEY].get("note") == (None if kept else TOO_LONG)


def test_hosts_cannot_make_the_counts_too_long() -> None:
    written = report(*(hostile_result(f"{number:03}{'x' * 97}") for number in range(1_000)))
    assert len(json.dumps(job_stats(written, FOLDER)).encode()) <= LIMIT
